import Foundation
import Glibc

/// A real PgBouncer on a port of the loopback interface in front of a server of a test; gone with the value that holds it.
public final class PgBouncer: Sendable {
    private let folder: URL
    private let port: Int

    /// Where `script/test` unpacks Debian's package.
    private static let prefix = Repository.folder.appendingPathComponent(".engine/pgbouncer")
    private static let program = prefix.appendingPathComponent("usr/sbin/pgbouncer")

    /// For `.enabled(if:)`, with ``isMissing`` as the reason.
    public static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program.path) }
    public static let isMissing = "PgBouncer is not unpacked in .engine/pgbouncer (script/lib/pgbouncer.sh)"

    /// - Parameter mode: `session` or `transaction`.
    public init(before server: PostgresServer, mode: String) throws {
        folder = URL(fileURLWithPath: "/tmp/consilod-bouncer-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        port = try PostgresServer.freePort()
        let settings = """
            [databases]
            consilod = host=127.0.0.1 port=\(server.port) user=consilod
            [pgbouncer]
            pool_mode = \(mode)
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = trust
            auth_file = \(folder.path)/users
            pidfile = \(folder.path)/pid
            logfile = \(folder.path)/log
            server_login_retry = 1
            """
        try settings.write(to: folder.appendingPathComponent("settings.ini"), atomically: true, encoding: .utf8)
        try "\"consilod\" \"\"\n".write(to: folder.appendingPathComponent("users"), atomically: true, encoding: .utf8)
        // Its program may lie where another user cannot look.
        let copy = folder.appendingPathComponent("pgbouncer")
        try FileManager.default.copyItem(at: Self.program, to: copy)
        let libraries = Self.prefix.appendingPathComponent("usr/lib")
        try FileManager.default.copyItem(at: libraries, to: folder.appendingPathComponent("lib"))
        let found = try run(["find", folder.path, "-name", "libcares.so.2", "-printf", "%h"])
        var command = ["env", "LD_LIBRARY_PATH=\(found)", copy.path, "-q", "-d", "\(folder.path)/settings.ini"]
        if geteuid() == 0 {
            _ = try run(["chown", "-R", "postgres:", folder.path])
            command = ["runuser", "-u", "postgres", "--"] + command
        }
        // It goes on as a daemon with every descriptor that it was given, and Foundation takes a process for ended only once
        // one of them is closed.
        let script = """
            for descriptor in /proc/self/fd/*; do
                descriptor=${descriptor##*/}
                if [ "$descriptor" -gt 2 ]; then eval "exec $descriptor>&-"; fi
            done
            "$@" >/dev/null 2>&1 || exit
            # It has gone to the background before it listens.
            for attempt in {1..400}; do
                if (exec 3<>/dev/tcp/127.0.0.1/\(port)) 2>/dev/null; then exit 0; fi
                sleep 0.05
            done
            exit 1
            """
        _ = try run(["bash", "-c", script, "bash"] + command)
    }

    deinit {
        if let text = try? String(contentsOf: folder.appendingPathComponent("pid"), encoding: .utf8),
            let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
        {
            kill(process, SIGKILL)
        }
        try? FileManager.default.removeItem(at: folder)
    }

    /// The address of the database behind it, for libpq.
    public var url: String { "postgresql://consilod@127.0.0.1:\(port)/consilod" }
}
