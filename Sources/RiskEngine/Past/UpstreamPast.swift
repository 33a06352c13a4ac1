import Domain

/// What was known of the issues that block one, from instant to instant.
struct UpstreamPast: Sendable {
    struct Step: Sendable {
        /// From when on.
        var at: Timestamp
        var risks: [UpstreamRisk]
    }

    /// Oldest first.
    let steps: [Step]

    /// What was known at an instant; nothing before the first step.
    func risks(at instant: Timestamp) -> [UpstreamRisk] { steps.last { $0.at <= instant }?.risks ?? [] }

    /// The instants at which an issue that blocked `rewind`'s issue then got another score, or was finished or reopened.
    func events(of rewind: IssueRewind) -> [ScoreDifference.Event] {
        zip(steps, steps.dropFirst()).flatMap { before, after -> [ScoreDifference.Event] in
            let (known, told) = (Self.byLink(before.risks), Self.byLink(after.risks))
            let links = Set((rewind.issue(at: after.at)?.links ?? []).map(\.id))
            return links.sorted().compactMap { link -> ScoreDifference.Event? in
                let (old, new) = (known[link], told[link])
                guard old?.ownScore != new?.ownScore || old?.isDone != new?.isDone else { return nil }
                return ScoreDifference.Event(
                    at: after.at, kind: .blockingIssue, id: link.rawValue, from: old.map(Self.shown),
                    to: new.map(Self.shown), issueKey: (new ?? old)?.issueKey)
            }
        }
    }

    private static func byLink(_ risks: [UpstreamRisk]) -> [LinkID: UpstreamRisk] {
        Dictionary(risks.map { ($0.linkID, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func shown(_ risk: UpstreamRisk) -> String { risk.isDone ? "done" : "\(risk.ownScore)" }
}
