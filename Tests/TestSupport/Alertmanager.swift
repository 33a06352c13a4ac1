import Foundation
import Glibc

/// A real Alertmanager on a port of the loopback interface; gone with the value that holds it.
public final class Alertmanager: Sendable {
    /// An alert as its API v2 shows it.
    public struct Alert: Decodable, Sendable {
        public var labels: [String: String]
        public var annotations: [String: String]
        public var startsAt: String
        public var endsAt: String
        public var generatorURL: String
    }

    public let port: Int
    private let folder: URL
    private let process: Process

    /// Where `script/test` unpacks Debian's package.
    private static let prefix = Repository.folder.appendingPathComponent(".engine/alertmanager")
    private static let program = prefix.appendingPathComponent("usr/bin/prometheus-alertmanager")

    /// For `.enabled(if:)`, with ``isMissing`` as the reason. It reads a template from /usr/share, so a name space is needed.
    public static let isUsable: Bool = {
        guard FileManager.default.isExecutableFile(atPath: program.path) else { return false }
        let probe = Process()
        probe.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        probe.arguments = space + ["true"]
        probe.standardError = nil
        guard (try? probe.run()) != nil else { return false }
        probe.waitUntilExit()
        return probe.terminationStatus == 0
    }()
    public static let isMissing =
        "Alertmanager is not unpacked in .engine/alertmanager (script/lib/alertmanager.sh), or name spaces cannot be made"

    private static var space: [String] {
        geteuid() == 0 ? ["unshare", "--mount"] : ["unshare", "--map-root-user", "--mount"]
    }

    /// Starts one without alerts, and waits until it answers.
    public init(port: Int? = nil) async throws {
        self.port = try port ?? PostgresServer.freePort()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let settings = folder.appendingPathComponent("alertmanager.yml")
        try "route: {receiver: none}\nreceivers: [{name: none}]\n".write(
            to: settings, atomically: true, encoding: .utf8)
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            Self.space + [
                "sh", "-c", #"mount --bind "$1/usr/share" /usr/share && shift && exec "$@""#, "sh", Self.prefix.path,
                Self.program.path, "--config.file", settings.path, "--storage.path", folder.path,
                "--cluster.listen-address=", "--web.listen-address", "127.0.0.1:\(self.port)",
            ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try await eventually("Alertmanager answers") { (try? await alerts()) != nil }
    }

    deinit {
        // Its program took the place of the shell that mounted.
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Ends it, and what it held is gone.
    public func stop() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// The alerts that are active.
    public func alerts() async throws -> [Alert] {
        let curl = Process()
        let output = Pipe()
        curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        curl.arguments = ["curl", "--noproxy", "*", "-sf", "http://127.0.0.1:\(port)/api/v2/alerts?active=true"]
        curl.standardOutput = output
        try curl.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        curl.waitUntilExit()
        guard curl.terminationStatus == 0 else { throw Unexpected("Alertmanager does not answer") }
        return try JSONDecoder().decode([Alert].self, from: data)
    }
}
