import Domain

/// Checks how a tenant stands with Jira Automation, and says what it lacks beside signed webhooks.
struct AutomationDiagnosis: Sendable {
    /// Whether this host takes such requests.
    let isOn: Bool
    /// Whether this host makes calls to Jira.
    let asksJira: Bool

    /// Without a request, or a webhook, for longer is worth a check, in days.
    private static let quietDays = 7

    /// None for a tenant without tokens, whose webhooks come signed.
    func checks(of tenant: Tenant, _ standing: AutomationStanding, now: Timestamp) -> [DiagnosticCheck] {
        guard standing.validTokens > 0 else { return [] }
        guard isOn else {
            return [
                DiagnosticCheck(
                    "automation", .warning,
                    "the tenant has automation tokens, but this host answers Jira Automation with 404",
                    remedy: "set webhook.automation to true, or delete the tokens")
            ]
        }
        return [request(standing, now: now)] + (lacksWebhooks(standing, now: now) ? [gaps(of: tenant)] : [])
    }

    private func request(_ standing: AutomationStanding, now: Timestamp) -> DiagnosticCheck {
        let remedy = "see the audit log of the rule in Jira: it shows the answer to each request"
        guard let last = standing.lastRequestAt else {
            return DiagnosticCheck(
                "automation", .warning, "no request from Jira Automation was received yet", remedy: remedy)
        }
        guard now < last.adding(days: Self.quietDays) else {
            return DiagnosticCheck(
                "automation", .warning, "the last request from Jira Automation was received at \(last)", remedy: remedy)
        }
        return DiagnosticCheck("automation", .ok, "the last request from Jira Automation was received at \(last)")
    }

    private func lacksWebhooks(_ standing: AutomationStanding, now: Timestamp) -> Bool {
        standing.lastWebhookAt.map { now >= $0.adding(days: Self.quietDays) } ?? true
    }

    /// What a tenant lacks that has nothing but rules.
    private func gaps(of tenant: Tenant) -> DiagnosticCheck {
        let filled =
            asksJira
            ? "fetches and sweeps with the tenant's account fill in the rest, minutes later"
            : "jira.enabled is false, so that nothing fills in the rest"
        return DiagnosticCheck(
            "automation.gaps", .warning,
            """
            nothing comes but requests of Jira Automation: they are not signed, Jira does not send again what failed, and \
            rules tell neither of sprints, links, work logs and deleted comments nor of changes to projects; \(filled)
            """,
            remedy: """
                have an administrator of Jira create the webhook (consilod webhook register --tenant \(tenant.id) \
                --key-file FILE)\(asksJira ? "" : ", or set jira.enabled to true")
                """)
    }
}
