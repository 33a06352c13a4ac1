import Domain
import Foundation

extension Timestamp {
    /// The host's wall clock, right or wrong; the daemon's parts go by ``TrustedClock``.
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
