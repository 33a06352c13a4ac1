import ArgumentParser
import Domain
import Foundation
import QueryAPI

/// Checks everything that consilod depends on.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Check the configuration, the daemon and its store, every tenant's Jira and channels, mail and model.",
        discussion: """
            Prints ok, warning or FAILED and a remedy for each check. Sends and changes nothing. Exits with status 1 \
            if any check failed. On a host that was set up as in the README no options are needed.
            """)

    @Option(name: .shortAndLong, help: "The daemon's YAML configuration file. Default: /etc/consilod/consilod.yaml.")
    var config: String?

    @Option(help: "Address of the daemon. Default: the address in the configuration.")
    var url: String?

    @Option(help: "File that holds the admin token, or with --tenant the tenant's API key. Default: the admin token.")
    var keyFile: String?

    @Option(help: "Check this tenant only, by its id.")
    var tenant: String?

    @Flag(help: "Print JSON: outcome, and the checks with their names.")
    var json = false

    func validate() throws {
        guard tenant.map({ UUID(uuidString: $0) != nil }) ?? true else {
            throw ValidationError("--tenant must be the id of a tenant")
        }
    }

    func run() async throws {
        let given = ProcessInfo.processInfo.environment
        let local = await LocalDiagnosis(
            file: config ?? InstalledFiles.configuration, environment: InstalledFiles.environment(given))
        var report = DiagnosisReport()
        report.add(local.checks)
        let address = url ?? local.configuration?.http.localURL
        let key = try keyFile.map(SecretFile.read) ?? local.configuration?.secrets.adminToken?.revealed
        if let address {
            let daemon = RemoteDiagnosis(daemon: DaemonClient(url: address, key: key ?? ""))
            if await daemon.lookForDaemon(into: &report) {
                await daemon.run(isKeyGiven: key != nil, tenant: tenant, into: &report)
            } else {
                report.add(await local.checksWithoutDaemon())
            }
        } else {
            report.add([
                DiagnosticCheck(
                    "daemon", .failed, "the daemon's address is unknown",
                    remedy: "fix the configuration, or name the address with --url")
            ])
        }
        print(json ? try report.json() : report.text())
        guard report.outcome != .failed else { throw ExitCode.failure }
    }
}

/// The results of the checks, grouped by host and tenant.
struct DiagnosisReport: Encodable {
    struct Entry: Encodable {
        /// The id of the tenant it is about; nil for the host.
        var tenantID: String?
        var tenant: String?
        var name: String
        var outcome: DiagnosticCheck.Outcome
        var detail: String
        var remedy: String?
    }

    private(set) var outcome = DiagnosticCheck.Outcome.ok
    private(set) var checks: [Entry] = []

    mutating func add(_ found: [DiagnosticCheck], tenantID: String? = nil, tenant: String? = nil) {
        for check in found {
            checks.append(
                Entry(
                    tenantID: tenantID, tenant: tenant, name: check.name, outcome: check.outcome, detail: check.detail,
                    remedy: check.remedy))
            if check.outcome == .failed || (check.outcome == .warning && outcome == .ok) { outcome = check.outcome }
        }
    }

    /// A line for each check, and one more where there is something to do.
    func text() -> String {
        var lines: [String] = []
        var shown: String?
        let width = checks.map(\.name.count).max() ?? 0
        for check in checks {
            if check.tenantID != shown {
                shown = check.tenantID
                lines.append("tenant \(check.tenantID ?? "") (\(check.tenant ?? ""))")
            }
            let word =
                switch check.outcome {
                case .ok: "ok     "
                case .warning: "warning"
                case .failed: "FAILED "
                }
            let name = check.name.padding(toLength: width, withPad: " ", startingAt: 0)
            lines.append("\(word)  \(name)  \(Self.line(check.detail))")
            if let remedy = check.remedy {
                lines.append("\(String(repeating: " ", count: 9 + width))  → \(Self.line(remedy))")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension DaemonConfiguration.HTTP {
    /// Where the daemon can be reached from its own host; nil where only the daemon knows its port.
    var localURL: String? {
        guard port != 0 else { return nil }
        switch host {
        case "0.0.0.0": return "http://127.0.0.1:\(port)"
        case "::", "[::]": return "http://[::1]:\(port)"
        default: return "http://\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host):\(port)"
        }
    }
}
