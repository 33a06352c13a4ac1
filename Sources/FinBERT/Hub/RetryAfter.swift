import Foundation

/// The value of a `Retry-After` header (RFC 9110, 10.2.3).
enum RetryAfter {
    /// The time to wait from `now`: stated in seconds or as a date. Nil for anything else, zero for a date that has
    /// passed.
    static func pause(_ text: String, now: Date) -> Duration? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let seconds = Int64(text) { return (0...1_000_000_000).contains(seconds) ? .seconds(seconds) : nil }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = .gmt
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text).map { .seconds(max(0, $0.timeIntervalSince(now).rounded(.up))) }
    }
}
