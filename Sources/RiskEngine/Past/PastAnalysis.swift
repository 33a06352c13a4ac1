public import Domain

/// An issue as it stood at an earlier instant, scored by the rules and the model of today.
public struct PastAnalysis: Sendable {
    /// As it stood, as far as what is stored tells.
    public var issue: Issue
    /// What is held about the issue now.
    public var state: IssueState
    /// As of the instant.
    public var analysis: Analysis
    /// The analysis that the history has of the instant; nil where it has none, or none that can be read.
    public var stored: StoredComparison?
    /// From when on all changes of the issue are known; nil where that is unknown.
    public var knownFrom: Timestamp?
}

/// A stored analysis beside one that was made again for the same instant.
public struct StoredComparison: Sendable, Hashable {
    /// A part of an analysis that is compared.
    public enum Part: String, Sendable, CaseIterable {
        case score, factors, engine
    }

    /// As the history has it; it may speak of an earlier instant, since which nothing had changed.
    public var stored: Analysis
    /// The factors that have other points; before is as stored, after as made again.
    public var moves: [ScoreDifference.Move]
    /// The parts that are not the same; empty where all are.
    public var differing: [Part]

    /// Whether score, factors and engine are the same.
    public var isEqual: Bool { differing.isEmpty }
    /// Whether other rules or another model made the stored one.
    public var isOtherEngine: Bool { differing.contains(.engine) }

    public init(stored: Analysis, again: Analysis) {
        self.stored = stored
        let moves = ScoreDifference.Move.all(from: stored, to: again)
        self.moves = moves
        differing = Part.allCases.filter { part in
            switch part {
            case .score: stored.riskScore != again.riskScore
            case .factors: !moves.isEmpty
            case .engine: stored.engine != again.engine
            }
        }
    }
}

/// The difference of an issue's score between two instants, with what is known besides.
public struct PastDifference: Sendable {
    /// The issue's key now.
    public var issueKey: IssueKey
    /// What made it.
    public var difference: ScoreDifference
    /// As ``PastAnalysis/knownFrom``.
    public var knownFrom: Timestamp?
}

/// Why a past cannot be told.
public enum PastError: Error, Sendable, Hashable {
    /// The issue was created at this instant, which is later.
    case beforeCreation(Timestamp)
    /// More than so many instants lie between the two at which something happened.
    case tooManyEvents(limit: Int)
}
