import Domain
import Foundation
import QueryAPI

/// What a running daemon finds, through its API.
struct RemoteDiagnosis: Sendable {
    let daemon: DaemonClient

    /// Tenants that are checked; a host rarely has more.
    private static let tenantLimit = 200

    private struct Health: Decodable, Sendable {
        var version: String
        var components: [String: HealthReport.Component]
    }

    private struct Checks: Decodable, Sendable {
        var checks: [DiagnosticCheck]
    }

    private struct Tenant: Decodable, Sendable {
        var id: String
        var companyName: String
    }

    /// Whether a daemon answers.
    func lookForDaemon(into report: inout DiagnosisReport) async -> Bool {
        do {
            let health: Health = try await daemon.get("/health", unhealthy: true)
            let isSame = health.version == Version.current
            report.add([
                DiagnosticCheck(
                    "daemon", isSame ? .ok : .warning,
                    "\(daemon.url) answers as consilod \(health.version)\(isSame ? "" : "; this is \(Version.current)")",
                    remedy: isSame ? nil : "systemctl restart consilod")
            ])
            return true
        } catch {
            report.add([
                DiagnosticCheck(
                    "daemon", .failed, "\(error)",
                    remedy:
                        "systemctl start consilod; systemctl status consilod and journalctl -u consilod say why"
                )
            ])
            return false
        }
    }

    /// Runs the daemon's own checks of itself and of its tenants, or of one.
    func run(isKeyGiven: Bool, tenant: String?, into report: inout DiagnosisReport) async {
        guard isKeyGiven else {
            await addHealth(to: &report)
            report.add([
                DiagnosticCheck(
                    "tenants", .warning, "not checked: without a key the daemon shows no tenants",
                    remedy: "name a file that holds the admin token with --key-file")
            ])
            return
        }
        if let tenant {
            await addHealth(to: &report)
            await look(at: tenant, named: nil, into: &report)
            return
        }
        do {
            let host: Checks = try await daemon.get("/api/doctor")
            report.add(host.checks)
            let tenants: [Tenant] = try await daemon.get("/api/tenants?limit=\(Self.tenantLimit)")
            if tenants.isEmpty {
                report.add([
                    DiagnosticCheck(
                        "tenants", .warning, "there is no tenant yet",
                        remedy: "POST /api/tenants creates one; see Add a Jira site in the README")
                ])
            }
            if tenants.count == Self.tenantLimit {
                report.add([
                    DiagnosticCheck(
                        "tenants", .warning, "only the first \(Self.tenantLimit) tenants are checked",
                        remedy: "check any other with --tenant")
                ])
            }
            for tenant in tenants { await look(at: tenant.id, named: tenant.companyName, into: &report) }
        } catch {
            report.add([
                DiagnosticCheck(
                    "api", .failed, "\(error)",
                    remedy: "the key must be the daemon's admin token; a tenant's own key works with --tenant")
            ])
        }
    }

    private func addHealth(to report: inout DiagnosisReport) async {
        do {
            let health: Health = try await daemon.get("/health", unhealthy: true)
            report.add(HostDiagnosis.checks(of: health.components))
        } catch {
            report.add([DiagnosticCheck("daemon", .failed, "\(error)")])
        }
    }

    private func look(at tenantID: String, named name: String?, into report: inout DiagnosisReport) async {
        do {
            let found: Checks = try await daemon.get("/api/tenants/\(tenantID)/doctor")
            report.add(found.checks, tenantID: tenantID, tenant: name)
        } catch {
            report.add([DiagnosticCheck("tenant", .failed, "\(error)")], tenantID: tenantID, tenant: name)
        }
    }
}
