import Domain
import Foundation
import Store

/// What tells a tenant, over all of its channels, that Jira refuses its account.
struct AccessAlert: Sendable {
    let store: RiskStore

    /// The rule that alerts of access name: none that anybody made.
    private static let ruleID = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    /// The alert for a tenant; nil when the tenant is gone.
    func alert(for tenantID: TenantID, reason: String, now: Timestamp) async throws -> Alert? {
        guard let tenant = try await store.tenant(tenantID) else { return nil }
        return Alert(
            id: UUID(), tenantID: tenantID, ruleID: Self.ruleID, ruleName: "Access to Jira", kind: .access,
            event: .raised, issueID: IssueID("-"), issueKey: IssueKey("-"), projectKey: "-",
            summary: tenant.jiraURL, status: reason, assignee: "-", issueURL: tenant.jiraURL, score: 0,
            previousScore: nil, band: .medium,
            headline: "Jira refuses consilod's account: risk follows webhooks alone, and what they miss stays missed",
            changes: [], factors: [],
            remedies: [
                .init(
                    action: "Make a new API token for \(tenant.jiraEmail) at id.atlassian.com, and give it as "
                        + "jira_token with PUT /api/tenants/\(tenantID)", points: 0),
                .init(
                    action: "Or, when the account was given its permissions back: "
                        + "POST /api/tenants/\(tenantID)/jira/sweep", points: 0),
            ], model: "-", createdAt: now, channelIDs: [])
    }
}
