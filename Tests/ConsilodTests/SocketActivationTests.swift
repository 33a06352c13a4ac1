import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The listening socket that a supervisor passes (sd_listen_fds(3)), here from a parent process; `SupervisionTests` has
/// systemd itself do it.
@Suite struct SocketActivationTests {
    /// A program that makes sockets as `sockets` says, becomes the daemon, and leaves them to it.
    private func launcher(_ sockets: String) -> [String] {
        [
            "/usr/bin/python3", "-c",
            """
            import os, socket, sys
            sockets = \(sockets)
            for place, inherited in enumerate(sockets):
                if inherited.fileno() == 3 + place:
                    os.set_inheritable(3 + place, True)
                else:
                    os.dup2(inherited.fileno(), 3 + place)
            names = ":".join(f"http{place}" for place in range(len(sockets)))
            os.environ.update(LISTEN_FDS=str(len(sockets)), LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES=names)
            os.execv(sys.argv[1], sys.argv[1:])
            """,
        ]
    }

    @Test func listensOnTheSocketThatWasPassed() async throws {
        // The configured port could not be bound.
        let daemon = try DaemonProcess(environment: ["CONSILOD_HTTP_PORT": "1"])
        daemon.launcher = launcher(#"[socket.create_server(("127.0.0.1", 0))]"#)
        try await daemon.start()
        #expect(daemon.port > 1)
        #expect(daemon.log.contains("from=systemd"))
        #expect(try await daemon.request(.get, "/ready").status == 200)
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
    }

    @Test func listensOnASocketOfTheFileSystem() async throws {
        let daemon = try DaemonProcess()
        let path = daemon.folder.appendingPathComponent("http.sock").path
        daemon.launcher = launcher(
            """
            [socket.socket(socket.AF_UNIX)]
            sockets[0].bind(\"\(path)\"); sockets[0].listen()
            """)
        try daemon.launch()
        try await eventually("the daemon listens") { daemon.log.contains("listening (from=systemd, host=\(path)") }
        let status = try run([
            "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", path, "http://consilod/ready",
        ])
        #expect(status == "200")
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
    }

    @Test(arguments: [
        (
            #"[socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))]"#,
            "systemd passed 2 sockets (http0, http1), and consilod listens on one"
        ),
        (
            "[socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]",
            "systemd passed something other than a listening stream socket (http0)"
        ),
        (
            "[socket.socket(socket.AF_INET, socket.SOCK_STREAM)]",
            "systemd passed something other than a listening stream socket (http0)"
        ),
    ])
    func saysWhatIsWrongWithWhatWasPassed(sockets: String, message: String) async throws {
        let daemon = try DaemonProcess()
        daemon.launcher = launcher(sockets)
        try daemon.launch()
        #expect(try await daemon.waitForExit() == 1)
        #expect(daemon.log.contains(message), "\(daemon.log)")
    }
}
