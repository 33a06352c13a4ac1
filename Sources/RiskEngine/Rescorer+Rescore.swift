import Domain

extension Rescorer {
    /// Folds what is pending and scores, at each instant of which the history is to speak. Throws only what another attempt
    /// might cure.
    func rescore(_ work: IssueWork, issueID: IssueID, hold: ReadingHold) async throws -> RescoreResult {
        let now = now()
        let events = read(work.pending, of: work, issueID)
        let statuses = Self.statusNews(in: events.understood, besides: work.statuses)
        var work = work
        work.take(statuses)
        let timeline = try await timeline(of: events.understood, of: work, issueID)
        let state = timeline.latest
        var result = RescoreResult(
            previousState: work.state, state: state, issue: nil, analysis: nil,
            appliedEvents: events.understood.map(\.event.id), rejectedEvents: events.rejected,
            statuses: statuses, statusCatalog: work.statuses,
            project: Self.projectNews(in: state, besides: work.project), projectRecord: work.project,
            wantsWhole: wantsWhole(state, after: events.understood.map(\.event)), now: now)
        work.project = result.project ?? work.project
        var sprints = work.state.map { SprintLookup(loaded: work.sprintRecords, of: $0) } ?? SprintLookup()
        guard let (issue, sprintRecords) = try await analyst.resolve(state, of: work, until: nil, sprints: &sprints)
        else { return result }
        result.issue = issue
        result.sprintRecords = sprintRecords
        if let until = thinUntil(state), until > now {
            result.requeueAt = until
            return result
        }
        try await score(timeline, of: work, sprints: sprints, hold: hold, into: &result)
        return result
    }

    /// Whether the issue is to be fetched: once after it was first seen, and after each request of Jira Automation, which
    /// lacks the change log or all but a few fields, and whose deletions are not signed.
    private func wantsWhole(_ state: IssueState, after events: [PendingEvent]) -> Bool {
        guard options.completesIssues else { return false }
        if events.contains(where: \.isByAutomation) { return !state.isDeleted }
        return state.wholeAt == nil && !state.isGone
    }

    /// Of a whole issue nil; of one known from thin webhooks only, until when a whole one is waited for.
    private func thinUntil(_ state: IssueState) -> Timestamp? {
        guard !state.isWhole, let oldest = IssueFold.oldestInstant(of: state) else { return nil }
        return oldest.adding(seconds: options.thinWaitSeconds)
    }

    // MARK: Events

    private typealias ReadEvents = (
        understood: [(event: PendingEvent, fragment: IssueState)], rejected: [Int64: String]
    )

    private func read(_ events: [PendingEvent], of work: IssueWork, _ issueID: IssueID) -> ReadEvents {
        var read: ReadEvents = ([], [:])
        for event in events {
            do {
                let fragment = try readEvent(event.body, issueID, work.tenant.fields, work.tenant.own)
                read.understood.append((event, fragment))
            } catch {
                read.rejected[event.id] = "\(error)"
            }
        }
        return read
    }

    /// The pending events on top of the folded state or, where something is of before the newest event folded, all events
    /// that are kept on top of nothing. Where not all of them are kept any more, the past stays as it is, and what is late
    /// counts from the newest event on.
    private func timeline(
        of pending: [(event: PendingEvent, fragment: IssueState)], of work: IssueWork, _ issueID: IssueID
    ) async throws -> IssueTimeline {
        func events(
            _ read: [(event: PendingEvent, fragment: IssueState)], isFirst: Bool
        ) -> [IssueTimeline.Event] {
            read.enumerated().map { index, read in
                let at = read.event.instant(of: read.fragment, isFirst: isFirst && index == 0)
                return IssueTimeline.Event(at: at, fragment: read.fragment)
            }
        }
        let empty = IssueState(id: issueID)
        var new = events(pending, isFirst: work.state == nil)
        let from = (new.map(\.at) + [work.rescoreFrom].compactMap(\.self)).min()
        guard let state = work.state, let from, let newest = newestInstant(of: state, in: work), from < newest else {
            return IssueTimeline(base: work.state ?? empty, events: new, from: from)
        }
        let kept = read(
            try await store.appliedEvents(tenantID: work.tenant.id, issueID: issueID), of: work, issueID)
        var folded = empty
        for read in kept.understood { IssueFold.join(read.fragment, into: &folded) }
        // Bodies that are no longer kept do not count here, nor do webhooks from before this was noted.
        folded.firstEventAt = state.firstEventAt
        if kept.rejected.isEmpty, folded == state {
            return IssueTimeline(base: empty, events: events(kept.understood, isFirst: true) + new, from: from)
        }
        for index in new.indices { new[index].at = max(new[index].at, newest) }
        return IssueTimeline(base: state, events: new, from: newest)
    }

