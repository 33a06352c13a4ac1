/// How early late issues are flagged, when the threshold is set so that a share of the flagged samples comes true.
public struct FlagLeadTime: Sendable, Codable, Equatable {
    /// The share of flagged samples that came late, at least: 0.8, 0.9 or 0.95.
    public var precision: Double
    /// The probability from which on a sample is flagged, in 0…1.
    public var threshold: Double
    /// The share of the issues that came late that were flagged before their deadline, in 0…1.
    public var flagged: Double
    /// The median of the days from an issue's first flag to its deadline.
    public var days: Double
    /// The median share of the time from creation to the deadline that was left at the first flag, in 0…1.
    public var timeLeft: Double
    /// The share of the flagged issues whose first flag came true, in 0…1.
    public var issuePrecision: Double

    private enum CodingKeys: String, CodingKey {
        case precision, threshold, flagged, days, timeLeft = "time_left", issuePrecision = "issue_precision"
    }
}

extension FlagLeadTime {
    /// A prediction with what lead times need.
    struct Flaggable: Sendable {
        var issue: Int
        var at: Int64
        var probability: Double
        var isLate: Bool
        /// Days to the deadline, and days from creation to it.
        var left: Double
        var allowed: Double
    }

    /// The lead time at the lowest threshold with this precision; nil when no threshold has it, or nothing came late.
    static func of(_ predictions: [Flaggable], precision: Double) -> FlagLeadTime? {
        let ranking = Ranking(predictions.map(\.probability), predictions.map(\.isLate))
        var (hits, threshold) = (0, Double?.none)
        for (place, index) in ranking.order.enumerated() {
            hits += predictions[index].isLate ? 1 : 0
            let probability = predictions[index].probability
            let isLast = place + 1 == ranking.order.count
            // A threshold lies between two different probabilities.
            if !isLast, predictions[ranking.order[place + 1]].probability == probability { continue }
            if Double(hits) >= precision * Double(place + 1) { threshold = probability }
        }
        let late = Set(predictions.lazy.filter(\.isLate).map(\.issue))
        guard let threshold, !late.isEmpty else { return nil }
        var first: [Int: Flaggable] = [:]
        var firstTrue: [Int: Flaggable] = [:]
        for prediction in predictions.sorted(by: { ($0.at, $0.issue) < ($1.at, $1.issue) })
        where prediction.probability >= threshold {
            if first[prediction.issue] == nil { first[prediction.issue] = prediction }
            if prediction.isLate, firstTrue[prediction.issue] == nil { firstTrue[prediction.issue] = prediction }
        }
        let flags = firstTrue.values
        guard !flags.isEmpty else { return nil }
        return FlagLeadTime(
            precision: precision, threshold: threshold, flagged: Double(flags.count) / Double(late.count),
            days: Bootstrap.quantile(flags.map(\.left).sorted(), 0.5),
            timeLeft: Bootstrap.quantile(flags.map { $0.allowed > 0 ? $0.left / $0.allowed : 0 }.sorted(), 0.5),
            issuePrecision: Double(first.values.count { $0.isLate }) / Double(first.count))
    }
}
