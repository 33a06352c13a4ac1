import Domain

/// What can be done about an issue, and what the score is after each set of it. Pure.
struct RemedyProblem: Sendable {
    /// Most actions of one issue: all sets of them may be looked at, which are 512 scores.
    static let actionLimit = 9
    /// How far off a new due date may be, in days, to be worth an agreement.
    private static let farthestDueDate = 366

    /// By name.
    let actions: [RemedyAction]
    private let hypothesis: Hypothesis
    /// With the readings of all texts that actions write.
    private let base: ScoringInput

    /// - Parameters:
    ///   - actions: those of ``find(for:input:analysis:)``.
    ///   - input: with the readings of ``issueWithAllTexts(_:of:)``.
    init(_ actions: [RemedyAction], of hypothesis: Hypothesis, input: ScoringInput) {
        self.actions = actions
        self.hypothesis = hypothesis
        self.base = input
    }

    /// The least that brings the score below `target`.
    func least(below target: Int) -> RemedySearch.Found {
        RemedySearch(efforts: actions.map(\.effort)).least(below: target) { score(after: $0) }
    }

    /// The score after the actions at these positions.
    func score(after positions: [Int]) -> Int {
        input(after: positions).map { hypothesis.scorer.score($0, now: hypothesis.now) } ?? 0
    }

    /// What the score after the actions at these positions is made of; nil for an issue of which too little is known.
    func input(after positions: [Int]) -> ScoringInput? {
        var (after, input) = (hypothesis, base)
        for position in positions { after.take(actions[position]) }
        guard let issue = after.issue else { return nil }
        input.issue = issue
        input.upstream = after.upstream(base.upstream, of: issue)
        return input
    }

    /// The past of the issue after the actions at these positions, as forecasts need it; nil as ``input(after:)``.
    func past(after positions: [Int], project: ProjectRecord?) -> IssuePast? {
        input(after: positions).map { hypothesis.scorer.past(of: $0.issue, hypothesis.state, project: project) }
    }

    /// The issue with the texts of all actions, for them to be read.
    static func issueWithAllTexts(_ actions: [RemedyAction], of hypothesis: Hypothesis) -> Issue? {
        var all = hypothesis
        for action in actions { all.takeTexts(of: action) }
        return all.issue
    }
}

// MARK: What there is to do

extension RemedyProblem {
    /// The actions for an issue, by name: at most ``actionLimit``. What would only move the number is not among them: no text is
    /// edited or deleted, no priority lowered, nothing closed that is not done.
    static func find(for hypothesis: Hypothesis, input: ScoringInput, analysis: Analysis) -> [RemedyAction] {
        let finder = ActionFinder(hypothesis: hypothesis, input: input, analysis: analysis)
        let own = finder.own
        return (own + finder.finishing(atMost: actionLimit - own.count)).sorted { $0.name < $1.name }
    }

    /// As ``find(for:input:analysis:)``, of which so many are kept: up to `blocking` that finish one blocking issue each, the riskiest
    /// first, and of the others those that do most.
    static func find(
        for hypothesis: Hypothesis, input: ScoringInput, analysis: Analysis, atMost limit: Int, blocking: Int
    ) -> [RemedyAction] {
        let finder = ActionFinder(hypothesis: hypothesis, input: input, analysis: analysis)
        let finishing = finder.blocking.prefix(blocking).map { finder.action(finishing: $0) }
        return (finishing + finder.own.reversed().prefix(limit - finishing.count)).sorted { $0.name < $1.name }
    }

    private struct ActionFinder {
        let hypothesis: Hypothesis
        let input: ScoringInput
        let analysis: Analysis

        private var issue: Issue { input.issue }
        private var scorer: RiskScorer { hypothesis.scorer }
        private var isStandard: Bool { scorer.configuration.profile == .standard }

        private func hasPoints(_ factor: Factor.Name) -> Bool {
            analysis.factors.contains { $0.name == factor && $0.points > 0 }
        }

        /// Open blockers with such evidence.
        private func blockers(_ isMeant: (Evidence) -> Bool) -> [Blocker] {
            isStandard ? analysis.blockers.filter { $0.allEvidence.contains(where: isMeant) } : []
        }

