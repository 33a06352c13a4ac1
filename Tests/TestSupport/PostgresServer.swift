public import Foundation
import Glibc
import Synchronization

/// A PostgreSQL server of a test's own on a port of the loopback interface, which the test may kill, freeze and promote;
/// gone with the value that holds it.
public final class PostgresServer: Sendable {
    public let port: Int
    private let folder: URL
    private let programs: URL
    private let isFrozen = Mutex(false)

    /// The newest installed server's programs; nil where there are none.
    private static let programs: URL? = {
        let root = URL(fileURLWithPath: "/usr/lib/postgresql")
        // A machine without the folder has no server.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return versions.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
            .map { root.appendingPathComponent("\($0)/bin") }
            .last { FileManager.default.isExecutableFile(atPath: $0.appendingPathComponent("initdb").path) }
    }()

    /// For `.enabled(if:)`, with ``isMissing`` as the reason.
    public static var isInstalled: Bool { programs != nil }
    public static let isMissing = "PostgreSQL's server programs are not installed"

    /// Makes a server and starts it.
    public init(settings: [String] = []) throws {
        (programs, folder, port) = try Self.place()
        try runProgram("initdb", ["-D", data, "-U", "consilod", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"])
        try configure(settings)
        try start()
        try runProgram("createdb", ["-h", "127.0.0.1", "-p", "\(port)", "-U", "consilod", "consilod"])
    }

    /// Makes a hot standby that follows `primary` under the name `standby`, and starts it.
    public init(following primary: PostgresServer) throws {
        (programs, folder, port) = try Self.place()
        try runProgram(
            "pg_basebackup",
            [
                "-D", data, "-R", "-X", "stream", "-c", "fast", "-N", "-d",
                "host=127.0.0.1 port=\(primary.port) user=consilod application_name=standby",
            ])
        try configure([])
        try start()
    }

    private static func place() throws -> (programs: URL, folder: URL, port: Int) {
        guard let programs else { throw Unexpected(isMissing) }
        // Short, since a socket's path may have 107 bytes.
        let folder = URL(fileURLWithPath: "/tmp/consilod-pg-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if geteuid() == 0 { _ = try run(["chown", "postgres:", folder.path]) }
        return (programs, folder, try freePort())
    }

    deinit {
        if isFrozen.withLock({ $0 }) { signal(SIGCONT) }
        // A leftover of a failed test is not the test's concern.
        _ = try? runProgram("pg_ctl", ["-D", data, "-m", "immediate", "stop"])
        try? FileManager.default.removeItem(at: folder)
    }

    private var data: String { folder.appendingPathComponent("data").path }

    /// The address of the database, for libpq.
    public var url: String { Self.url(of: [self]) }

    /// The address of a database that is on several servers, one of which takes writes.
    public static func url(of servers: [PostgresServer]) -> String {
        "postgresql://consilod@\(servers.map { "127.0.0.1:\($0.port)" }.joined(separator: ","))/consilod"
    }

    /// Asks the database directly.
    public func query(_ sql: String) throws -> [[String]] { try psql(sql, url) }

    /// Changes a setting of the running server.
    public func set(_ setting: String, _ value: String) throws {
        _ = try query("ALTER SYSTEM SET \(setting) = '\(value)'")
        _ = try query("SELECT pg_reload_conf()")
    }

    /// Has the running server take encrypted connections only, under a certificate and key in PEM files.
    public func requireTLS(certificate: URL, key: URL) throws {
        try runProgram("/usr/bin/install", ["-m", "600", certificate.path, "\(data)/server.crt"])
        try runProgram("/usr/bin/install", ["-m", "600", key.path, "\(data)/server.key"])
        let access = folder.appendingPathComponent("pg_hba.conf")
        try Data("hostssl all all 127.0.0.1/32 trust\n".utf8).write(to: access)
        try runProgram("/usr/bin/install", ["-m", "600", access.path, "\(data)/pg_hba.conf"])
        try set("ssl", "on")
    }

    /// Has all commits wait for a standby that there is none of, and returns when they do.
    public func holdCommits() async throws {
        try set("synchronous_standby_names", "nobody")
        let probe = """
            psql -X -q -c "SELECT pg_logical_emit_message(true, 'probe', '')" '\(url)' </dev/null >/dev/null 2>&1 &
            sleep 0.3; kill -9 $! 2>/dev/null; true
            """
        try await eventually("commits wait") {
            // The setting takes effect in one process after the other.
            _ = try run(["bash", "-c", probe])
            return try !query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'").isEmpty
        }
        _ = try query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    }

    public func start() throws {
        // Foundation takes a program for running as long as anybody holds the descriptor that it inherited, and so would
        // the server, which goes on in the background: it gets none of them.
        let withoutDescriptors = """
            (for fd in /proc/self/fd/*; do n=${fd##*/}; [ "$n" -le 2 ] || eval "exec $n>&-"; done; exec "$@")
            """
        let command = command("pg_ctl", ["-D", data, "-l", folder.appendingPathComponent("log").path, "-w", "start"])
        _ = try run(["bash", "-c", withoutDescriptors, "bash"] + command, in: folder)
    }

    /// Ends the server as a crash would.
    public func crash() throws { try runProgram("pg_ctl", ["-D", data, "-m", "immediate", "stop"]) }

    /// `kill -9` of the server's first process; the others end when they notice.
    public func kill() throws { _ = Glibc.kill(try processID(), SIGKILL) }

    /// Makes a standby the primary.
    public func promote() throws { try runProgram("pg_ctl", ["-D", data, "-w", "promote"]) }

    /// Stops all processes of the server where they are: connections stand, and nobody answers.
    public func freeze() {
        isFrozen.withLock { $0 = true }
        signal(SIGSTOP)
    }

    public func thaw() {
        isFrozen.withLock { $0 = false }
        signal(SIGCONT)
    }

    private func processID() throws -> Int32 {
        let file = try String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)
        guard let id = file.split(separator: "\n").first.flatMap({ Int32($0) }) else {
            throw Unexpected("the server is not running")
        }
        return id
    }

    private func signal(_ number: Int32) {
        guard let first = try? processID() else { return }
        // The first process before its children, so that it makes no more of them.
        _ = Glibc.kill(first, number)
        let children = (try? run(["ps", "-o", "pid=", "--ppid", "\(first)"])) ?? ""
        for child in children.split(whereSeparator: \.isWhitespace).compactMap({ Int32($0) }) {
            _ = Glibc.kill(child, number)
        }
    }

    private func configure(_ settings: [String]) throws {
        let lines =
            [
                "listen_addresses = '127.0.0.1'", "port = \(port)", "unix_socket_directories = ''", "fsync = off",
                "max_connections = 100", "shared_buffers = 16MB",
            ] + settings
        let file = URL(fileURLWithPath: data + "/postgresql.conf")
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
        try handle.close()
    }

    private func runProgram(_ name: String, _ arguments: [String]) throws {
        _ = try run(command(name, arguments), in: folder)
    }

    /// PostgreSQL refuses to run as root.
    private func command(_ name: String, _ arguments: [String]) -> [String] {
        let command = [name.hasPrefix("/") ? name : programs.appendingPathComponent(name).path] + arguments
        return geteuid() == 0 ? ["runuser", "-u", "postgres", "--"] + command : command
    }

    /// A port that nobody listens on now.
    public static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw Unexpected("there is no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
