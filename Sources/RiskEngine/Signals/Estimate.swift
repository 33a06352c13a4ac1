import Domain

/// How many days of work an issue is.
struct Estimate: Sendable {
    private let byPriority: [String: Double]
    private let fallback: Double

    init(_ configuration: RiskConfiguration) {
        let configured = Self.inLowerCase(configuration.daysByPriority)
        byPriority =
            switch configuration.profile {
            case .classic: configured
            case .standard:
                configured.merging(Self.inLowerCase(RiskConfiguration.daysByOtherPriority)) { own, _ in own }
            }
        fallback = configuration.defaultEstimateDays
    }

    /// Story points where there are any, else by priority.
    func days(of issue: Issue) -> Double {
        if let points = issue.storyPoints, points > 0, points.isFinite { return min(points, 10_000) }
        return issue.priority.flatMap { byPriority[$0.lowercased()] } ?? fallback
    }

    private static func inLowerCase(_ days: [String: Double]) -> [String: Double] {
        // Sorted, so that of two spellings of one priority always the same one wins.
        Dictionary(
            days.sorted { $0.key < $1.key }.map { ($0.key.lowercased(), $0.value) },
            uniquingKeysWith: { first, _ in first })
    }
}
