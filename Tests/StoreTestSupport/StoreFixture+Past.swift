public import Domain
import Store
public import TestSupport

extension StoreFixture {
    /// Stores the issues of an invented past, as a backfill does that fetches each of them whole.
    public func add(_ past: TenantPast, to tenant: TenantID) async throws {
        for issue in past.issues {
            let claim = try await claim(issue.id, of: tenant, at: past.end)
            let work = try await store.loadWork(for: claim)
            var result = Self.result(work, id: issue.id, key: issue.key, score: 50, now: past.end)
            result.state = IssueState(whole: issue, toldAt: past.end)
            result.issue = issue
            result.statuses = issue.status.flatMap { StatusRecord($0, toldOn: past.end.utcDay) }.map { [$0] } ?? []
            result.history = []
            try await store.commit(result, for: claim)
        }
    }
}

extension IssueState {
    /// The state of which `issue` is the plain form, fetched at one instant.
    fileprivate init(whole issue: Issue, toldAt: Timestamp) {
        self.init(id: issue.id)
        let version = Version(at: issue.updated, sentAt: toldAt)
        fields.key = Versioned(issue.key, version)
        fields.projectKey = Versioned(issue.projectKey, version)
        fields.summary = Versioned(issue.summary, version)
        fields.issueType = Versioned(issue.issueType, version)
        fields.priority = Versioned(issue.priority, version)
        fields.status = Versioned(issue.status, version)
        fields.created = Versioned(issue.created, version)
        fields.assignee = Versioned(issue.assignee, version)
        fields.reporter = Versioned(issue.reporter, version)
        changes = Dictionary(uniqueKeysWithValues: issue.changes.map { ($0.id, $0) })
        comments = Dictionary(uniqueKeysWithValues: issue.comments.map { ($0.id, $0) })
        wholeComments = Versioned(issue.comments.map(\.id), version)
        lastActivityAt = issue.updated
        lastEventAt = toldAt
    }
}