    /// The instant of the newest event that was folded; nil where none is known. A fetch is one where something else has the
    /// history of an issue made again that no webhook has named yet: its past begins with its first fetch, and not before.
    private func newestInstant(of state: IssueState, in work: IssueWork) -> Timestamp? {
        state.lastEventAt ?? (work.rescoreFrom == nil ? nil : state.wholeAt)
    }

    /// What the events say of statuses that is newer than what the catalog has of them.
    private static func statusNews(
        in events: [(event: PendingEvent, fragment: IssueState)], besides catalog: StatusCatalog
    ) -> [StatusRecord] {
        var (catalog, news) = (catalog, [StatusRecord]())
        for (event, fragment) in events {
            func take(_ status: Status, _ version: Version) {
                let day = event.believed(version.sentAt).utcDay
                guard let record = StatusRecord(status, toldOn: day), catalog.take(record) else { return }
                news.append(record)
            }
            if let own = fragment.fields.status, let status = own.value { take(status, own.version) }
            if let links = fragment.fields.links {
                for link in links.value { if let status = link.otherStatus { take(status, links.version) } }
            }
        }
        return news
    }

    /// What the issue says of its project, where that is later than what is known and another.
    private static func projectNews(in state: IssueState, besides known: ProjectRecord?) -> ProjectRecord? {
        guard let id = state.fields.projectID?.value, let key = state.fields.projectKey else { return nil }
        let told = ProjectRecord(id: id, key: key.value, isGone: false, toldAt: key.version.at)
        guard let known, known.id == id else { return told }
        return told.isNewer(than: known) && (known.key != told.key || known.isGone) ? told : nil
    }

    // MARK: Scores

    /// Looks at the issue at each instant of the timeline, and at those between them, and up to now, at which time alone
    /// changes its score.
    ///
    /// Late events (a replay, a backfill, the catch-up after downtime) end at the newest of them and raise no alert on the
    /// way; a look as of now follows once they have all come.
    private func score(
        _ timeline: IssueTimeline, of work: IssueWork, sprints: SprintLookup, hold: ReadingHold,
        into result: inout RescoreResult
    ) async throws {
        var (timeline, sprints) = (timeline, sprints)
        timeline.foldWhatIsBefore()
        let now = result.now
        let isLate = isLate(timeline, of: work, appliesEvents: !result.appliedEvents.isEmpty, now: now)
        // What thin webhooks alone made of an issue says nothing once it was seen whole.
        let wasThin = work.state.map { !$0.isWhole } ?? true
        var previous = try await analyst.resolve(timeline.base, of: work, until: timeline.from, sprints: &sprints)?
            .issue
        var run = try await run(
            of: timeline, of: work, wasThin: wasThin, wasOver: previous.map(\.isOver), hold: hold, into: &result)
        let end = isLate ? run.otherInstants.reduce(timeline.events.last?.at ?? now) { max($0, min($1, now)) } : now
        var alerts = AlertRun(
            decide: { decideAlerts(work.tenant.id, work.tenant.jiraURL, $0, $1, $2, $3, $4, $5, $6, $7) },
            rules: work.rules, states: work.alertStates)
        let liveFrom = max(
            now.adding(seconds: -options.liveWindowSeconds),
            work.lastAnalysis?.asOf.adding(milliseconds: 1) ?? Timestamp(milliseconds: 0))
        for step in timeline.steps(besides: run.otherInstants, until: end) {
            if let previous { try await run.letTimePass(of: previous, until: step.at) }
            guard step.state.isWhole || !result.state.isWhole,
                let issue = try await analyst.resolve(step.state, of: work, until: step.at, sprints: &sprints)?.issue
            else { continue }
            let (before, scores) = (run.newest, run.scores)
            try await run.look(at: issue, asOf: step.at)
            if !isLate, step.at >= liveFrom { alerts.consider(run, before: before, scores: scores) }
            previous = issue
        }
        if !isLate {
            // A deletion or rename that no event of the issue's own told counts from now on.
            let latest = result.issue ?? previous
            if let latest { try await run.letTimePass(of: latest, until: now.adding(milliseconds: 1)) }
            let (before, scores) = (wasThin ? nil : work.lastAnalysis ?? run.newest, run.scores)
            // What the newest analysis says in words is as of now too, after events or steps of some time ago.
            let isOld = run.newest.map { $0.asOf < now.adding(seconds: -options.liveWindowSeconds) } ?? true
            if let latest, run.issue != latest || isOld { try await run.look(at: latest, asOf: max(now, end)) }
            if !alerts.hasConsidered(run.newest) { alerts.consider(run, before: before, scores: scores) }
            try await forecast(run, of: work, before: before, into: &result, &alerts)
        }
        try await finish(&result, run: run, alerts: alerts, isLate: isLate, tenantID: work.tenant.id)
    }

