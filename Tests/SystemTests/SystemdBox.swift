import Foundation
import TestSupport

@testable import DaemonTestSupport

/// A systemd of its own, with consilod's real units and the program of this build in it; gone with the value.
/// `script/lib/box` makes it.
final class SystemdBox: Sendable {
    private let folder: String

    private static let script = Repository.folder.appendingPathComponent("script/lib/box").path

    /// For `.enabled(if:)`, with ``cannotBeMade`` as the reason.
    static let canBeMade = (try? TestSupport.run([script, "check"])) != nil
    static let cannotBeMade = "no systemd can be booted in namespaces here: run script/lib/box check"

    /// Boots it, with consilod installed as its package does, but not started.
    ///
    /// - Parameter settings: lines for the unit's section `Service`, after its own.
    init(settings: [String] = []) throws {
        folder = "/run/consilod-box-\(UUID().uuidString.prefix(8))"
        _ = try box(["up", "\(ProcessInfo.processInfo.processIdentifier)"])
        try putProgram()
        for unit in ["consilod.service", "consilod.socket"] {
            try put(
                Repository.folder.appendingPathComponent("systemd/\(unit)").path, at: "/usr/lib/systemd/system/\(unit)")
        }
        try put(
            Repository.folder.appendingPathComponent("systemd/sysusers.d/consilod.conf").path,
            at: "/usr/lib/sysusers.d/consilod.conf")
        try run(["systemd-sysusers", "consilod.conf"])
        try write("http: {webhook_rate: 0}\nrescorer: {settle_seconds: 1}\n", to: "/etc/consilod/consilod.yaml")
        try run(["install", "-d", "-m", "700", "/etc/consilod/credentials"])
        try write("\(DaemonProcess.encryptionKey)\n", to: "/etc/consilod/credentials/encryption-key", mode: "0600")
        try write("\(DaemonProcess.adminToken)\n", to: "/etc/consilod/credentials/admin-token", mode: "0600")
        try configure(settings)
    }

    deinit {
        // It also ends with this process.
        _ = try? box(["down"])
    }

    /// The program with the libraries that the system does not have: a debug build finds those of Swift and the engine in
    /// folders of this machine that the service may not see.
    private func putProgram() throws {
        let program = DaemonProcess.program.path
        try put(program, at: "/usr/bin/consilod", mode: "0755")
        for line in try TestSupport.run(["ldd", program]).split(separator: "\n") {
            guard let arrow = line.range(of: " => /"), let end = line.range(of: " (0x") else { continue }
            let path = String(line[line.index(before: arrow.upperBound)..<end.lowerBound])
            guard !path.hasPrefix("/lib") && !path.hasPrefix("/usr/lib/") else { continue }
            let library = URL(fileURLWithPath: path)
            try put(path, at: "/usr/lib/consilod/\(library.lastPathComponent)")
            // The engine loads the rest of itself from its own folder.
            guard library.lastPathComponent.hasPrefix("libopenvino_c.") else { continue }
            try putFiles(of: library.deletingLastPathComponent(), in: "/usr/lib/consilod")
        }
    }

    @discardableResult private func box(_ arguments: [String]) throws -> String {
        try TestSupport.run(["env", "CONSILOD_BOX=\(folder)", Self.script] + arguments)
    }

    /// Runs a command in the box to its end; what it printed. Throws when it fails.
    @discardableResult func run(_ command: [String]) throws -> String { try box(["exec"] + command) }

    /// Whether a command ends with 0.
    func succeeds(_ command: [String]) -> Bool { (try? run(command)) != nil }

    func put(_ source: String, at destination: String, mode: String = "0644") throws {
        try box(["put", source, destination, mode])
    }

