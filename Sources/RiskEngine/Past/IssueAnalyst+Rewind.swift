public import Domain

extension IssueAnalyst {
    /// Most instants between two at which something happened; each costs an analysis.
    public static let differenceLimit = 1000

    /// The analysis of an issue as it stood at `instant`, by the rules and the model of today, with the stored one beside it.
    /// Nothing is stored. Nil for an issue of which nothing is known, or that Jira no longer shows.
    ///
    /// Throws ``PastError/beforeCreation(_:)``, and what the store and the classifier throw.
    ///
    /// - Parameter now: `instant` or later.
    public func pastAnalysis(
        tenantID: TenantID, key: IssueKey, asOf instant: Timestamp, now: Timestamp
    ) async throws -> PastAnalysis? {
        guard let known = try await rewind(tenantID: tenantID, key: key, now: now) else { return nil }
        guard let issue = known.rewind.issue(at: instant) else {
            throw PastError.beforeCreation(known.rewind.created)
        }
        let history = try await store.lookBack(
            tenantID: tenantID, issueID: issue.id, before: instant.adding(milliseconds: 1))
        var work = known.work
        work.recentScores = history.scores.filter { $0.at < instant }
        let analysis = try await sharedReadings.withHold { [work] hold in
            try await analyze(issue, work: work, now: instant, hold: hold).analysis
        }
        return PastAnalysis(
            issue: issue, state: known.state, analysis: analysis,
            stored: history.analysis.map { StoredComparison(stored: $0, again: analysis) }, knownFrom: known.knownFrom)
    }

    /// What made the score of an issue another between two instants, both scored by the rules and the model of today. Nil as
    /// ``pastAnalysis(tenantID:key:asOf:now:)``.
    ///
    /// Throws ``PastError``, and what the store and the classifier throw.
    ///
    /// - Parameters:
    ///   - from: before `to`; it may be before the issue was created.
    ///   - now: `to` or later.
    public func pastDifference(
        tenantID: TenantID, key: IssueKey, from: Timestamp, to: Timestamp, now: Timestamp
    ) async throws -> PastDifference? {
        guard let known = try await rewind(tenantID: tenantID, key: key, now: now) else { return nil }
        let (rewind, work) = (known.rewind, known.work)
        guard to >= rewind.created else { throw PastError.beforeCreation(rewind.created) }
        let upstream = try await upstream(of: rewind, tenantID: tenantID, from: max(from, rewind.created), to: to)
        let events = rewind.events + upstream.events(of: rewind)
        guard Set(events.map(\.at)).count(where: { $0 > from && $0 <= to }) <= Self.differenceLimit else {
            throw PastError.tooManyEvents(limit: Self.differenceLimit)
        }
        let moods = try await sharedReadings.withHold { hold in
            try await self.moods(of: rewind.issue.comments, tenantID: tenantID, hold: hold)
        }
        let difference = ScoreDifference(from: from, to: to, events: events) { instant, now in
            // Up to a thousand analyses, whose caller may have gone.
            guard !Task.isCancelled else { return nil }
            return rewind.issue(at: instant).map {
                analysis(of: $0, moods, upstream: upstream.risks(at: instant), work: work, now: now)
            }
        }
        try Task.checkCancellation()
        return PastDifference(issueKey: rewind.issue.key, difference: difference, knownFrom: known.knownFrom)
    }

    private struct KnownPast {
        var work: IssueWork
        var state: IssueState
        var rewind: IssueRewind
        var knownFrom: Timestamp?
    }

    private func rewind(tenantID: TenantID, key: IssueKey, now: Timestamp) async throws -> KnownPast? {
        guard let held = try await load(tenantID: tenantID, key: key) else { return nil }
        let (state, issue, records) = (held.state, held.issue, held.sprintRecords)
        var work = held.work
        // Its own scores of later say nothing of earlier instants.
        work.recentScores = []
        if let status = issue.status { work.statuses.insert(status) }
        let others = Set(IssueRewind.sprintIDs(in: issue)).subtracting(state.sprintIDs).sorted()
        let otherRecords =
            others.isEmpty ? [] : try await store.sprintRecords(tenantID: tenantID, sprintIDs: others)
        let past = scorer.past(of: issue, state, project: work.project)
        return KnownPast(
            work: work, state: state,
            rewind: IssueRewind(
                of: issue, linkedAt: past.linkedAt, sprintRecords: records + otherRecords, statuses: work.statuses,
                scorer: scorer, now: now), knownFrom: past.knownFrom)
    }

    /// What was known of the issues that ever blocked one, at both ends and wherever it changed between them.
    private func upstream(
        of rewind: IssueRewind, tenantID: TenantID, from: Timestamp, to: Timestamp
    ) async throws -> UpstreamPast {
        let links = rewind.ties.map(\.link).filter { $0.relation == .blockedBy }
        guard !links.isEmpty else { return UpstreamPast(steps: []) }
        let changed = try await store.upstreamInstants(tenantID: tenantID, links: links, after: from).filter { $0 < to }
        guard changed.count <= Self.differenceLimit else {
            throw PastError.tooManyEvents(limit: Self.differenceLimit)
        }
        var steps: [UpstreamPast.Step] = []
        for instant in Set(changed + [from, to]).sorted() {
            let risks = try await store.upstreamRisks(tenantID: tenantID, links: links, asOf: instant)
            steps.append(UpstreamPast.Step(at: instant, risks: risks))
        }
        return UpstreamPast(steps: steps)
    }
}
