import Domain
import Foundation
import Logging
import WorkLoop

/// One sync of a tenant, under its lease: first the sweep for missed webhooks, then the queued fetches, then a step of each
/// backfill.
struct TenantVisit {
    let claim: SyncClaim
    let client: JiraClient
    let store: any SyncStore
    let options: JiraSynchronizer.Options
    let now: @Sendable () -> Timestamp
    let onEvents: @Sendable () -> Void
    let logger: Logger

    private var tenantID: TenantID { claim.tenantID }

    /// Issues fetched by one call, which is Jira's limit.
    private static let fetchSize = 100
    /// How long one visit may take before other tenants have a turn, in seconds.
    private static let turnSeconds: Int64 = 30

    /// The result of a visit.
    struct Outcome: Sendable {
        /// When the tenant is due again.
        var nextAt: Timestamp
        /// Why Jira refused the sweep, for people; nil where it did not.
        var sweepError: String?
    }

    /// Does what is due.
    func run() async throws -> Outcome {
        let start = now()
        // The client asks for the custom fields that it was made with, and the first contact discovers them.
        guard claim.sweptAt != nil else { return Outcome(nextAt: try await beginAccess(at: start)) }
        var outcome = try await sweepIfPossible(at: start)
        guard outcome.nextAt > start else { return outcome }
        while !Task.isCancelled {
            let fetched = try await fetchDue()
            let hasListed = try await listBackfills()
            if !fetched && !hasListed { return outcome }
            guard now() < start.adding(seconds: Self.turnSeconds) else { break }
        }
        outcome.nextAt = now()
        return outcome
    }

    // MARK: Fetching

    /// Fetches what is due, up to one call's worth; false when nothing was due.
    private func fetchDue() async throws -> Bool {
        let fetches = try await store.dueFetches(tenantID, limit: Self.fetchSize, now: now())
        guard !fetches.isEmpty else { return false }
        try await fetch(fetches)
        onEvents()
        return true
    }

    /// Between the attempts to fetch an issue.
    private static let backoff = Backoff(first: .seconds(60), cap: .seconds(61_440))

    /// Fetches these, or where that fails, each half for itself: one that Jira cannot return must not block the others.
    private func fetch(_ fetches: [IssueFetch]) async throws {
        let began = now()
        let answer: FetchedIssues
        do throws(JiraError) {
            answer = try await client.issues(fetches.map(\.issueID))
        } catch {
            guard error.mayBeOneIssues else { throw error }
            // Throws where Jira as a whole does not answer: then it is not the issues.
            _ = try await client.myself()
            if let only = fetches.first, fetches.count == 1 { return try await giveBack(only, because: error) }
            let half = fetches.count / 2
            try await fetch(Array(fetches[..<half]))
            return try await fetch(Array(fetches[half...]))
        }
        try await keep(answer, of: fetches, began: began)
    }

    private func giveBack(_ fetch: IssueFetch, because error: JiraError) async throws {
        let isLast = fetch.attempts + 1 >= options.attemptLimit
        let retryAt = now().adding(
            seconds: Self.backoff.delay(afterFailures: fetch.attempts + 1).components.seconds)
        logger.log(
            level: isLast ? .error : .warning,
            isLast ? "fetch failed; issue given up" : "fetch failed; retrying later",
            metadata: ["tenant": "\(tenantID)", "issue": "\(fetch.issueID)", "error": "\(error)"])
        try await store.keepFetched(
            [], ending: [fetch: .failed(error: "\(error)", retryAt: isLast ? nil : retryAt)], of: tenantID, now: now())
    }

