import Domain
import Foundation
import Logging

/// One look after a tenant, under its lease: first what webhooks may have missed, then what waits to be fetched, then a
/// step of each backfill.
struct TenantVisit {
    let claim: SyncClaim
    let client: JiraClient
    let store: any SyncStore
    let options: JiraSynchronizer.Options
    let now: @Sendable () -> Timestamp
    let onEvents: @Sendable () -> Void
    let logger: Logger

    private var tenantID: TenantID { claim.tenantID }

    /// Issues asked for at once, which is Jira's limit.
    private static let fetchSize = 100
    /// How long one visit may take before others have a turn, in seconds.
    private static let turnSeconds: Int64 = 30

    /// Does what is due; when to look again.
    func run() async throws -> Timestamp {
        let start = now()
        // The client asks for the custom fields that it was made with, and the first contact finds them out.
        guard claim.sweptAt != nil else { return try await beginAccess(at: start) }
        let sweepDueAt = try await sweep(at: start)
        while !Task.isCancelled {
            let fetched = try await fetchDue()
            let hasListed = try await listBackfills()
            if !fetched && !hasListed { return sweepDueAt }
            guard now() < start.adding(seconds: Self.turnSeconds) else { break }
        }
        return now()
    }

    // MARK: Fetching

    /// Fetches what is due, up to one call's worth; false when nothing was.
    private func fetchDue() async throws -> Bool {
        let fetches = try await store.dueFetches(tenantID, limit: Self.fetchSize, now: now())
        guard !fetches.isEmpty else { return false }
        let began = now()
        let answer = try await client.issues(fetches.map(\.issueID))
        let found = Dictionary(answer.found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let outlines = try await store.issueOutlines(tenantID, fetches.map(\.issueID))
        let gone = try await verdicts(on: fetches.filter { found[$0.issueID] == nil }, outlines)
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
        onEvents()
        logger.debug(
            "fetched",
            metadata: ["tenant": "\(tenantID)", "issues": "\(found.count)", "gone": "\(gone.outcomes.count)"])
        return true
    }

    // MARK: What is gone

    /// What it means that Jira does not show issues. Only what was seen once can be gone: of an issue that the account
    /// never saw, webhooks go on telling.
    private func verdicts(
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

    /// How soon a sweep is tried again that could not judge all, in seconds.
    private static let retrySeconds: Int64 = 60

    /// Looks for what webhooks did not tell, when it is time; when it is the next time.
    private func sweep(at start: Timestamp) async throws -> Timestamp {
        let last = claim.sweptAt ?? start
        if let dueAt = claim.sweepDueAt, start < dueAt { return dueAt }
        let projects = try await store.projectKeys(tenantID)
        let isFull = claim.fullySweptAt.map { $0.adding(seconds: options.fullSweepSeconds) <= start } ?? true
        var isComplete = true
        if !projects.isEmpty {
            if isFull { try await lookForFields(of: projects) }
            isComplete = try await Sweep(visit: self).run(projects: projects, since: last, isFull: isFull)
        }
        return try await recordSweep(isComplete: isComplete, at: start, isFull: isFull)
    }

    /// Most projects whose boards are asked what they estimate with.
    private static let boardProjects = 20

    /// Boards can be set to estimate with another field; what is fetched from then on has it.
    private func lookForFields(of projects: [String]) async throws {
        let found = try await JiraFieldMapping.discovered(
            by: client, projectKeys: Array(projects.prefix(Self.boardProjects)))
        guard found != client.fieldMapping else { return }
        try await store.recordFields(claim, found)
    }

    private func recordSweep(isComplete: Bool, at start: Timestamp, isFull: Bool) async throws -> Timestamp {
        let nextAt = start.adding(
            seconds: isComplete ? options.sweepSeconds : min(Self.retrySeconds, options.sweepSeconds))
        try await store.recordSweep(claim, completeAt: isComplete ? start : nil, isFull: isFull, nextAt: nextAt)
        return nextAt
    }

    /// The first contact: whether the account is let in, and which custom fields the site has; when to look again.
    private func beginAccess(at start: Timestamp) async throws -> Timestamp {
        _ = try await client.myself()
        try await store.recordFields(claim, try await JiraFieldMapping.discovered(by: client))
        _ = try await recordSweep(isComplete: true, at: start, isFull: true)
        return start
    }
}
