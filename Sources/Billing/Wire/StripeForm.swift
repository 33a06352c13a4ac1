import Crypto
import Domain
import Foundation

/// Parameters of a call, as Stripe takes them: a form, with brackets for what is nested.
struct StripeForm: Sendable, Hashable {
    private(set) var pairs: [Pair] = []

    struct Pair: Sendable, Hashable {
        var name: String
        var value: String
    }

    init(_ pairs: KeyValuePairs<String, String> = [:]) {
        self.pairs = pairs.map { Pair(name: $0.key, value: $0.value) }
    }

    mutating func add(_ name: String, _ value: String) { pairs.append(Pair(name: name, value: value)) }

    /// As it is sent in a body or behind the question mark of an address.
    var text: String {
        pairs.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// The same for the same parameters, and says nothing of them, in lower-case hexadecimal digits.
    var digest: String { SHA256.hash(data: Data(text.utf8)).hexadecimal }

    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
