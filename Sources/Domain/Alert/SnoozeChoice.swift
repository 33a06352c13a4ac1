import Foundation

/// For how long alerts are kept back from a message.
public enum SnoozeChoice: String, Sendable, CaseIterable {
    case hour = "1h"
    case day = "1d"
    case threeDays = "3d"
    /// Until the next Monday, 08:00.
    case monday

    /// When the time is over; nil where it depends on a zone that is not known.
    ///
    /// - Parameter timeZone: an IANA name.
    public func end(after now: Timestamp, timeZone: String?) -> Timestamp? {
        switch self {
        case .hour: return now.adding(seconds: 3600)
        case .day: return now.adding(days: 1)
        case .threeDays: return now.adding(days: 3)
        case .monday:
            guard let zone = timeZone.flatMap(TimeZone.init(identifier:)) else { return nil }
            var calendar = Calendar(identifier: .iso8601)
            calendar.timeZone = zone
            // Of the Gregorian calendar's weekdays the second.
            let date = calendar.nextDate(
                after: Date(timeIntervalSince1970: Double(now.milliseconds) / 1000),
                matching: DateComponents(hour: 8, minute: 0, second: 0, weekday: 2), matchingPolicy: .nextTime)
            return date.map { Timestamp(milliseconds: Int64(($0.timeIntervalSince1970 * 1000).rounded())) }
        }
    }
}
