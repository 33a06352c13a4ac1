public import Alerts
import Domain
import Foundation
public import JiraCloud
public import QueryAPI
public import RiskEngine
public import Store
import Vault
public import WebhookIngest

// The modules of floors 2 and 3 know only the protocols they declare; the store conforms here.

extension RiskStore: RescoreStore {}
extension RiskStore: QueryStore {}
extension GroupCommit: WebhookInbox {}
extension RiskStore: AlertOutbox {}
extension RiskStore: JiraAccessStore {}
extension RiskStore: SyncStore {}
extension RiskStore: WebhookAdministrationStore {}
extension RiskStore: JiraSearchStore {}
extension WebhookAdministration: JiraAdministering {}
extension JiraSearch: JiraSearching {}

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