        private var comments: [Blocker] { blockers { $0.kind == .comment } }

        /// Those that concern no other issue, the least first.
        var own: [RemedyAction] {
            [update, answer, assignment, newDueDate, resolution, unblocking, unflagging, beginning].compactMap(\.self)
        }

        var update: RemedyAction? {
            guard hasPoints(.staleness), let text = scorer.neutralText else { return nil }
            return RemedyAction(.postUpdate, "Post an update on where the work stands.", .comment(text))
        }

        var answer: RemedyAction? {
            guard let since = comments.compactMap(\.unansweredSince).min(), let text = scorer.neutralText else {
                return nil
            }
            return RemedyAction(
                .answerQuestion, "Answer the question that is open since \(since.utcDay).", .comment(text))
        }

        var assignment: RemedyAction? {
            guard issue.assignee == nil, hasPoints(.owner) else { return nil }
            return RemedyAction(.assign, "Assign the issue to the person who will do it.", .assign)
        }

        var newDueDate: RemedyAction? {
            guard issue.dueDate != nil, hasPoints(.dueDate),
                let day = scorer.restfulDueDate(of: issue, now: hypothesis.now, within: RemedyProblem.farthestDueDate)
            else { return nil }
            return RemedyAction(
                .moveDueDate, "Agree with those who wait for it on \(day) or later as the due date.", .setDueDate(day))
        }

        /// One comment closes all that comments have opened, so all of it has to be settled.
        var resolution: RemedyAction? {
            let count = comments.count
            guard count > 0 else { return nil }
            let what = count == 1 ? "what a comment waits for" : "what \(count) comments wait for"
            return RemedyAction(
                .resolveComments, count: count, "Settle \(what), and comment \"resolved\".",
                .comment(scorer.resolvingText))
        }

        /// Leaving a blocked status closes what comments have opened, too.
        var unblocking: RemedyAction? {
            guard !blockers({ BlockingSign($0, in: issue) == .status }).isEmpty, let status = issue.status,
                let former = scorer.formerStatus(of: issue, statuses: input.statuses)
            else { return nil }
            let (from, to) = (Snippet.of(status.name, limit: 80), Snippet.of(former.name, limit: 80))
            return RemedyAction(
                .leaveStatus, count: max(1, comments.count),
                "Remove what holds the work up, and move the issue from \"\(from)\" back to \"\(to)\".", .move(former))
        }

        var unflagging: RemedyAction? {
            guard !blockers({ BlockingSign($0, in: issue) == .flag }).isEmpty else { return nil }
            return RemedyAction(
                .removeFlag, "Remove the impediment that the flag stands for, and then the flag.", .removeFlag)
        }

        var beginning: RemedyAction? {
            guard isStandard, hasPoints(.progress), unblocking == nil, scorer.isUnstarted(input, analysis.blockers),
                let status = scorer.startedStatus(among: input.statuses)
            else { return nil }
            return RemedyAction(
                .beginWork, "Begin the work, and move the issue to \"\(Snippet.of(status.name, limit: 80))\".",
                .move(status))
        }

        /// An issue that blocks this one.
        struct Blocking {
            var name: String
            var links: [LinkID]
            var risk: Int
        }

        /// The issues that block this one, the riskiest first.
        var blocking: [Blocking] {
            let open = Set(blockers { $0.kind == .link }.flatMap(\.allEvidence).filter { $0.kind == .link }.map(\.id))
            let known = Dictionary(input.upstream.map { ($0.linkID, $0) }) { first, _ in first }
            var byName: [String: Blocking] = [:]
            for link in issue.links where open.contains(link.id.rawValue) {
                let risk = known[link.id]
                let name = risk?.issueKey.rawValue ?? link.otherName
                var other = byName[name] ?? Blocking(name: name, links: [], risk: 0)
                other.links.append(link.id)
                other.risk = max(other.risk, risk?.ownScore ?? 0)
                byName[name] = other
            }
            return byName.values.sorted { ($1.risk, $0.name) < ($0.risk, $1.name) }
        }

