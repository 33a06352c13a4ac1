public import Domain

extension IssueAnalyst {
    /// An issue as it is and as changes would make it, at one instant.
    public struct WhatIf: Sendable {
        /// The issue at that instant.
        public struct Look: Sendable {
            /// With what is known besides its own webhooks.
            public var issue: Issue
            /// Its analysis.
            public var analysis: Analysis
            /// What a forecast is made of.
            public var past: IssuePast
        }

        /// What is held about the issue.
        public var work: IssueWork
        /// What sprint webhooks said of its sprints.
        public var sprintRecords: [SprintRecord]
        /// Without the changes.
        public var before: Look
        /// With all of them.
        public var after: Look
    }

    /// What changes would make of the issue with this key at `now`: each is told as its webhook would tell it, and what comes of
    /// it is scored as any other issue. Nothing is stored, but readings of comments that the issue has. Nil for an issue of which
    /// nothing is known, or that was deleted.
    ///
    /// Throws ``HypothesisError`` for a change that cannot be made, and what the store and the classifier throw.
    public func whatIf(
        _ changes: [HypotheticalChange], tenantID: TenantID, key: IssueKey, now: Timestamp
    ) async throws -> WhatIf? {
        guard let found = try await load(tenantID: tenantID, key: key) else { return nil }
        return try await sharedReadings.withHold { hold -> WhatIf? in
            let (before, readings) = try await self.input(of: found.issue, work: found.work, now: now, hold: hold)
            var hypothesis = self.hypothesis(of: found, now: now)
            for (index, change) in changes.enumerated() {
                if let problem = hypothesis.make(change, known: before.upstream) {
                    throw HypothesisError(index: index, problem: problem)
                }
            }
            guard let changed = hypothesis.issue else { return nil }
            var (after, _) = try await self.input(of: changed, work: found.work, now: now, known: readings, hold: hold)
            after.upstream = hypothesis.upstream(after.upstream, of: changed)
            return WhatIf(
                work: found.work, sprintRecords: found.sprintRecords,
                before: look(at: before, found.state, of: found.work, now: now),
                after: look(at: after, hypothesis.state, of: found.work, now: now))
        }
    }

    /// The least that would bring the score of the issue with this key below a value. Nil as for
    /// ``whatIf(_:tenantID:key:now:)``; throws what the store and the classifier throw.
    ///
    /// - Parameter goal: the value, which may depend on the issue, its score and the tenant's rules.
    public func remedies(
        tenantID: TenantID, key: IssueKey, now: Timestamp,
        below goal: @Sendable (Issue, Analysis, [AlertRule]) -> Remedies.Goal
    ) async throws -> Remedies? {
        guard let found = try await analyze(tenantID: tenantID, key: key, now: now, storesHistory: false) else {
            return nil
        }
        return try await remedies(of: found, below: goal)
    }

    /// As ``remedies(tenantID:key:now:below:)``, of an issue that was analysed, at the same instant: with what was read and
    /// computed for that. Nil while too little is known of the issue.
    public func remedies(
        of found: AnalyzedIssue, below goal: @Sendable (Issue, Analysis, [AlertRule]) -> Remedies.Goal
    ) async throws -> Remedies? {
        let hypothesis = self.hypothesis(of: found.held, now: found.now)
        let wanted = goal(found.issue, found.analysis, found.work.rules)
        let actions = RemedyProblem.find(for: hypothesis, input: found.input, analysis: found.analysis)
        guard let texts = RemedyProblem.issueWithAllTexts(actions, of: hypothesis) else { return nil }
        let moods = try await sharedReadings.withHold { hold in
            try await self.moods(
                of: texts.comments, tenantID: found.work.tenant.id, known: found.readings, asked: found.asked,
                by: found.classifier, hold: hold)
        }
        // What blocks the issue is not another for what is written in it.
        let input = self.input(of: texts, moods, upstream: found.input.upstream, work: found.work)
        let problem = RemedyProblem(actions, of: hypothesis, input: input)
        let least = problem.least(below: wanted.below)
        return Remedies(
            analysis: found.analysis, isOver: found.issue.isOver, goal: wanted,
            actions: least.positions.map { actions[$0] }, score: least.score, considered: actions.count)
    }

    /// An issue that changes can be imagined of.
    struct Found {
        var work: IssueWork
        var issue: Issue
        var sprintRecords: [SprintRecord]
        var hypothesis: Hypothesis
    }

    /// Nil as for ``whatIf(_:tenantID:key:now:)``.
    ///
    /// - Parameter sprint: the sprint that changes speak of; nil for none.
    func load(
        tenantID: TenantID, key: IssueKey, sprint: Sprint? = nil, now: Timestamp
    ) async throws -> Found? {
        guard let held = try await load(tenantID: tenantID, key: key) else { return nil }
        return Found(
            work: held.work, issue: held.issue, sprintRecords: held.sprintRecords,
            hypothesis: hypothesis(of: held, sprint: sprint, now: now))
    }

    private func hypothesis(of held: HeldIssue, sprint: Sprint? = nil, now: Timestamp) -> Hypothesis {
        Hypothesis(
            held.state, sprints: held.sprintRecords, project: held.work.project, statuses: held.work.statuses,
            scorer: scorer, sprint: sprint, now: now)
    }

    /// The issue as `input` has it, at an instant.
    func look(
        at input: ScoringInput, _ state: IssueState, of work: IssueWork, now: Timestamp
    ) -> WhatIf.Look {
        WhatIf.Look(
            issue: input.issue, analysis: scorer.analyze(input, now: now),
            past: scorer.past(of: input.issue, state, project: work.project))
    }
}