    private func keep(_ answer: FetchedIssues, of fetches: [IssueFetch], began: Timestamp) async throws {
        let found = Dictionary(answer.found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let outlines = try await store.issueOutlines(tenantID, fetches.map(\.issueID))
        let gone = try await missingIssues(on: fetches.filter { found[$0.issueID] == nil }, outlines)
        var deliveries: [WebhookDelivery] = []
        var outcomes = gone.outcomes
        for fetch in fetches {
            guard let issue = found[fetch.issueID] else { continue }
            deliveries.append(
                issue.delivery(
                    to: tenantID, began: began, isBack: outlines[issue.id]?.isGone == true, now: now()))
            outcomes[fetch] = .kept
        }
        try await store.keepFetched(deliveries + gone.deliveries, ending: outcomes, of: tenantID, now: now())
        logger.debug(
            "issues fetched",
            metadata: ["tenant": "\(tenantID)", "issues": "\(found.count)", "gone": "\(gone.outcomes.count)"])
    }

    // MARK: What is gone

    /// What it means that Jira does not show issues. Only an issue that was visible once can be gone: webhooks of one that
    /// the account never saw are still folded.
    private func missingIssues(
        on fetches: [IssueFetch], _ outlines: [IssueID: IssueOutline]
    ) async throws -> (deliveries: [WebhookDelivery], outcomes: [IssueFetch: FetchOutcome]) {
        guard !fetches.isEmpty else { return ([], [:]) }
        var deliveries: [WebhookDelivery] = []
        var outcomes: [IssueFetch: FetchOutcome] = [:]
        var visibility: [String: ProjectVisibility] = [:]
        for fetch in fetches {
            guard let outline = outlines[fetch.issueID], outline.wholeAt != nil, let project = outline.projectKey else {
                outcomes[fetch] = .failed(error: "Jira does not show the issue to the account", retryAt: nil)
                continue
            }
            // Stored already.
            if outline.isGone {
                outcomes[fetch] = .kept
                continue
            }
            let seen: ProjectVisibility
            if let known = visibility[project] {
                seen = known
            } else {
                seen = try await client.visibility(ofProject: project)
                visibility[project] = seen
            }
            outcomes[fetch] = seen == .allIssues ? .deleted : .hidden
            deliveries.append(
                try goneDelivery(fetch.issueID, event: seen == .allIssues ? FetchedEvent.deletion : FetchedEvent.hiding)
            )
        }
        return (deliveries, outcomes)
    }

    private func goneDelivery(_ issueID: IssueID, event: String) throws -> WebhookDelivery {
        struct Body: Encodable {
            struct Issue: Encodable { var id: String }
            var webhookEvent: String
            var timestamp: Int64
            var issue: Issue
        }
        let now = now()
        let body = Body(webhookEvent: event, timestamp: now.milliseconds, issue: .init(id: issueID.rawValue))
        return WebhookDelivery(
            tenantID: tenantID, deliveryID: "gone:\(issueID):\(now.milliseconds)", receivedAt: now, event: event,
            sentAt: now, routing: .issues([issueID]), body: Array(try CanonicalJSON.encode(body)))
    }

    // MARK: Sweeps

    /// How soon a sweep that could not decide about every issue is retried, in seconds.
    private static let retrySeconds: Int64 = 60

    /// As ``sweep(at:)``, but a sweep that Jira refuses does not stop the rest of the visit.
    private func sweepIfPossible(at start: Timestamp) async throws -> Outcome {
        do {
            return try await sweep(at: start)
        } catch is FieldsChanged {
            return Outcome(nextAt: start)
        } catch let error as JiraError {
            guard error.isOfOneCall else { throw error }
            logger.error(
                "sweep failed", metadata: ["tenant": "\(tenantID)", "error": "\(error)"])
            let nextAt = start.adding(seconds: max(options.sweepSeconds, Self.retrySeconds))
            try await store.recordSweep(claim, at: start, isComplete: false, isFull: false, nextAt: nextAt)
            return Outcome(nextAt: nextAt, sweepError: "cannot sweep for missed webhooks: \(error)")
        }
    }

    /// Sweeps for missed webhooks, when it is due.
    private func sweep(at start: Timestamp) async throws -> Outcome {
        let last = claim.sweptAt ?? start
        if let dueAt = claim.sweepDueAt, start < dueAt { return Outcome(nextAt: dueAt, sweepError: claim.sweepError) }
        let projects = try await store.projectKeys(tenantID)
        let isFull =
            claim.isFullSweepAsked
            || claim.fullySweptAt.map { $0.adding(seconds: options.fullSweepSeconds) <= start } ?? true
        var undecided: [IssueID] = []
        if !projects.isEmpty {
            if isFull { try await discoverFields(of: projects) }
            undecided = try await Sweep(visit: self).run(projects: projects, since: last, isFull: isFull)
        }
        // Events that wait for longer, as those left over from a downtime, must not make it look ever further back: issues
        // that cannot be decided about are fetched.
        if last.adding(seconds: options.overlapSeconds) < start {
            try await store.requestFetches(undecided, of: tenantID, reason: .backfill, backfillID: nil, now: now())
            undecided = []
        }
        return Outcome(
            nextAt: try await recordSweep(
                isComplete: undecided.isEmpty, at: start, isFull: isFull && !projects.isEmpty))
    }

    /// Most projects whose boards are asked for their estimation field.
    private static let boardProjects = 20

    /// Boards may change their estimation field; issues fetched from then on have it.
    private func discoverFields(of projects: [String]) async throws {
        let own = client.fieldMapping.own
        // A board may estimate with a field that scores were written to.
        var found = try await JiraFieldMapping.discovered(
            by: client, projectKeys: Array(projects.prefix(Self.boardProjects))
        ).excluding(own.fields)
        found.own = own
        guard found != client.fieldMapping else { return }
        // Issues fetched before lack the new fields. Requested first: interrupted in between, the next visit finds the same
        // difference. No other node fetches under this lease.
        var after: IssueID?
        while true {
            let known = try await store.knownIssues(tenantID, after: after, limit: 1000)
            try await store.requestFetches(
                known.filter(\.isPresent).map(\.id), of: tenantID, reason: .backfill, backfillID: nil, now: now())
            guard known.count == 1000, let last = known.last else { break }
            after = last.id
        }
        try await store.recordFields(claim, found)
        throw FieldsChanged()
    }

    /// The client asks for other fields than the site has; the next visit has one with the right ones.
    private struct FieldsChanged: Error {}

    private func recordSweep(isComplete: Bool, at start: Timestamp, isFull: Bool) async throws -> Timestamp {
        let nextAt = start.adding(
            seconds: isComplete ? options.sweepSeconds : min(Self.retrySeconds, options.sweepSeconds))
        try await store.recordSweep(claim, at: start, isComplete: isComplete, isFull: isFull, nextAt: nextAt)
        return nextAt
    }

    /// The first contact: whether the account is accepted, and which custom fields the site has; when the tenant is due again.
    private func beginAccess(at start: Timestamp) async throws -> Timestamp {
        _ = try await client.myself()
        try await store.recordFields(claim, try await JiraFieldMapping.discovered(by: client))
        _ = try await recordSweep(isComplete: true, at: start, isFull: false)
        return start
    }
}
