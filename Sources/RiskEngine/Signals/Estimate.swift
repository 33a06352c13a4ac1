import Domain

/// How many days of work an issue is.
struct Estimate: Sendable {
    private let byPriority: [String: Double]
    private let fallback: Double
    private let profile: RiskConfiguration.Profile
    /// A day of work, as Jira's time tracking counts unless told otherwise.
    private static let secondsPerDay = 8.0 * 3600

    init(_ configuration: RiskConfiguration) {
        let configured = Self.inLowerCase(configuration.daysByPriority)
        byPriority =
            switch configuration.profile {
            case .classic: configured
            case .standard:
                configured.merging(Self.inLowerCase(RiskConfiguration.daysByOtherPriority)) { own, _ in own }
            }
        fallback = configuration.defaultEstimateDays
        profile = configuration.profile
    }

    /// In `standard` what time tracking says is left, else story points, of which 0 are an estimate too, else by priority. In
    /// `classic` story points where there are any, else by priority.
    func days(of issue: Issue) -> Double {
        if profile == .standard, let left = Self.daysLeft(of: issue) { return left }
        if let points = issue.storyPoints, points.isFinite, points > 0 || profile == .standard && points == 0 {
            return min(points, 10_000)
        }
        return issue.priority.flatMap { byPriority[$0.lowercased()] } ?? fallback
    }

    /// The remaining estimate; where only the original one is there, that less what was logged. Nil without either.
    private static func daysLeft(of issue: Issue) -> Double? {
        guard let tracking = issue.timeTracking else { return nil }
        let spent = tracking.timeSpent ?? 0
        guard let left = tracking.remainingEstimate ?? tracking.originalEstimate.map({ max(0, $0 - spent) }) else {
            return nil
        }
        return Double(left) / secondsPerDay
    }

    private static func inLowerCase(_ days: [String: Double]) -> [String: Double] {
        // Sorted, so that of two spellings of one priority always the same one wins.
        Dictionary(
            days.sorted { $0.key < $1.key }.map { ($0.key.lowercased(), $0.value) },
            uniquingKeysWith: { first, _ in first })
    }
}
