import Domain
import Foundation
import Queries
import Synchronization

@testable import QueryAPI

/// Answers as Jira might have answered; the real one stands behind the tests of the daemon.
final class ScriptedAdministration: JiraAdministering {
    /// What is thrown instead of an answer.
    let failure = Mutex<JiraAdministrationError?>(nil)
    /// What was asked, in words.
    let asked = Mutex<[String]>([])

    static let webhook = RegisteredWebhook(
        id: "17", name: "consilod", url: "https://risk.example/webhooks/jira/1", events: ["comment_created"],
        jqlFilter: "", isEnabled: true, faults: ["it lacks the events sprint_closed"])

    private func note(_ words: String) throws {
        asked.withLock { $0.append(words) }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    func webhooks(of tenant: Tenant) async throws -> WebhookOverview {
        try note("list \(tenant.companyName)")
        return WebhookOverview(url: "https://risk.example/door", own: [Self.webhook], others: ["CI"])
    }

    func registerWebhook(of tenant: Tenant, jqlFilter: String?, by actor: Actor) async throws -> WebhookRegistration {
        try note("register \(tenant.companyName) \(jqlFilter ?? "as it is")")
        return WebhookRegistration(webhook: Self.webhook, isNew: jqlFilter == nil, doubles: [])
    }

    func rotateWebhookSecret(
        of tenant: Tenant, graceSeconds: Int64, by actor: Actor
    ) async throws -> WebhookSecretRotation {
        try note("rotate \(tenant.companyName) \(graceSeconds)")
        return WebhookSecretRotation(
            secretID: UUID(), webhookIDs: ["17"], formerValidUntil: testNow.adding(seconds: graceSeconds))
    }

    func testWebhook(of tenant: Tenant, by actor: Actor) async throws -> WebhookTest {
        try note("test \(tenant.companyName)")
        return WebhookTest(url: "https://risk.example/door", hasArrived: true, status: 202, detail: "", milliseconds: 3)
    }
}

/// Posts comments as Jira might take them.
final class ScriptedCommenter: JiraCommenting {
    /// What was posted.
    let posted = Mutex<[RiskComment]>([])

    func account(of tenant: Tenant) async throws -> String { "bot-1" }

    func post(_ comment: RiskComment, on issueID: IssueID, of tenant: Tenant) async throws -> CommentID {
        posted.withLock { $0.append(comment) }
        return "900001"
    }
}

/// One good check for the host.
struct FixedHostDiagnosis: HostDiagnosing {
    func checks() async -> [DiagnosticCheck] { [DiagnosticCheck("disk", .ok, "there is room")] }
}

/// One check of each outcome for a tenant.
struct FixedTenantDiagnosis: TenantDiagnosing {
    func checks(of tenant: Tenant) async throws -> [DiagnosticCheck] {
        [
            DiagnosticCheck("jira", .ok, "knows the account"),
            DiagnosticCheck("channels", .warning, "none of \(tenant.companyName)", remedy: "add one"),
            DiagnosticCheck("jira.webhook", .failed, "there is none", remedy: "register it"),
        ]
    }
}
