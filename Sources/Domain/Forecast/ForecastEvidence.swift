/// A question that is asked of every open issue: is it done by then?
public enum ForecastQuestion: String, Sendable, Hashable, Codable, CaseIterable {
    /// By the team's usual time: the 80th percentile of its lead times.
    case usual
    /// By the end of its due day.
    case due
    /// By the planned end of its active sprint.
    case sprint
}

/// What a tenant is shown, by the evidence there is: never a number that has not been earned.
public enum ForecastRung: String, Sendable, Hashable, Codable, CaseIterable {
    /// No number: how old the issue is among what the team finished.
    case percentile
    /// Low, medium or high, from other teams' history.
    case prior
    /// A number from age alone, which nothing beat.
    case age
    /// The tenant's own model.
    case own

    /// Whether a probability is shown as a number.
    public var givesNumbers: Bool { self == .age || self == .own }
}

/// Evidence that is missing, in numbers.
public struct MissingEvidence: Sendable, Codable, Hashable {
    /// What is counted.
    public enum Kind: String, Sendable, Codable {
        case finishedIssues = "finished_issues"
        case testIssues = "test_issues"
        case lateIssues = "late_issues"
        case onTimeIssues = "on_time_issues"

        /// In words for people, in the plural.
        public var words: String {
            switch self {
            case .finishedIssues: "finished issues"
            case .testIssues: "issues"
            case .lateIssues: "issues that came late"
            case .onTimeIssues: "issues that were on time"
            }
        }
    }

    /// What is counted.
    public var kind: Kind
    /// How many there are.
    public var have: Int
    /// How many there have to be.
    public var need: Int

    private enum CodingKeys: String, CodingKey { case kind, have, need }

    /// Nil where nothing is missing.
    public init?(_ kind: Kind, have: Int, need: Int) {
        guard have < need else { return nil }
        self.kind = kind
        self.have = have
        self.need = need
    }
}

/// On the prior's rung: words instead of numbers.
public enum ForecastLevel: String, Sendable, Hashable, Codable { case low, medium, high }

/// A probability as people are shown it.
public enum ShownProbability {
    /// In whole percent: rounded to 5, and never surer than 2 or 98.
    public static func percent(_ probability: Double) -> Int {
        min(max(Int((probability * 20).rounded()) * 5, 2), 98)
    }

    /// Under a third, under two thirds, and above.
    public static func level(_ probability: Double) -> ForecastLevel {
        probability < 1.0 / 3 ? .low : probability < 2.0 / 3 ? .medium : .high
    }
}
