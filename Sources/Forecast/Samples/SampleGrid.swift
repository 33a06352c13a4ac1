public import Domain

/// The instants at which an issue is looked at for training: weekly, at 00:00 UTC, and which of them are kept.
public struct SampleGrid: Sendable, Hashable {
    /// One of the instants. All others lie whole weeks before or after it.
    public let anchor: Timestamp
    /// The first instant that is used; nil for no limit.
    public let first: Timestamp?

    /// The default grid is that of Mondays.
    public init(anchor: Timestamp = CalendarDay(daysSinceEpoch: 4).startUTC, first: Timestamp? = nil) {
        self.anchor = anchor
        self.first = first
    }

    static let week = 7 * millisecondsPerDay

    /// The samples of an issue that stand for the weeks up to the next kept one, by their number among its weekly samples.
    private static let kept = [0, 1, 2, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64, 90, 128, 181, 256, 362, 512]
    private static let gaps: [Int: Int] = Dictionary(
        uniqueKeysWithValues: zip(kept, zip(kept.dropFirst() + [612], kept).map { $0 - $1 }))

    /// Weeks up to the next kept sample of an issue; nil for a number that is not kept for its own sake.
    static func gap(after number: Int) -> Int? { gaps[number] }

    /// The first instant that is not before `instant`.
    func next(from instant: Timestamp) -> Timestamp {
        let from = max(instant, first ?? instant)
        let offset = from.milliseconds - anchor.milliseconds
        let remainder = ((offset % Self.week) + Self.week) % Self.week
        return remainder == 0 ? from : from.adding(milliseconds: Self.week - remainder)
    }

    /// Whether it is one of every fourth week, at which forecasts are tested.
    func isFourth(_ instant: Timestamp) -> Bool {
        ((instant.milliseconds - anchor.milliseconds) / Self.week) % 4 == 0
    }
}
