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
            headline: "Jira refuses consilod's account: risk follows webhooks alone, and what they miss stays missed",
            createdAt: now,
            subject: .access(
                AccessAlert(
                    siteURL: tenant.jiraURL, reason: reason,
                    steps: [
                        "Make a new API token for \(tenant.jiraEmail) at id.atlassian.com, and give it as "
                            + "jira_token with PUT /api/tenants/\(tenant.id)",
                        "Or, when the account was given its permissions back: "
                            + "POST /api/tenants/\(tenant.id)/jira/sweep",
                    ])))
        var decision = AlertDecision(alerts: [alert])
        router.route(&decision, by: routing, now: now)
        return decision
    }
}
