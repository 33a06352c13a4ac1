import Domain
import Foundation

extension Timestamp {
    /// The host's wall clock.
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
