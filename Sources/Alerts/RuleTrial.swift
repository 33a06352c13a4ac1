public import Domain

/// Plays a rule over the stored scores of an issue: when it would have fired. Pure, and by the verdicts of the planner, so that
/// an unchanged rule gives what was raised.
public struct RuleTrial: Sendable {
    /// One alert that the rule would have raised.
    public struct Ring: Sendable, Hashable {
        /// When it would have been raised.
        public var at: Timestamp
        /// The key that the issue had then.
        public var issueKey: IssueKey
        /// The project that the issue was in then.
        public var projectKey: String
        /// The score then, 0–100.
        public var score: Int
        /// The highest score until it cleared, or until the end of the history, 0–100.
        public var highestScore: Int
        /// When the condition ended; nil while it held.
        public var clearedAt: Timestamp?
        /// The score when it ended, 0–100; nil while it held.
        public var clearedScore: Int?
    }

    let rule: AlertRule
    private let projectKeys: Set<String>

    /// Nil for a rule on the forecast: what was forecast in the past is not stored.
    ///
    /// - Parameter rule: plays as if it were enabled.
    public init?(_ rule: AlertRule) {
        guard rule.condition.kind != .forecast else { return nil }
        self.rule = rule
        projectKeys = Set(rule.projectKeys)
    }

    /// Whether what it raises has an end that is told: a spike has none.
    public var hasEnds: Bool { rule.condition.kind != .spike }

    /// What the rule would have raised, oldest first.
    public func rings(in past: ScoredPast) -> [Ring] {
        var (rings, isFiring): ([Ring], Bool) = ([], false)
        var previous: RuleVerdict.Previous?
        var recent = RecentScores()
        for look in past.looks {
            defer { recent.add(ScorePoint(at: look.at, score: look.score)) }
            guard !look.isOnRequest else { continue }
            let before = previous
            // The time at which a score would have changed by itself is a look of its own: nothing moved unseen.
            previous = RuleVerdict.Previous(at: look.at, score: look.score, nextChangeAt: nil)
            guard projectKeys.isEmpty || projectKeys.contains(look.projectKey) else { continue }
            let verdict = verdict(of: look, after: before, recent.before(look.at), wasFiring: isFiring)
            if verdict.isFiring, !isFiring || !verdict.wasHeld {
                if isFiring { close(&rings, at: look) }
                rings.append(
                    Ring(
                        at: look.at, issueKey: look.issueKey, projectKey: look.projectKey, score: look.score,
                        highestScore: look.score))
            } else if verdict.isFiring, let last = rings.indices.last {
                rings[last].highestScore = max(rings[last].highestScore, look.score)
            } else if isFiring {
                close(&rings, at: look)
            }
            isFiring = verdict.isFiring
        }
        return rings
    }

    private func verdict(
        of look: ScoredPast.Look, after previous: RuleVerdict.Previous?, _ recent: some Collection<ScorePoint>,
        wasFiring: Bool
    ) -> RuleVerdict {
        let look = RuleVerdict.Look(at: look.at, score: look.score, isOver: look.isOver, previous: previous)
        return switch rule.condition {
        case .threshold(let raiseAt, let clearBelow):
            .threshold(raiseAt: raiseAt, clearBelow: clearBelow, wasFiring: wasFiring, look)
        case .spike(let points, let windowSeconds):
            .spike(points: points, windowSeconds: windowSeconds, look, recent: recent)
        // No trial is made of one.
        case .forecast: RuleVerdict(isFiring: false)
        }
    }

    private func close(_ rings: inout [Ring], at look: ScoredPast.Look) {
        guard let last = rings.indices.last else { return }
        rings[last].clearedAt = look.at
        rings[last].clearedScore = look.score
    }
}

/// The scores of a history up to an instant, those left out that are too old to be looked back on.
private struct RecentScores {
    private var points: [ScorePoint] = []
    private var start = 0

    mutating func add(_ point: ScorePoint) { points.append(point) }

    mutating func before(_ now: Timestamp) -> ArraySlice<ScorePoint> {
        if let newest = points.last?.at {
            let oldest = newest.adding(days: -Analysis.lookBackDays)
            while start < points.count, points[start].at < oldest { start += 1 }
        }
        return points[start...]
    }
}
