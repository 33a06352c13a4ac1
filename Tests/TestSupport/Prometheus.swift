import Foundation
import Glibc

/// A real Prometheus on a port of the loopback interface; gone with the value that holds it.
public final class Prometheus: Sendable {
    public let port: Int
    private let folder: URL
    private let process: Process

    /// Where `script/test` unpacks Debian's package.
    private static let programs = Repository.folder.appendingPathComponent(".engine/prometheus/usr/bin")

    /// For `.enabled(if:)`, with ``isMissing`` as the reason.
    public static var isUsable: Bool { promtool != nil }
    public static let isMissing = "Prometheus is not unpacked in .engine/prometheus (script/lib/prometheus.sh)"

    /// The program that checks its files; nil where it is neither unpacked nor installed.
    public static let promtool = [programs.appendingPathComponent("promtool").path, "/usr/bin/promtool"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Starts one and waits until it answers.
    ///
    /// - Parameter configuration: its file `prometheus.yml`; what it names relatively is in the same folder.
    /// - Parameter files: by their names what else is in that folder.
    public init(configuration: String, files: [String: String]) async throws {
        port = try PostgresServer.freePort()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files.merging(["prometheus.yml": configuration], uniquingKeysWith: { $1 }) {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        process = Process()
        process.executableURL = Self.programs.appendingPathComponent("prometheus")
        process.currentDirectoryURL = folder
        process.arguments = [
            "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:\(port)",
        ]
        process.standardOutput = FileHandle.nullDevice
        let log = folder.appendingPathComponent("log")
        try Data().write(to: log)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        try await eventually("Prometheus answers") {
            guard process.isRunning else {
                throw Unexpected("Prometheus ended: \(try String(contentsOf: log, encoding: .utf8).suffix(2000))")
            }
            return (try? get("/-/ready", [:])) != nil
        }
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        // A leftover in the temporary folder is not the test's concern.
        try? FileManager.default.removeItem(at: folder)
    }

    private struct Answer<Content: Decodable>: Decodable { var data: Content }

    /// The `data` of what its API answers. Throws ``Unexpected`` for a refusal.
    public func api<Content: Decodable>(
        _ path: String, _ query: [String: String] = [:], as type: Content.Type
    ) throws -> Content {
        try JSONDecoder().decode(Answer<Content>.self, from: Data(try get("/api/v1/\(path)", query).utf8)).data
    }

    private func get(_ path: String, _ query: [String: String]) throws -> String {
        let fields = query.flatMap { ["--data-urlencode", "\($0.key)=\($0.value)"] }
        return try run(["curl", "--noproxy", "*", "-sf", "-G", "http://127.0.0.1:\(port)\(path)"] + fields)
    }
}
