import Domain

/// The original's sentiment factor: `int(0.3 × negative %)`, in the same floating-point steps.
struct ClassicSentimentFactor: ScoreFactor {
    let name = Factor.Name.sentiment
    let cap = 30
    let tally: SentimentTally

    var turningPoints: [Timestamp] { [] }

    func points(at now: Timestamp) -> Int { Int(0.3 * tally.negativePercent) }

    func explanation(at now: Timestamp) -> String {
        if tally.entries.isEmpty { return "There are no comments." }
        return "\(tally.negatives.count) of \(Wording.count(tally.entries.count, "comment")) "
            + "\(tally.negatives.count == 1 ? "sounds" : "sound") negative (\(Wording.number(tally.negativePercent))%)."
    }

    func remedy(at now: Timestamp) -> String { "Answer the negative comments and settle what they complain about." }

    func evidence(at now: Timestamp) -> [Evidence] { tally.evidence }
}

/// The original's blockers factor: ten points for each comment that mentions one, at most 30.
struct ClassicBlockersFactor: ScoreFactor {
    let name = Factor.Name.blockers
    let cap = 30
    let blockers: [Blocker]

    var turningPoints: [Timestamp] { [] }

    func points(at now: Timestamp) -> Int { min(cap, 10 * blockers.count) }

    func explanation(at now: Timestamp) -> String {
        if blockers.isEmpty { return "No comment mentions a blocker." }
        return "\(Wording.count(blockers.count, "comment mentions", plural: "comments mention")) a blocker."
    }

    func remedy(at now: Timestamp) -> String {
        "The classic rules count a mention for good: edit or delete the comments that no longer hold."
    }

    func evidence(at now: Timestamp) -> [Evidence] { blockers.map(\.evidence) }
}
