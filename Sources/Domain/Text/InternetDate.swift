import Foundation

/// Dates as mail and HTTP write them, in UTC and English whatever the host's locale.
public enum InternetDate {
    /// For a mail's `Date`: `Tue, 24 Nov 2026 13:18:00 +0000` (RFC 5322, 3.3).
    public static func mail(_ instant: Timestamp) -> String {
        let date = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
        return formatter(zone: "+0000").string(from: date)
    }

    /// Reads HTTP's preferred form, `Tue, 24 Nov 2026 13:18:00 GMT` (RFC 9110, 5.6.7); nil for anything else.
    public static func http(_ text: String) -> Timestamp? {
        guard let date = formatter(zone: "GMT").date(from: text) else { return nil }
        return Timestamp(seconds: Int64(date.timeIntervalSince1970))
    }

    private static func formatter(zone: String) -> DateFormatter {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = .gmt
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '\(zone)'"
        return formatter
    }
}