        func action(finishing other: Blocking) -> RemedyAction {
            RemedyAction(
                .finishBlockingIssue, what: other.name,
                "Finish \(other.name), or remove the link if nothing waits for it any more.", .finish(other.links))
        }

        /// One for each issue that blocks this one; where that were more than `limit`, the last is for all the others, of which
        /// the least risk is passed on.
        func finishing(atMost limit: Int) -> [RemedyAction] {
            let others = blocking
            let single = others.count > limit ? others.prefix(limit - 1) : others[...]
            let rest = others.dropFirst(single.count)
            let actions = single.map { action(finishing: $0) }
            guard !rest.isEmpty else { return actions }
            return actions + [
                RemedyAction(
                    .finishBlockingIssue, what: "others", count: rest.count,
                    "Finish the other \(rest.count) issues that block it, or remove the links to those that do not.",
                    .finish(rest.flatMap(\.links)))
            ]
        }
    }
}

extension Hypothesis {
    /// Does all that an action is.
    fileprivate mutating func take(_ action: RemedyAction) {
        for step in action.steps {
            switch step {
            case .finish(let links): finish(links)
            case .comment(let text): comment(text, id: CommentID("what-if-\(action.name)"), by: Self.somebody)
            case .move(let status): move(to: status)
            case .removeFlag: removeFlag()
            case .assign: assign(Self.somebody)
            case .setDueDate(let day): setDueDate(day)
            }
        }
    }

    /// Only writes what an action writes.
    fileprivate mutating func takeTexts(of action: RemedyAction) {
        for case .comment(let text) in action.steps {
            comment(text, id: CommentID("what-if-\(action.name)"), by: Self.somebody)
        }
    }

    /// Another person than all whom the issue knows.
    private static var somebody: Person { Person(id: "consilod:somebody", displayName: "somebody") }
}

extension RiskScorer {
    /// A text that neither opens nor closes a blocker; nil where the configured phrases leave none.
    var neutralText: String? {
        ["Here is where it stands.", "Noted.", "OK."].first { text in
            let said = openBlockers.statement(in: text).said
            return !said.opens && !said.closesEarlier
        }
    }

    /// All texts that actions may write.
    var remedyTexts: [String] { [neutralText, resolvingText].compactMap(\.self) }

    /// The first due date from now on that adds no points; nil where that is more than `days` away.
    func restfulDueDate(of issue: Issue, now: Timestamp, within days: Int) -> CalendarDay? {
        guard configuration.profile == .standard else { return nil }
        let estimatedDays = estimate.days(of: issue)
        let lead = estimatedDays * (configuration.dueDateRatios.first ?? 0)
        guard lead <= Double(days) else { return nil }
        let first = now.adding(days: Int(lead.rounded(.down))).utcDay.daysSinceEpoch
        // A day ends at another instant in each zone: up to two later.
        for day in first...first + 3 where day - now.utcDay.daysSinceEpoch <= days {
            var moved = issue
            moved.dueDate = CalendarDay(daysSinceEpoch: day)
            let factor = DueDateFactor(of: moved, estimatedDays: estimatedDays, configuration: configuration)
            if factor.points(at: now) == 0 { return moved.dueDate }
        }
        return nil
    }

    /// Whether work on the issue has not begun.
    fileprivate func isUnstarted(_ input: ScoringInput, _ blockers: [Blocker]) -> Bool {
        let names = StatusNames(configuration, of: input.issue, catalog: input.statuses)
        return ProgressFactor(of: input.issue, names: names, blockers: blockers, configuration: configuration)
            .isUnstarted
    }

    /// A status of the tenant's in which work has begun, one of the configured ones first; nil where none is known.
    fileprivate func startedStatus(among catalog: StatusCatalog) -> Status? {
        let candidates = catalog.statuses.filter { $0.category == .indeterminate && !isBlocked($0) }
        let names = StatusNames(configuration, current: nil, catalog: catalog)
        return candidates.first { names.isStarted($0.name) } ?? candidates.first
    }
}