    func putFiles(of folder: URL, in destination: String) throws {
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            try put(file.path, at: "\(destination)/\(file.lastPathComponent)")
        }
    }

    func write(_ text: String, to path: String, mode: String = "0644") throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        // It may be a secret.
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw Unexpected("cannot write \(file.path)") }
        try put(file.path, at: path, mode: mode)
    }

    /// Puts lines into the unit's section `Service`, after its own.
    func configure(_ settings: [String]) throws {
        // The test's program links its libraries at run time, which the installed one does not.
        try write(
            (["[Service]", "Environment=LD_LIBRARY_PATH=/usr/lib/consilod"] + settings + [""]).joined(separator: "\n"),
            to: "/etc/systemd/system/consilod.service.d/test.conf")
        try run(["systemctl", "daemon-reload"])
    }

    func systemctl(_ arguments: String...) throws { try run(["systemctl"] + arguments) }

    /// A property of the service.
    func property(_ name: String) throws -> String {
        try run(["systemctl", "show", "--value", "-p", name, "consilod.service"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What the service logged, each entry with its fields.
    func journal() throws -> [[String: String]] {
        try run(["journalctl", "-q", "-u", "consilod", "-o", "json", "--all"]).split(separator: "\n").map { line in
            let entry = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            return entry.compactMapValues { $0 as? String }
        }
    }

    /// Asks the store, as an analyst would.
    func query(_ sql: String) throws -> String {
        try run(["sqlite3", "-readonly", "/var/lib/consilod/consilod.sqlite", sql])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: The daemon's door

    /// Sends a request from inside the box.
    func request(_ path: String, method: String = "GET", token: String? = nil, body: String? = nil) throws -> String {
        var command = ["curl", "-sS", "--fail-with-body", "-X", method, "http://127.0.0.1:8080\(path)"]
        if let token { command += ["-H", "Authorization: Bearer \(token)"] }
        if let body { command += ["-H", "Content-Type: application/json", "-d", body] }
        return try run(command)
    }

    func createTenant(_ name: String = "acme") throws -> DaemonProcess.Tenant {
        let answer = try request(
            "/api/tenants", method: "POST", token: DaemonProcess.adminToken,
            body: """
                {"company_name": "\(name)", "jira_url": "https://\(name).atlassian.net", "jira_email": "it@\(name).example",
                 "jira_token": "jira-token-of-\(name)-0123456789"}
                """)
        return try JSONDecoder().decode(DaemonProcess.Tenant.self, from: Data(answer.utf8))
    }

    /// What became of a stream of webhooks.
    struct Outcome: Decodable {
        /// How many were answered with which status.
        var statuses: [String: Int]
        /// Those without an answer, in the words of the system: connections refused, reset, ended.
        var failures: [String]
        var answered: Int { statuses.values.reduce(0, +) }
    }

    /// Clients that send signed webhooks, each different, from inside the box until ``finish()``. Half of them make a
    /// connection for each, half keep theirs.
    final class Load {
        private let process = Process()
        private let output = Pipe()
        private let box: SystemdBox

        fileprivate init(_ box: SystemdBox, tenant: DaemonProcess.Tenant, clients: Int) throws {
            self.box = box
            try box.put(Repository.folder.appendingPathComponent("script/lib/load.py").path, at: "/root/load.py")
            try box.write(tenant.webhook_secret, to: "/root/secret", mode: "0600")
            try box.write("0", to: "/root/answered")
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments =
                ["CONSILOD_BOX=\(box.folder)", SystemdBox.script, "exec", "/usr/bin/python3", "/root/load.py"]
                + ["/root", "/webhooks/jira/\(tenant.id)", "\(clients)"]
            process.standardOutput = output
            process.standardInput = FileHandle.nullDevice
            try process.run()
        }

        deinit { if process.isRunning { process.terminate() } }

        /// How many have been answered so far.
        func answered() throws -> Int { Int(try box.run(["cat", "/root/answered"])) ?? 0 }

        /// Ends the clients, each after its answer.
        func finish() throws -> Outcome {
            try box.write("", to: "/root/stop")
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return try JSONDecoder().decode(Outcome.self, from: data)
        }
    }

    func load(_ tenant: DaemonProcess.Tenant, clients: Int = 8) throws -> Load {
        try Load(self, tenant: tenant, clients: clients)
    }
}
