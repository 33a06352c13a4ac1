public import Domain
import Foundation

/// Checks what consilod needs of one tenant's Jira: its account there, the webhook, and the clocks.
public struct JiraDiagnosis: Sendable {
    private let store: any WebhookAdministrationStore
    private let connections: JiraConnections
    private let administration: WebhookAdministration
    private let isEnabled: Bool
    private let now: @Sendable () -> Timestamp

    /// - Parameter isEnabled: whether this host makes calls to Jira.
    public init(
        store: any WebhookAdministrationStore, connections: JiraConnections, administration: WebhookAdministration,
        isEnabled: Bool, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.connections = connections
        self.administration = administration
        self.isEnabled = isEnabled
        self.now = now
    }

    /// How long Jira may take for all of its answers.
    private static let timeLimit = Duration.seconds(40)
    /// A difference of clocks that has no effect, and one that certainly has, in milliseconds.
    private static let (slightSkew, grossSkew) = (Int64(30_000), Int64(300_000))
    /// A site without a webhook for longer is worth a check, in days.
    private static let quietDays = 7

    /// The checks of a tenant's Jira; calls it where calls are not stopped. Throws what the store throws.
    public func checks(of tenant: Tenant) async throws -> [DiagnosticCheck] {
        try await accessChecks(of: tenant) + [try await lastWebhook(of: tenant)]
    }

