public import Alerts
public import Billing
import Domain
public import Forecast
public import JiraCloud
public import Queries
public import RiskEngine
public import Store
public import WebhookIngest

// The modules of floors 2 and 3 know only the protocols they declare; the store conforms here.

extension RiskStore: RescoreStore {}
extension RiskStore: QueryStore {}
extension RiskStore: DashboardStore {}
extension RiskStore: SetupStore {}
extension RiskStore: ServingStore {}
extension IssueForecaster: ForecastExplaining {}
extension GroupCommit: WebhookInbox {}
extension RiskStore: AlertOutbox {}
extension RiskStore: DigestStore {}
extension RiskStore: RecipientStore {}
extension RiskStore: AccountMailOutbox {}
extension RiskStore: JiraAccessStore {}
extension RiskStore: SyncStore {}
extension RiskStore: WebhookAdministrationStore {}
extension RiskStore: JiraSearchStore {}
extension RiskStore: WriteBackStore {}
extension RiskStore: TrainingStore {}
extension WebhookAdministration: JiraAdministering {}
extension JiraSearch: JiraSearching {}
extension JiraCommenter: JiraCommenting {}
extension RiskStore: StripeStore {}
extension RiskStore: StripeInbox {}
extension BillingDesk: SubscriptionSelling {}

extension RiskStore {
    /// Which alerts are raised when Jira refuses a tenant's account; none when the tenant was deleted.
    func decisionOnStop(
        of tenantID: TenantID, because reason: String, router: AlertRouter, now: Timestamp
    ) async throws -> AlertDecision {
        guard let tenant = try await tenant(tenantID) else { return AlertDecision() }
        return AccessAlertPlanner(router: router).decide(
            tenant: tenant, routing: try await alertRouting(tenantID, now: now), reason: reason, now: now)
    }
}
