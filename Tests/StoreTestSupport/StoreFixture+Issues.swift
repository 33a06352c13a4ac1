public import Domain
public import Foundation
import Store
import TestSupport

extension StoreFixture {
    /// Takes a webhook about an issue and claims the issue.
    public func claim(
        _ id: IssueID, of tenant: TenantID, at now: Timestamp, deliveryID: String = UUID().uuidString
    ) async throws -> IssueClaim {
        _ = try await store.inbox.append(Self.delivery(deliveryID, of: tenant, issues: [id], at: now))
        var claims = try await store.claimIssues(limit: 100, now: now, leaseUntil: now.adding(seconds: 60))
        guard let index = claims.firstIndex(where: { $0.tenantID == tenant && $0.issueID == id }) else {
            throw Unexpected("issue \(id) is not due")
        }
        let claim = claims.remove(at: index)
        for other in claims { try await store.postpone(other, until: now, now: now) }
        return claim
    }

    /// Takes a webhook about an issue and commits this analysis of it, as the rescorer does.
    ///
    /// - Parameter toldAt: when Jira told the issue as it is now.
    public func commit(
        _ listing: IssueListing, of tenant: TenantID, at now: Timestamp, toldAt: Timestamp,
        decision: AlertDecision = AlertDecision()
    ) async throws {
        let (issue, claim) = (listing.issue, try await claim(listing.issue.id, of: tenant, at: now))
        let work = try await store.loadWork(for: claim)
        let records = try await store.sprintRecords(tenantID: tenant, sprintIDs: issue.sprints.map(\.id))
        try await store.commit(
            RescoreResult(
                previousState: work?.state, state: IssueState(of: issue, toldAt: toldAt), issue: issue,
                analysis: listing.analysis, appliedEvents: work?.pending.map(\.id) ?? [], decision: decision,
                sprintRecords: records, now: now),
            for: claim)
    }

    /// Claims an issue and fails at it until it is parked.
    public func park(
        _ id: IssueID, of tenant: TenantID, error: String, attempts: Int, at now: Timestamp
    ) async throws {
        for attempt in 1...attempts {
            try await store.fail(
                try await claim(id, of: tenant, at: now), error: error, retryAt: attempt < attempts ? now : nil,
                now: now)
        }
    }

    /// Notes that a backfill has fetched every issue of a project.
    public func markWhole(_ projectKey: String, of tenant: TenantID, at now: Timestamp) async throws {
        let backfill = try await store.startBackfill(
            tenant, jql: JQL.wholeProject(projectKey), by: .system("test"), now: now)
        try await store.recordPage(of: backfill, listed: 0, requested: [], nextPage: nil, now: now)
        try await store.finish(backfill, error: nil, now: now)
    }
}

extension IssueState {
    /// The state of which `issue` is the plain form, all of it told at one instant.
    public init(of issue: Issue, toldAt: Timestamp) {
        self.init(id: issue.id)
        let version = Version(at: toldAt, sentAt: toldAt)
        fields.key = Versioned(issue.key, version)
        fields.projectKey = Versioned(issue.projectKey, version)
        fields.summary = Versioned(issue.summary, version)
        fields.description = Versioned(issue.description, version)
        fields.labels = Versioned(issue.labels, version)
        fields.components = Versioned(issue.components, version)
        fields.resolvedAt = Versioned(issue.resolvedAt, version)
        fields.priority = Versioned(issue.priority, version)
        fields.status = Versioned(issue.status, version)
        fields.created = Versioned(issue.created, version)
        fields.dueDate = Versioned(issue.dueDate, version)
        fields.assignee = Versioned(issue.assignee, version)
        fields.storyPoints = Versioned(issue.storyPoints, version)
        fields.sprints = Versioned(issue.sprints, version)
        fields.parent = Versioned(issue.parent, version)
        comments = Dictionary(uniqueKeysWithValues: issue.comments.map { ($0.id, $0) })
        changes = Dictionary(uniqueKeysWithValues: issue.changes.map { ($0.id, $0) })
        lastActivityAt = issue.updated
        lastHumanActivityAt = issue.activeAt
        lastEventAt = toldAt
        isDeleted = issue.isDeleted
        if issue.isHidden { presence = Versioned(.hidden, version) }
    }
}