    private func accessChecks(of tenant: Tenant) async throws -> [DiagnosticCheck] {
        guard isEnabled else {
            return [
                DiagnosticCheck(
                    "jira", .warning, "jira.enabled is false: missed webhooks stay missed",
                    remedy: "set jira.enabled to true where this host may reach \(tenant.jiraURL)")
            ]
        }
        let status = try await store.jiraAccessStatus(tenant.id)
        if let reason = status?.stoppedReason {
            return [
                DiagnosticCheck(
                    "jira", .failed, "no calls are made: \(reason)", remedy: Self.newToken(for: tenant))
            ]
        }
        let client: JiraClient
        do {
            guard let found = try await connections.client(for: tenant.id) else { return [] }
            client = found
        } catch let error as UnreadableJiraToken {
            return [
                DiagnosticCheck(
                    "jira", .failed, "\(error)",
                    remedy: "set the tenant's jira_token again (PUT /api/tenants/\(tenant.id))")
            ]
        }
        let writeBack = try await store.writeBackStatus(tenant.id).flatMap { WriteBackDiagnosis($0, of: tenant) }
        let asked = await withTaskGroup(of: [DiagnosticCheck]?.self) { group in
            group.addTask { await ask(client, of: tenant, writeBack) }
            group.addTask {
                // Cancelled when the answer is there.
                try? await Task.sleep(for: Self.timeLimit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        var checks =
            asked ?? [
                DiagnosticCheck(
                    "jira", .failed, "\(tenant.jiraURL) timed out",
                    remedy: "check the network from this host to it; GET …/jira shows the last error")
            ]
        if let error = status?.lastError, !checks.contains(where: { $0.outcome == .failed }) {
            checks.append(
                DiagnosticCheck(
                    "jira.last", .warning, "the last sweep failed: \(error)",
                    remedy: "it is retried; POST /api/tenants/\(tenant.id)/jira/sweep retries it at once"))
        }
        return checks
    }

    private static func newToken(for tenant: Tenant) -> String {
        """
        make a new API token for \(tenant.jiraEmail) at id.atlassian.com and give it as jira_token with PUT \
        /api/tenants/\(tenant.id); POST …/jira/sweep tries the old one again
        """
    }

    private func ask(
        _ client: JiraClient, of tenant: Tenant, _ writeBack: WriteBackDiagnosis?
    ) async -> [DiagnosticCheck] {
        do {
            let myself = try await client.myself()
            var checks = [
                DiagnosticCheck("jira", .ok, "\(tenant.jiraURL) knows the account as \(myself.displayName)")
            ]
            checks.append(try await clock(client))
            let permissions = try await client.permissions(["BROWSE_PROJECTS", "ADMINISTER"])
            checks += permissionChecks(permissions, of: tenant)
            if permissions["ADMINISTER"] == true { checks.append(await webhook(of: tenant)) }
            if let writeBack { checks += try await writeBack.checks(with: client, now: now()) }
            return checks
        } catch {
            let remedy =
                switch error {
                case .unauthorized, .scopeMissing: Self.newToken(for: tenant)
                case .forbidden: "give \(tenant.jiraEmail) access to Jira on the site"
                case .refusedAddress: "the operator can allow the host in jira.allowed_hosts"
                default: "check the network from this host to it, and status.atlassian.com"
                }
            return [DiagnosticCheck("jira", .failed, "\(tenant.jiraURL): \(error)", remedy: remedy)]
        }
    }

    private func clock(_ client: JiraClient) async throws(JiraError) -> DiagnosticCheck {
        let before = now()
        let info = try await client.serverInfo()
        let after = now()
        guard let site = info.serverTime else {
            return DiagnosticCheck("clock", .ok, "Jira does not send its time")
        }
        // Beyond what the exchange itself took, in whichever direction.
        let ahead = before.milliseconds - site.milliseconds
        let behind = site.milliseconds - after.milliseconds
        let skew = max(ahead, behind, 0)
        let difference =
            "this host's clock is \(skew / 1000) seconds \(ahead > behind ? "ahead of" : "behind") Jira's"
        guard skew > Self.slightSkew else {
            return DiagnosticCheck("clock", .ok, "this host's clock agrees with Jira's")
        }
        return DiagnosticCheck(
            "clock", skew > Self.grossSkew ? .failed : .warning, difference,
            remedy: "synchronize it with systemd-timesyncd or chrony: age, staleness and sweeps depend on it")
    }

    private func permissionChecks(_ permissions: [String: Bool], of tenant: Tenant) -> [DiagnosticCheck] {
        [
            permissions["BROWSE_PROJECTS"] == true
                ? DiagnosticCheck("jira.browse", .ok, "the account may browse projects")
                : DiagnosticCheck(
                    "jira.browse", .failed, "the account may not browse any project (BROWSE_PROJECTS)",
                    remedy: "give \(tenant.jiraEmail) a role in the projects that consilod watches"),
            permissions["ADMINISTER"] == true
                ? DiagnosticCheck("jira.administer", .ok, "the account administers the site")
                : DiagnosticCheck(
                    "jira.administer", .warning,
                    "the account does not administer the site (ADMINISTER): its webhook cannot be listed or changed",
                    remedy:
                        "give \(tenant.jiraEmail) Administer Jira, or maintain the webhook under System › WebHooks"),
        ]
    }

    private func webhook(of tenant: Tenant) async -> DiagnosticCheck {
        let register = "consilod webhook register --tenant \(tenant.id) --key-file FILE"
        do {
            let overview = try await administration.webhooks(of: tenant)
            guard let first = overview.own.first else {
                return DiagnosticCheck(
                    "jira.webhook", .failed, "Jira has no webhook for \(overview.url)", remedy: register)
            }
            guard first.faults.isEmpty else {
                return DiagnosticCheck(
                    "jira.webhook", .failed, "webhook \(first.id): \(first.faults.joined(separator: "; "))",
                    remedy: register)
            }
            guard overview.own.count == 1 else {
                let doubles = overview.own.dropFirst().map(\.id).joined(separator: ", ")
                return DiagnosticCheck(
                    "jira.webhook", .warning,
                    "webhooks \(first.id), \(doubles) all point here: every event is delivered more than once",
                    remedy: "remove \(doubles) in Jira under System › WebHooks")
            }
            let filter = first.jqlFilter.isEmpty ? "all issues" : "issues of the filter \(first.jqlFilter)"
            return DiagnosticCheck("jira.webhook", .ok, "webhook \(first.id) reports all events, for \(filter)")
        } catch let error as JiraAdministrationError where error.kind == .noPublicURL {
            return DiagnosticCheck(
                "jira.webhook", .warning, "http.public_url is not set: the webhook for this host is unknown",
                remedy: "set http.public_url")
        } catch {
            return DiagnosticCheck(
                "jira.webhook", .failed, "cannot list the webhooks of the site: \(error)", remedy: register)
        }
    }

    private func lastWebhook(of tenant: Tenant) async throws -> DiagnosticCheck {
        let test = "consilod webhook test --tenant \(tenant.id) --key-file FILE shows whether one can arrive"
        guard let last = try await store.lastWebhookAt(tenant.id) else {
            return DiagnosticCheck("webhook.last", .warning, "no webhook was received yet", remedy: test)
        }
        guard now() < last.adding(days: Self.quietDays) else {
            return DiagnosticCheck("webhook.last", .warning, "the last webhook was received at \(last)", remedy: test)
        }
        return DiagnosticCheck("webhook.last", .ok, "the last webhook was received at \(last)")
    }
}