    /// Whether the events are of some time ago, and more like them may follow. An issue that was looked at as of later than
    /// they are is past that, once no more of its tenant are expected.
    private func isLate(_ timeline: IssueTimeline, of work: IssueWork, appliesEvents: Bool, now: Timestamp) -> Bool {
        guard appliesEvents, let newest = timeline.events.last?.at else { return false }
        let areMoreExpected = work.tenant.lateUntil.map { $0 > now } ?? false
        return newest < now.adding(seconds: -options.liveWindowSeconds)
            && (areMoreExpected || newest >= work.lastAnalysis?.asOf ?? newest)
    }

    /// The run, with what the history says before the timeline begins.
    private func run(
        of timeline: IssueTimeline, of work: IssueWork, wasThin: Bool, wasOver: Bool?, hold: ReadingHold,
        into result: inout RescoreResult
    ) async throws -> RescoreRun {
        var lookBack = LookBack(analysis: work.lastAnalysis, scores: work.recentScores)
        if wasThin {
            lookBack = LookBack(analysis: nil, scores: [])
            if work.lastAnalysis != nil { result.replacesHistoryFrom = Timestamp(milliseconds: 0) }
        } else if let from = timeline.from, let last = work.lastAnalysis, last.asOf >= from {
            lookBack = try await store.lookBack(tenantID: work.tenant.id, issueID: result.state.id, before: from)
            result.replacesHistoryFrom = from
        }
        if let from = timeline.from, let links = result.issue?.links {
            lookBack.laterInstants += try await store.upstreamInstants(
                tenantID: work.tenant.id, links: links, after: from)
            lookBack.laterInstants += result.sprintRecords.map(\.sentAt) + [work.project?.toldAt].compactMap(\.self)
        }
        return RescoreRun(
            analyst: analyst, work: work, comments: result.issue?.comments ?? [], hold: hold,
            readsTexts: !Self.wasFinishedLongAgo(result), lookBack: lookBack, wasOver: wasOver)
    }

    /// How long nothing has happened to a finished issue whose comments are not read any more, in days.
    private static let longAgoDays = 30

    /// Whether the issue was finished long before it was fetched, and no webhook ever named it, as with most of what a
    /// backfill brings: the mood of its comments counts for nothing any more, and a model takes long to read them. What
    /// webhooks told is read, whenever they come: its history must not show when that was.
    private static func wasFinishedLongAgo(_ result: RescoreResult) -> Bool {
        guard result.state.lastEventAt == nil, let issue = result.issue, issue.isOver else { return false }
        return issue.updated < result.now.adding(days: -longAgoDays)
    }

    private func finish(
        _ result: inout RescoreResult, run: RescoreRun, alerts: AlertRun, isLate: Bool, tenantID: TenantID
    ) async throws {
        result.issue = run.issue ?? result.issue
        result.analysis = run.newest
        result.history = run.rows
        result.newReadings = run.newReadings
        result.decision = alerts.decision
        if !result.decision.alerts.isEmpty {
            routeAlerts(
                &result.decision, try await store.alertRouting(tenantID, now: result.now), result.now)
        }
        if isLate { result.lateUntil = result.now.adding(seconds: options.settleSeconds) }
        result.requeueAt = result.lateUntil ?? run.newest?.nextChangeAt
        // Where the past was made again, what was there before may have been passed on, too.
        if let from = [result.replacesHistoryFrom, run.dependentsFrom].compactMap(\.self).min() {
            result.dependents = (result.issue?.links ?? []).filter { $0.relation == .blocks }
                .map { Dependent(issue: IssueReference(id: $0.otherID, key: $0.otherKey), from: from) }
        }
    }
}

extension IssueWork {
    /// Adds what the pending events say of statuses. What a status means is of all times: where a change that was folded before
    /// names one that has another category by it, the issue's history is made again from its beginning, as the commit has
    /// those of other issues.
    fileprivate mutating func take(_ news: [StatusRecord]) {
        guard !news.isEmpty else { return }
        let before = statuses
        for record in news { statuses.take(record) }
        guard let state, statuses.differs(from: before, for: state.changes.values) else { return }
        rescoreFrom = Timestamp(milliseconds: 0)
    }
}
