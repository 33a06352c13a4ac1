import AsyncHTTPClient
import Crypto
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// The real `consilod serve` in a folder of its own, on a free port of the loopback interface.
final class DaemonProcess: @unchecked Sendable {
    // Unchecked: tests use one instance from one task; Foundation's Process is not Sendable.
    let folder: URL
    private(set) var port = 0
    private var process = Process()
    private var environment: [String: String]
    private var configuration: String
    /// A program with arguments that starts the daemon in its own place; empty for none.
    var launcher: [String] = []
    /// Where the daemon writes its log instead of ``log``.
    var errorOutput: FileHandle?

    /// Where the store is in PostgreSQL.
    private let schema: PostgresSchema?

    static let adminToken = "admin-token-for-tests"
    /// Made for the tests by `consilod keygen encryption-key`; protects nothing.
    static let encryptionKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="

    /// The program beside the test bundle.
    static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("consilod")

    init(configuration: String = "", environment: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.configuration = configuration
        schema =
            environment["CONSILOD_STORE_PATH"] == nil && environment["CONSILOD_STORE_URL"] == nil
            ? try PostgresSchema.server.map { try PostgresSchema(server: $0) } : nil
        let store =
            schema.map { ("CONSILOD_STORE_URL", $0.url) }
            ?? ("CONSILOD_STORE_PATH", folder.appendingPathComponent("c.sqlite").path)
        self.environment = [
            "CONSILOD_HTTP_PORT": "0", "CONSILOD_ENCRYPTION_KEY": Self.encryptionKey,
            "CONSILOD_ADMIN_TOKEN": Self.adminToken,
            store.0: store.1,
            "CONSILOD_RESCORER_SETTLE_SECONDS": "1", "CONSILOD_JIRA_ENABLED": "false",
            "CONSILOD_ALERTS_GROUP_WAIT_SECONDS": "0", "CONSILOD_ALERTS_GROUP_INTERVAL_SECONDS": "0",
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
        ].merging(environment) { _, new in new }
    }

    /// Another node on the same PostgreSQL database, with the same settings, not started.
    init(beside other: DaemonProcess) throws {
        guard let schema = other.schema else { throw Unexpected("a store of SQLite's has one node") }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.schema = schema
        configuration = other.configuration
        environment = other.environment.merging(["CONSILOD_HTTP_PORT": "0"]) { $1 }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        // A leftover in the temporary folder is not the test's concern.
        try? FileManager.default.removeItem(at: folder)
    }

