import Domain

/// Whether a rule on the score holds for an issue at an instant. Pure: the planner decides by it, and a trial of a rule plays
/// the history by it.
struct RuleVerdict: Sendable, Hashable {
    /// What a verdict rests on.
    struct Look: Sendable {
        /// The instant of the decision.
        var at: Timestamp
        /// The score, 0–100.
        var score: Int
        /// Whether the work is over: done or gone.
        var isOver: Bool
        /// The look before this one; nil for a first look, which is never a spike.
        var previous: Previous?
    }

    /// The look before.
    struct Previous: Sendable, Hashable {
        /// Its instant.
        var at: Timestamp
        /// Its score, 0–100.
        var score: Int
        /// When time alone would change that score; nil for never.
        var nextChangeAt: Timestamp?
    }

    /// Whether the rule holds now.
    var isFiring: Bool
    /// Whether a rule that was holding at the look before held until now. A spike fades with time alone: whether somebody
    /// looked meanwhile must not decide whether the next one rings.
    var wasHeld = true
    /// The score that the alert speaks of as "before".
    var comparedWith: Int?

    /// The verdict of a rule on the height of the score.
    static func threshold(raiseAt: Int, clearBelow: Int, wasFiring: Bool, _ look: Look) -> RuleVerdict {
        // Between the two values a rule stays as it is, so that a score that trembles around one does not ring twice.
        RuleVerdict(
            isFiring: !look.isOver && (look.score >= raiseAt || (wasFiring && look.score >= clearBelow)))
    }

    /// The verdict of a rule on a gain within a window.
    ///
    /// - Parameter recent: the scores of before and at the look, in any order; those of more than
    ///   ``Analysis/lookBackDays`` before the newest one do not count.
    static func spike(
        points: Int, windowSeconds: Int, _ look: Look, recent: some Collection<ScorePoint>
    ) -> RuleVerdict {
        guard !look.isOver else { return RuleVerdict(isFiring: false) }
        let recent = lookedBackOn(recent, before: look.at)
        let lowest = lowest(within: windowSeconds, until: look.at, recent, look.previous)
        var verdict = RuleVerdict(isFiring: false, comparedWith: lowest)
        guard let lowest, look.score - lowest >= points else { return verdict }
        verdict.isFiring = true
        if let previous = look.previous {
            let before = look.at.adding(milliseconds: -1)
            let then = Self.lowest(within: windowSeconds, until: before, recent, previous)
            verdict.wasHeld = then.map { previous.score - $0 >= points } ?? false
        }
        return verdict
    }

    /// What the store gives of a history: as long before its newest score.
    private static func lookedBackOn(
        _ recent: some Collection<ScorePoint>, before now: Timestamp
    ) -> [ScorePoint] {
        let known = recent.filter { $0.at <= now }
        guard let newest = known.lazy.map(\.at).filter({ $0 < now }).max() else { return known }
        let start = newest.adding(days: -Analysis.lookBackDays)
        return known.filter { $0.at >= start }
    }

    /// The lowest score that held at any time of the window; nil where none is known.
    private static func lowest(
        within windowSeconds: Int, until now: Timestamp, _ recent: [ScorePoint], _ previous: Previous?
    ) -> Int? {
        let start = now.adding(seconds: -Int64(windowSeconds))
        var inWindow = recent.filter { $0.at >= start && $0.at <= now }.map(\.score)
        // The score that held when the window began was set before it; unless time alone has moved it since, unseen
        // (after downtime, or a replay of old events): what happened before the window is no spike.
        let movedUnseen = previous.map { $0.at < start && ($0.nextChangeAt ?? .init(milliseconds: .max)) <= start }
        if movedUnseen != true {
            if let held = recent.filter({ $0.at < start }).max(by: { $0.at < $1.at }) { inWindow.append(held.score) }
            if let previous { inWindow.append(previous.score) }
        }
        return inWindow.min()
    }
}
