import Crypto
import Domain
import Foundation

extension FetchedIssue {
    /// Stands for what was fetched, whenever that was: the same issue fetched again is the same delivery.
    var digest: String {
        let mark = Array(#""issue":"#.utf8)
        // The time of the fetch is in front of it.
        let start = body.indices.first { body[$0...].starts(with: mark) } ?? 0
        return SHA256.hash(data: Data(body[start...])).hexadecimal
    }
}
