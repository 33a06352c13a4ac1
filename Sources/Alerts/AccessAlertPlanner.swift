public import Domain
import Foundation

/// Decides what a tenant is told when Jira refuses its account. Pure.
public struct AccessAlertPlanner: Sendable {
    private let router: AlertRouter

    public init(router: AlertRouter) { self.router = router }

    /// The alert, over the channels that the tenant's routes have for it.
    ///
    /// - Parameter reason: what Jira answered, for people.
    public func decide(tenant: Tenant, routing: AlertRouting, reason: String, now: Timestamp) -> AlertDecision {
        let alert = Alert(
            id: UUID(named: "\(tenant.id)|access|\(now.milliseconds)"), tenantID: tenant.id, event: .raised,
            band: .medium,
            headline: "Jira refuses consilod's account: scores follow webhooks alone, and what they miss is unknown",
            createdAt: now,
            subject: .access(
                AccessAlert(
                    siteURL: tenant.jiraURL, reason: reason,
                    steps: [
                        "Create a new API token for \(tenant.jiraEmail) at id.atlassian.com, and set it as "
                            + "jira_token with PUT /api/tenants/\(tenant.id)",
                        "Or, if the account has its permissions again: "
                            + "POST /api/tenants/\(tenant.id)/jira/sweep",
                    ])))
        var decision = AlertDecision(alerts: [alert])
        router.route(&decision, by: routing, now: now)
        return decision
    }
}
