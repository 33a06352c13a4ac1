import Alerts
import Billing
import Domain
import Foundation
import JiraCloud
import Queries
import QueryAPI
import Store

/// Checks what all tenants of this host depend on.
struct HostDiagnosis: HostDiagnosing {
    let health: any HealthReporting
    let configuration: DaemonConfiguration
    let probe: PublicURLProbe?
    let mail: EmailSink?
    /// Nil where the host is not connected to Stripe.
    let stripe: StripeDiagnosis?
    /// Looks at all sealed values.
    let survey: @Sendable () async throws -> SealedSurvey

    func checks() async -> [DiagnosticCheck] {
        async let report = health.health()
        async let address = publicAddress()
        async let mailServer = mailServer()
        async let encryption = encryption()
        async let payments = stripe?.checks() ?? []
        // The component says what was seen some time ago.
        var checks = Self.checks(of: await report.components.filter { $0.key != "encryption" })
        checks.append(await encryption)
        if let folder = configuration.store.folder, let space = FreeSpace(at: folder) {
            checks.append(space.check(of: folder))
        }
        return checks + [await address, await mailServer] + (await payments)
    }

    /// What `/health` reports, a check for each component.
    static func checks(of components: [String: HealthReport.Component]) -> [DiagnosticCheck] {
        // The mail server has a check of its own, which connects to it.
        components.filter { $0.key != "mail" }.sorted { $0.key < $1.key }.map { name, component in
            let outcome: DiagnosticCheck.Outcome =
                switch component.status {
                case .healthy: component.reason == .modelMissing ? .warning : .ok
                case .degraded: .warning
                case .unhealthy: .failed
                }
            return DiagnosticCheck(
                name, outcome, component.detail, remedy: outcome == .ok ? nil : Self.remedy(of: name))
        }
    }

    private static func remedy(of name: String) -> String {
        switch name {
        case "store": "see the journal (journalctl -u consilod), the disk and the rights of the state directory"
        case "rescorer": "GET /api/issues/parked says why issues were parked; POST …/retry retries"
        case "alerts": "GET /api/alerts?state=dead says why; POST /api/alerts/deliveries/{id}/retry retries"
        case "jira": "see the checks of the tenants"
        case "stripe_sync": "the log names the tenant and the price; see docs/billing.md"
        case "host_clock": "compare the host's clock with another; when it is right, run consilod store confirm-clock"
        case "model": "consilod model fetch, then systemctl reload consilod; consilod model verify checks the files"
        default: "see the journal (journalctl -u consilod)"
        }
    }

    private func encryption() async -> DiagnosticCheck {
        do {
            return try await survey().check
        } catch {
            return DiagnosticCheck("encryption", .failed, "the sealed values cannot be read: \(error)")
        }
    }

    // MARK: The public address

    private func publicAddress() async -> DiagnosticCheck {
        guard let probe else {
            return DiagnosticCheck(
                "http.public_url", .warning, "http.public_url is not set",
                remedy: "set it to the https address at which Jira reaches this host; webhook register needs it")
        }
        func failed(_ detail: String, _ remedy: String) -> DiagnosticCheck {
            DiagnosticCheck("http.public_url", .failed, detail, remedy: remedy)
        }
        let answer: PublicURLProbe.Answer
        do throws(PublicURLProbe.Unreachable) {
            answer = try await probe.probe()
        } catch {
            return failed(
                "\(probe.publicURL) \(error.reason)",
                "check its DNS name, the firewall, the reverse proxy and its certificate, as seen from this host")
        }
        guard answer.status == 404, answer.code == "tenant_not_found" else {
            return failed(
                "\(probe.publicURL)/webhooks/ answers \(answer.status), not as consilod does. \(answer.explanation)",
                "make the reverse proxy pass POST /webhooks/… on to consilod, unchanged and without credentials")
        }
        guard probe.publicURL.lowercased().hasPrefix("https:") else {
            return DiagnosticCheck(
                "http.public_url", .warning, "\(probe.publicURL) leads to consilod, but is not https",
                remedy: "Jira Cloud posts to https addresses only: put a reverse proxy with TLS in front")
        }
        return DiagnosticCheck("http.public_url", .ok, "\(probe.publicURL) leads to consilod")
    }

    // MARK: Mail

    private func mailServer() async -> DiagnosticCheck {
        guard let mail, let settings = configuration.mail else {
            return DiagnosticCheck("mail", .ok, "smtp.host is not set: no mail is sent")
        }
        let place = "\(settings.host):\(settings.port)"
        switch await mail.checkServer() {
        case .accepted:
            return DiagnosticCheck(
                "mail", .ok,
                settings.username == nil ? "\(place) accepts connections" : "\(place) accepts the sign-in")
        case .transient(let reason, _), .permanent(let reason):
            return DiagnosticCheck(
                "mail", .failed, "\(place): \(reason)",
                remedy: """
                    check smtp.host, smtp.port, smtp.security, smtp.username and the smtp-password; where the password is \
                    right, the mail server may offer a way to sign in that it cannot check: set smtp.auth to plain
                    """)
        }
    }
}
