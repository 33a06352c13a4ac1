import Alerts
import Foundation
import QueryAPI
import RiskEngine

/// Looks at what all tenants of this host depend on.
struct HostDiagnosis: HostDiagnosing {
    let health: any HealthReporting
    let configuration: DaemonConfiguration
    let door: PublicDoor?
    let mail: EmailSink?

    func checks() async -> [DiagnosticCheck] {
        async let report = health.health()
        async let address = publicAddress()
        async let mailServer = mailServer()
        var checks = Self.checks(of: await report.components)
        if let folder = configuration.store.folder, let space = FreeSpace(at: folder) {
            checks.append(space.check(of: folder))
        }
        return checks + [await address, await mailServer]
    }

    /// What `/health` says, a check for each part.
    static func checks(of components: [String: HealthReport.Component]) -> [DiagnosticCheck] {
        // The mail server is asked, which says more.
        components.filter { $0.key != "mail" }.sorted { $0.key < $1.key }.map { name, component in
            let isWordList =
                name == "model" && component.detail.hasPrefix(WordListClassifier().modelID)
                && !component.detail.contains("model.enabled")
            let outcome: DiagnosticCheck.Outcome =
                switch component.status {
                case .healthy: isWordList ? .warning : .ok
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
        case "rescorer": "GET /api/issues/parked says why issues were set aside; POST …/retry tries again"
        case "alerts": "GET /api/alerts?state=dead says why; POST /api/alerts/deliveries/{id}/retry tries again"
        case "jira": "see the checks of the tenants"
        case "model": "consilod model fetch, then systemctl reload consilod; consilod model verify checks the files"
        default: "see the journal (journalctl -u consilod)"
        }
    }

    // MARK: The public address

    private func publicAddress() async -> DiagnosticCheck {
        guard let door else {
            return DiagnosticCheck(
                "http.public_url", .warning, "http.public_url is not set",
                remedy: "set it to the https address under which Jira reaches this host; webhook register needs it")
        }
        func failed(_ detail: String, _ remedy: String) -> DiagnosticCheck {
            DiagnosticCheck("http.public_url", .failed, detail, remedy: remedy)
        }
        let answer: PublicDoor.Answer
        do throws(PublicDoor.Unreachable) {
            answer = try await door.knock()
        } catch {
            return failed(
                "\(door.publicURL) \(error.reason)",
                "look at its DNS name, the firewall, the reverse proxy and its certificate, as seen from this host")
        }
        guard answer.status == 404, answer.code == "tenant_not_found" else {
            return failed(
                "\(door.publicURL)/webhooks/ answers \(answer.status), and not as consilod does. \(answer.explanation)",
                "have the reverse proxy pass POST /webhooks/… on to consilod, unchanged and without credentials")
        }
        guard door.publicURL.lowercased().hasPrefix("https:") else {
            return DiagnosticCheck(
                "http.public_url", .warning, "\(door.publicURL) leads to consilod, but is not https",
                remedy: "Jira Cloud posts to https addresses only: put a reverse proxy with TLS in front")
        }
        return DiagnosticCheck("http.public_url", .ok, "\(door.publicURL) leads to consilod")
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
                settings.username == nil ? "\(place) takes connections" : "\(place) accepts the sign-in")
        case .transient(let reason, _), .permanent(let reason):
            return DiagnosticCheck(
                "mail", .failed, "\(place): \(reason)",
                remedy: "look at smtp.host, smtp.port, smtp.security, smtp.username and the smtp-password")
        }
    }
}
