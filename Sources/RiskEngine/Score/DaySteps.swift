import Domain

/// A step function of the whole days since an instant.
struct DaySteps {
    /// Where the days begin.
    let since: Timestamp
    /// Increasing; a step begins when *more* than so many whole days have passed.
    let thresholdDays: [Int]

    /// More than `n` whole days have passed from the start of day `n + 1` on.
    var turningPoints: [Timestamp] { thresholdDays.map { since.adding(days: $0 + 1) } }

    /// The last threshold passed; nil before the first.
    func passed(at now: Timestamp) -> Int? {
        let days = now.wholeDays(since: since)
        return thresholdDays.lastIndex { days > $0 }
    }

    /// The sum of the points of the steps passed.
    static func sum(_ steps: [FittedPoints.Step], since: Timestamp, at now: Timestamp) -> Int {
        let days = now.wholeDays(since: since)
        return steps.reduce(0) { days > $1.days ? $0 + $1.points : $0 }
    }
}

extension Wording {
    /// A span of time in its natural unit: `less than an hour`, `5 hours`, `1.5 days`, `423 days`. Not negative.
    static func span(milliseconds: Int64) -> String {
        let hours = Int(max(0, milliseconds) / 3_600_000)
        if hours == 0 { return "less than an hour" }
        if hours < 24 { return count(hours, "hour") }
        return days(Double(milliseconds) / 86_400_000)
    }

    /// `1 day`, `2.5 days`, `12 days`: tenths up to ten days, whole days beyond.
    static func days(_ days: Double) -> String {
        guard days < 10 else { return "\(number(days.rounded(.down))) days" }
        let text = number(days)
        return text == "1" ? "1 day" : "\(text) days"
    }

    /// ` by Ada on 2026-11-20`, the person only where it is known.
    static func cited(_ person: Person?, _ at: Timestamp) -> String {
        (person.map { " by \(Snippet.of($0.displayName, limit: 80))" } ?? "") + " on \(at.utcDay)"
    }
}
