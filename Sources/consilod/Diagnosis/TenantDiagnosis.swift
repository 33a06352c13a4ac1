import Alerts
import Domain
import Foundation
import JiraCloud
import QueryAPI
import Store
import Vault

/// Looks at what one tenant depends on: its Jira, the webhook there, and its channels.
struct TenantDiagnosis: Sendable {
    let store: RiskStore
    let vault: Vault
    let connections: JiraConnections
    let administration: WebhookAdministration
    let slack: SlackSink
    let asksJira: Bool
    let hasMail: Bool
    let now: @Sendable () -> Timestamp

    /// How long Jira may take for all of its answers.
    private static let timeLimit = Duration.seconds(40)
    /// A difference of clocks that nobody notices, and one that is sure to be wrong, in milliseconds.
    private static let (slightSkew, grossSkew) = (Int64(30_000), Int64(300_000))
    /// A site that is quiet for longer is worth a look, in days.
    private static let quietDays = 7

    func checks(of tenant: Tenant) async throws -> [DiagnosticCheck] {
        async let channels = channelChecks(of: tenant)
        let checks = try await jiraChecks(of: tenant) + [try await lastWebhook(of: tenant)]
        return try await checks + channels
    }

    // MARK: Jira

    private func jiraChecks(of tenant: Tenant) async throws -> [DiagnosticCheck] {
        guard asksJira else {
            return [
                DiagnosticCheck(
                    "jira", .warning, "jira.enabled is false: what webhooks miss stays missed",
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
        } catch let error as ConfigurationError {
            return [DiagnosticCheck("jira", .failed, "\(error)", remedy: "give the tenant its jira_token anew")]
        }
        let asked = await withTaskGroup(of: [DiagnosticCheck]?.self) { group in
            group.addTask { await ask(client, of: tenant) }
            group.addTask {
                // Whoever cancels this has the answer already.
                try? await Task.sleep(for: Self.timeLimit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        var checks =
            asked ?? [
                DiagnosticCheck(
                    "jira", .failed, "\(tenant.jiraURL) gives no answer in time",
                    remedy: "look at the network from this host to it; GET …/jira tells the last error")
            ]
        if let error = status?.lastError, !checks.contains(where: { $0.outcome == .failed }) {
            checks.append(
                DiagnosticCheck(
                    "jira.last", .warning, "the last look at what webhooks missed failed: \(error)",
                    remedy: "it is repeated by itself; POST /api/tenants/\(tenant.id)/jira/sweep repeats it at once"))
        }
        return checks
    }

    private static func newToken(for tenant: Tenant) -> String {
        """
        make a new API token for \(tenant.jiraEmail) at id.atlassian.com and give it as jira_token with PUT \
        /api/tenants/\(tenant.id); POST …/jira/sweep tries the old one again
        """
    }

    private func ask(_ client: JiraClient, of tenant: Tenant) async -> [DiagnosticCheck] {
        do {
            let myself = try await client.myself()
            var checks = [
                DiagnosticCheck("jira", .ok, "\(tenant.jiraURL) knows the account as \(myself.displayName)")
            ]
            checks.append(try await clock(client))
            let permissions = try await client.permissions(["BROWSE_PROJECTS", "ADMINISTER"])
            checks += permissionChecks(permissions, of: tenant)
            if permissions["ADMINISTER"] == true { checks.append(await webhook(of: tenant)) }
            return checks
        } catch {
            let remedy =
                switch error {
                case .unauthorized, .scopeMissing: Self.newToken(for: tenant)
                case .forbidden: "give \(tenant.jiraEmail) access to Jira on the site"
                case .refusedAddress: "the operator can allow the host in jira.allowed_hosts"
                default: "look at the network from this host to it, and at status.atlassian.com"
                }
            return [DiagnosticCheck("jira", .failed, "\(tenant.jiraURL): \(error)", remedy: remedy)]
        }
    }

    private func clock(_ client: JiraClient) async throws(JiraError) -> DiagnosticCheck {
        let before = now()
        let info = try await client.serverInfo()
        let after = now()
        guard let site = info.serverTime else {
            return DiagnosticCheck("clock", .ok, "Jira does not tell its time")
        }
        // Beyond what the exchange itself took, in whichever direction.
        let ahead = before.milliseconds - site.milliseconds
        let behind = site.milliseconds - after.milliseconds
        let skew = max(ahead, behind, 0)
        let words =
            "this host's clock is \(skew / 1000) seconds \(ahead > behind ? "ahead of" : "behind") Jira's"
        guard skew > Self.slightSkew else {
            return DiagnosticCheck("clock", .ok, "this host's clock agrees with Jira's")
        }
        return DiagnosticCheck(
            "clock", skew > Self.grossSkew ? .failed : .warning, words,
            remedy: "keep it right with systemd-timesyncd or chrony: age, staleness and what was missed go by it")
    }

    private func permissionChecks(_ permissions: [String: Bool], of tenant: Tenant) -> [DiagnosticCheck] {
        [
            permissions["BROWSE_PROJECTS"] == true
                ? DiagnosticCheck("jira.browse", .ok, "the account may browse projects")
                : DiagnosticCheck(
                    "jira.browse", .failed, "the account may browse no project (BROWSE_PROJECTS)",
                    remedy: "give \(tenant.jiraEmail) a role in the projects that consilod is to watch"),
            permissions["ADMINISTER"] == true
                ? DiagnosticCheck("jira.administer", .ok, "the account administers the site")
                : DiagnosticCheck(
                    "jira.administer", .warning,
                    "the account does not administer the site (ADMINISTER): its webhook cannot be looked at or set",
                    remedy:
                        "give \(tenant.jiraEmail) Administer Jira, or look after the webhook under System › WebHooks"),
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
                    "jira.webhook", .warning, "webhooks \(first.id), \(doubles) all point here: everything comes twice",
                    remedy: "remove \(doubles) in Jira under System › WebHooks")
            }
            let filter = first.jqlFilter.isEmpty ? "all issues" : "issues of the filter \(first.jqlFilter)"
            return DiagnosticCheck("jira.webhook", .ok, "webhook \(first.id) tells of all events, for \(filter)")
        } catch let error as JiraAdministrationError where error.kind == .noPublicURL {
            return DiagnosticCheck(
                "jira.webhook", .warning, "which webhook leads here cannot be told: http.public_url is not set",
                remedy: "set http.public_url")
        } catch {
            return DiagnosticCheck(
                "jira.webhook", .failed, "the webhooks of the site cannot be listed: \(error)", remedy: register)
        }
    }

    private func lastWebhook(of tenant: Tenant) async throws -> DiagnosticCheck {
        let test = "consilod webhook test --tenant \(tenant.id) --key-file FILE shows whether one can arrive"
        guard let last = try await store.lastWebhookAt(tenant.id) else {
            return DiagnosticCheck("webhook.last", .warning, "no webhook has come from Jira yet", remedy: test)
        }
        guard now() < last.adding(days: Self.quietDays) else {
            return DiagnosticCheck("webhook.last", .warning, "the last webhook came at \(last)", remedy: test)
        }
        return DiagnosticCheck("webhook.last", .ok, "the last webhook came at \(last)")
    }

    // MARK: Channels

    private func channelChecks(of tenant: Tenant) async throws -> [DiagnosticCheck] {
        let channels = try await store.alertChannels(tenant.id).filter(\.isEnabled)
        guard !channels.isEmpty else {
            return [
                DiagnosticCheck(
                    "channels", .warning, "no channel is set: alerts go nowhere",
                    remedy: "POST /api/alert-channels adds Slack or mail; GET /api/alerts shows what was raised")
            ]
        }
        return await withTaskGroup(of: (Int, DiagnosticCheck).self) { group in
            for (index, channel) in channels.enumerated() { group.addTask { (index, await check(channel)) } }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func check(_ channel: AlertChannel) async -> DiagnosticCheck {
        let name = "channel.\(channel.kind.rawValue)"
        switch channel.kind {
        case .email:
            return hasMail
                ? DiagnosticCheck(name, .ok, "\(channel.name): mail goes through this host's mail server")
                : DiagnosticCheck(
                    name, .failed, "\(channel.name): this host sends no mail",
                    remedy: "set smtp.host and smtp.from in its configuration")
        case .slack:
            let target: String
            do {
                target = try vault.open(channel.target)
            } catch {
                return DiagnosticCheck(
                    name, .failed, "\(channel.name): its address cannot be decrypted with the configured keys",
                    remedy: "enter the channel anew, or configure the key that sealed it")
            }
            let host = URLComponents(string: target)?.host ?? "its host"
            switch await slack.checkHost(of: target) {
            case .accepted: return DiagnosticCheck(name, .ok, "\(channel.name): \(host) can be reached")
            case .permanent(let reason):
                return DiagnosticCheck(
                    name, .failed, "\(channel.name): \(reason)",
                    remedy:
                        "correct the channel's address; a host on a private network must be listed in alerts.allowed_hosts"
                )
            case .transient(let reason, _):
                return DiagnosticCheck(
                    name, .failed, "\(channel.name): \(host): \(reason)",
                    remedy: "look at its DNS name, the firewall and proxies between this host and it")
            }
        }
    }
}
