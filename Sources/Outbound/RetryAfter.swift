public import Domain
import Foundation

/// HTTP's `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.
public enum RetryAfter {
    /// Seconds to wait from `now`, never negative; nil for what is neither a number nor an HTTP date.
    public static func seconds(_ value: String, now: Timestamp) -> Int64? {
        let value = value.trimmingCharacters(in: .whitespaces)
        if !value.isEmpty, value.allSatisfy({ $0.isASCII && $0.isNumber }) { return Int64(value) }
        guard let instant = InternetDate.http(value) else { return nil }
        // Whole seconds, rounded up: never before the date.
        return max(0, (instant.milliseconds - now.milliseconds + 999) / 1000)
    }
}
