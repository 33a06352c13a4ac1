public import Alerts
import Domain
import Foundation
public import JiraCloud
public import QueryAPI
public import RiskEngine
public import Store
import Vault
public import WebhookIngest

// The modules of floor 2 know only the protocols they declare; here they meet.

extension RiskStore: RescoreStore {}
extension RiskStore: QueryStore {}
extension RiskStore: WebhookInbox {}
extension RiskStore: JiraAccessStore {}
extension RiskStore: SyncStore {}
extension JiraWebhookDecoder: EventReading {}
extension AlertPlanner: AlertDeciding {}

extension JiraWebhookDecoder {
    /// Whom a stored body concerns, as this version of consilod reads it.
    func route(_ body: [UInt8]) -> WebhookRoute {
        do {
            let (event, sentAt, routing) = try envelope(of: body)
            return WebhookRoute(event: event, sentAt: sentAt, routing: routing)
        } catch {
            return WebhookRoute(event: "", sentAt: nil, routing: .rejected(reason: "\(error)"))
        }
    }
}

extension RiskStore {
    /// What a tenant is told when Jira refuses its account; nothing when the tenant was deleted.
    func decisionOnStop(of tenantID: TenantID, because reason: String, now: Timestamp) async throws -> AlertDecision {
        guard let tenant = try await tenant(tenantID) else { return AlertDecision() }
        return AccessAlertPlanner().decide(
            tenant: tenant, channels: try await alertChannels(tenantID), reason: reason, now: now)
    }
}

/// The outbox with channel targets in clear, for delivery only.
struct OpeningOutbox: AlertOutbox {
    let store: RiskStore
    let vault: Vault

    func claimDeliveries(limit: Int, now: Timestamp, leaseUntil: Timestamp) async throws -> [OutboxItem] {
        var opened: [OutboxItem] = []
        for var item in try await store.claimDeliveries(limit: limit, now: now, leaseUntil: leaseUntil) {
            do {
                item.channel.target = try vault.open(item.channel.target)
                opened.append(item)
            } catch {
                // Without its key the target is gone for good; the delivery must not wait for ever (P7).
                try await store.record(
                    .dead(reason: "the channel's target cannot be decrypted with the configured keys"), for: item,
                    now: now)
            }
        }
        return opened
    }

    func record(_ outcome: DeliveryOutcome, for item: OutboxItem, now: Timestamp) async throws {
        try await store.record(outcome, for: item, now: now)
    }

    func release(_ items: [OutboxItem]) async throws { try await store.release(items) }
}

/// Analyses on demand for the query API.
struct OnDemandAnalyst: IssueAnalyzing {
    let analyst: IssueAnalyst

    func analyze(tenantID: TenantID, key: IssueKey, now: Timestamp, store: Bool) async throws -> IssueListing? {
        try await analyst.analyze(tenantID: tenantID, key: key, now: now, storesHistory: store)
            .map { IssueListing(issue: $0.issue, analysis: $0.analysis) }
    }

    var reportTemplates: [String] { IssueReport.Template.allCases.map(\.rawValue) }

    func report(_ template: String, listing: IssueListing) -> String? {
        IssueReport.Template(rawValue: template)
            .map { IssueReport.render(template: $0, issue: listing.issue, analysis: listing.analysis) }
    }

    func trendDirection(_ points: [ScorePoint]) -> String { RiskTrend.direction(of: points) }
}

extension OnDemandAnalyst: RiskRollingUp {
    func scope(of sprint: Sprint, issues: [SprintIssue], now: Timestamp) -> SprintScope {
        analyst.scope(of: sprint, issues: issues, now: now)
    }

    func openIssues(of sprint: Sprint, among issues: [SprintIssue]) -> [SprintIssue] {
        SprintScope.openIssues(of: sprint, among: issues)
    }

    func rollUp(sprint issues: [RolledUpIssue], at now: Timestamp) -> SprintRollup { SprintRollup(of: issues, at: now) }
    func rollUp(portfolio issues: [RolledUpIssue]) -> PortfolioRollup { PortfolioRollup(of: issues) }

    func summary(
        of sprint: Sprint, projectKey: String, rollup: SprintRollup, scope: SprintScope, openCount: Int
    ) -> String {
        RollupSummary.of(sprint, projectKey: projectKey, rollup: rollup, scope: scope, open: openCount)
    }

    func summary(ofSlices slices: [(name: String, rollup: PortfolioRollup)], overall: PortfolioRollup) -> String {
        RollupSummary.of(slices: slices, overall: overall)
    }
}

/// Seals with the vault's first key, and makes keys and secrets.
struct VaultSealing: SecretSealing {
    let vault: Vault

    func seal(_ secret: String) throws -> String { try vault.seal(secret) }
    func open(_ sealed: String) throws -> String { try vault.open(sealed) }
    func newAPIKey() -> String { APIKey.generate() }
    func hash(ofAPIKey key: String) -> String { APIKey.hash(key) }
    func newWebhookSecret() -> String { WebhookSecret.generate() }
}