    var pid: Int32 { process.processIdentifier }
    private var logFile: URL { folder.appendingPathComponent("stderr.log") }
    var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }

    /// Starts the program and waits until its listener accepts.
    func start() async throws {
        try launch()
        try await waitUntilListening()
    }

    func waitUntilListening() async throws {
        try await eventually("the daemon listens") {
            guard self.process.isRunning else { throw Unexpected("the daemon ended: \(self.log)") }
            return self.listeningPort() != nil
        }
        port = listeningPort() ?? 0
    }

    /// Starts the program and waits until it tells systemd that its listener accepts.
    func start(hearing socket: NotifySocket) async throws {
        environment["NOTIFY_SOCKET"] = socket.path
        try launch()
        try await eventually("the daemon is ready") {
            guard self.process.isRunning else { throw Unexpected("the daemon ended: \(self.log)") }
            socket.receive()
            guard let ready = socket.messages.first(where: { $0.hasPrefix("READY=1") }),
                let match = ready.firstMatch(of: /listening on port ([0-9]+)/)
            else { return false }
            self.port = Int(match.output.1) ?? 0
            return true
        }
    }

    /// Starts the program again on the same port.
    func restart() async throws {
        environment["CONSILOD_HTTP_PORT"] = "\(port)"
        try await start()
    }

    /// Starts the program and does not wait.
    func launch() throws {
        process = Process()
        let file = folder.appendingPathComponent("consilod.yaml")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        let command = launcher + [Self.program.path, "serve", "--config", file.path]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = environment
        try Data().write(to: logFile)
        process.standardError = try errorOutput ?? FileHandle(forWritingTo: logFile)
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    func rewriteConfiguration(_ text: String) throws {
        configuration = text
        try text.write(to: folder.appendingPathComponent("consilod.yaml"), atomically: true, encoding: .utf8)
    }

    func setEnvironment(_ name: String, _ value: String) { environment[name] = value }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for the end of the process; its exit status, or the negative signal that killed it.
    func waitForExit() async throws -> Int32 {
        try await eventually("the daemon ends", within: .seconds(120)) { !self.process.isRunning }
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    private func listeningPort() -> Int? {
        guard let range = log.range(of: #"listening \(.*port=[0-9]+"#, options: .regularExpression) else { return nil }
        return Int(log[range].split(separator: "=").last ?? "")
    }

    // MARK: The API

    enum Method: String {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    struct Answer: Sendable {
        var status: UInt
        var headers: HTTPHeaders
        var body: Data

        func json<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONDecoder().decode(type, from: body) }
        var text: String { String(decoding: body, as: UTF8.self) }

        /// Path and query of the next page, from the `Link` header.
        var nextPage: String? {
            guard let link = headers.first(name: "link"), link.contains("rel=\"next\""),
                let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">"),
                let url = URLComponents(string: String(link[link.index(after: start)..<end]))
            else { return nil }
            return url.path + (url.percentEncodedQuery.map { "?\($0)" } ?? "")
        }
    }

    func request(
        _ method: Method = .get, _ path: String, token: String? = nil, headers: [String: String] = [:],
        body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = HTTPMethod(rawValue: method.rawValue)
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        let answer: HTTPClientResponse
        do {
            answer = try await HTTPClient.shared.execute(request, timeout: .seconds(90))
        } catch {
            // Whoever reads of a refused connection wants to know why.
            guard !process.isRunning else { throw error }
            throw Unexpected("the daemon ended: \(log.suffix(2000))")
        }
        return Answer(
            status: answer.status.code, headers: answer.headers,
            body: Data(try await answer.body.collect(upTo: 64 << 20).readableBytesView))
    }

    struct Tenant: Decodable, Sendable {
        var id: String
        var api_key: String
        var webhook_secret: String
        var webhook_url: String
    }

    func createTenant(
        _ name: String = "acme", jiraURL: String? = nil, jiraEmail: String? = nil, jiraToken: String? = nil
    ) async throws -> Tenant {
        let answer = try await request(
            .post, "/api/tenants", token: Self.adminToken,
            body: """
                {"company_name": "\(name)", "jira_url": "\(jiraURL ?? "https://\(name).atlassian.net")",
                 "jira_email": "\(jiraEmail ?? "it@\(name).example")",
                 "jira_token": "\(jiraToken ?? "jira-token-of-\(name)-0123456789")"}
                """)
        guard answer.status == 201 else { throw Unexpected("POST /api/tenants: \(answer.status) \(answer.text)") }
        return try answer.json(Tenant.self)
    }

    struct Health: Decodable {
        struct Figures: Decodable {
            var pending_events: Int
            var rejected_events: Int
            var due_issues: Int
            var queued_deliveries: Int
        }
        struct Component: Decodable {
            var status: String
            var detail: String
        }
        var status: String
        var figures: Figures
        var components: [String: Component]
    }

    func health() async throws -> Health { try await request(.get, "/health").json(Health.self) }

    /// Waits until every stored webhook has been folded and no issue waits for its look as of now.
    func waitUntilApplied(within limit: Duration = .seconds(180)) async throws {
        try await eventually("all webhooks are applied", within: limit) {
            let figures = try await self.health().figures
            return figures.pending_events == 0 && figures.due_issues == 0
        }
    }

    /// Waits until this many issues have an analysis that speaks of now, not of a late event.
    func waitUntilSettled(_ tenant: Tenant, issues: Int) async throws {
        struct Item: Decodable { var as_of: Timestamp }
        let started = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -3600)
        try await eventually("\(issues) issues are scored as of now") {
            let answer = try await self.request(.get, "/api/issues?include_done=true&limit=200", token: tenant.api_key)
            return try answer.json([Item].self).filter { $0.as_of > started }.count == issues
        }
    }

    /// The file of an embedded store.
    var storePath: String { folder.appendingPathComponent("c.sqlite").path }

    /// Asks the store's database directly, as an analyst would with `sqlite3` or `psql`.
    func query(_ sql: String) throws -> [[String]] {
        if let schema { return try schema.query(sql) }
        return try TestSupport.run(["sqlite3", "-readonly", "-separator", "\u{1F}", storePath, sql]).split(
            separator: "\n"
        )
        .map { $0.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init) }
    }

    /// Changes the store's database behind the daemon's back.
    func execute(_ sql: String) throws {
        if let schema {
            _ = try schema.query(sql)
        } else {
            // The daemon may be writing at this instant.
            _ = try TestSupport.run(["sqlite3", "-cmd", ".timeout 10000", storePath, sql])
        }
    }

    /// All that the store holds, as it lies on the disk or as a dump.
    func storedBytes() throws -> [Data] {
        if let schema { return [Data(try TestSupport.run(["pg_dump", "--schema", schema.name, schema.url]).utf8)] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasPrefix("c.sqlite") }
            .map { try Data(contentsOf: $0) }
    }

    /// Sends one webhook, signed, and does not retry.
    func post(_ body: String, to tenant: Tenant) async throws -> Answer {
        let key = SymmetricKey(data: Data(tenant.webhook_secret.utf8))
        let signature = HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: key).hexadecimal
        return try await request(
            .post, "/webhooks/jira/\(tenant.id)", headers: ["x-hub-signature": "sha256=\(signature)"], body: body)
    }

    // MARK: Replay

    /// Runs `consilod replay` on a file; its exit status and what it printed.
    func replay(_ file: URL, tenant: Tenant, arguments: [String] = []) async throws -> (status: Int32, output: String) {
        let secretFile = folder.appendingPathComponent("secret-\(tenant.id)")
        try tenant.webhook_secret.write(to: secretFile, atomically: true, encoding: .utf8)
        return try await run(
            [
                "replay", file.path, "--url", "http://127.0.0.1:\(port)/webhooks/jira/\(tenant.id)",
                "--secret-file", secretFile.path,
            ] + arguments)
    }

    /// Runs a command that asks the daemon with a tenant's key, as ``run(_:asTheDaemon:)``.
    func run(_ arguments: [String], as tenant: Tenant) async throws -> (status: Int32, output: String) {
        let file = folder.appendingPathComponent("key-\(UUID())")
        try tenant.api_key.write(to: file, atomically: true, encoding: .utf8)
        return try await run(
            arguments + ["--url", "http://127.0.0.1:\(port)", "--tenant", tenant.id, "--key-file", file.path])
    }

    /// Runs the program with arguments of its own, and where that is said in the daemon's environment; its exit status and
    /// everything it printed.
    func run(_ arguments: [String], asTheDaemon: Bool = false) async throws -> (status: Int32, output: String) {
        let process = Process()
        if asTheDaemon { process.environment = environment }
        let command = (asTheDaemon ? launcher : []) + [Self.program.path] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        let outputFile = folder.appendingPathComponent("output-\(UUID().uuidString)")
        try Data().write(to: outputFile)
        let handle = try FileHandle(forWritingTo: outputFile)
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        try await eventually("the command ends", within: .seconds(900)) { !process.isRunning }
        return (process.terminationStatus, try String(contentsOf: outputFile, encoding: .utf8))
    }
}
