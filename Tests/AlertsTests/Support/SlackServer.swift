import Alerts
import Foundation
import NIOCore
import Outbound
import TestSupport

/// A local HTTP server that plays an incoming webhook. The first part of a path chooses how it answers.
enum SlackServer {
    static let script = #"""
        import http.server, os, sys, threading
        folder = sys.argv[1]
        lock, count = threading.Lock(), 0
        answers = {
            "ok": (200, {}, b"ok"),
            "busy-seconds": (429, {"Retry-After": "17"}, b"rate_limited"),
            "busy-date": (429, {"Retry-After": "Tue, 24 Nov 2026 13:19:30 GMT"}, b""),
            "busy": (429, {}, b""),
            "request-timeout": (408, {}, b""),
            "broken": (500, {}, b"rollup_error"),
            "unavailable": (503, {"Retry-After": "60"}, b""),
            "400": (400, {}, b"invalid_payload"),
            "403": (403, {}, b"action_prohibited"),
            "404": (404, {}, b"no_service"),
            "410": (410, {}, b"channel_is_archived\n"),
            "page": (404, {"Content-Type": "text/html"}, b"<html>" + b"x" * 1000000 + b"</html>"),
            "no-payload": (200, {}, b"invalid_payload"),
            "not-ok": (200, {}, b'{"ok": false, "error": "channel_not_found"}'),
            "busy-in-200": (200, {"Retry-After": "9"}, b'{"ok":false,"error":"ratelimited"}'),
            "rocket": (200, {}, b'{"success": false}'),
            "rocket-ok": (200, {}, b'{"success": true}'),
            "slack-ok": (200, {}, b'{"ok": true}'),
            "redirect": (302, {"Location": "/ok/followed"}, b""),
        }
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *args): pass
            def do_GET(self): self.do_POST()
            def do_HEAD(self):
                with open(os.path.join(folder, "asked.head"), "w") as file: file.write(f"{self.requestline}\n{self.headers}")
                self.send_response(405)
                self.end_headers()
            def do_POST(self):
                global count
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with lock:
                    count += 1
                    with open(os.path.join(folder, f"{count:04}.body"), "wb") as file: file.write(body)
                    with open(os.path.join(folder, f"{count:04}.head"), "w") as file:
                        file.write(f"{self.requestline}\n{self.headers}")
                name, _, secret = self.path[1:].partition("/")
                if name == "silent":
                    threading.Event().wait()
                if name == "hang-up":
                    self.close_connection = True
                    return
                if name in ("drip", "flood"):
                    self.close_connection = True
                    self.send_response(200)
                    self.end_headers()
                    pause = threading.Event()
                    try:
                        while True:
                            self.wfile.write(b"x" * (1 if name == "drip" else 65536))
                            if name == "drip": pause.wait(0.05)
                    except OSError:
                        return
                if name == "elsewhere":
                    code, headers, text = 307, {"Location": f"http://127.0.0.1:{secret}/services/T0"}, b""
                elif name == "echo":
                    code, headers, text = 404, {}, secret.encode()
                elif name == "echo-page":
                    code, headers, text = 404, {}, f"<p>{self.path} was not found</p>".encode()
                else:
                    code, headers, text = answers[name]
                self.send_response(code)
                for key, value in headers.items(): self.send_header(key, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_port, flush=True)
        server.serve_forever()
        """#

    /// Runs `body` with a server and a client set up as the daemon's.
    static func running(_ body: (ChildServer, OutboundClient) async throws -> Void) async throws {
        try await ChildServer.running(script) { server in
            try await withClient { try await body(server, $0) }
        }
    }

    /// Runs `body` with a client set up as the daemon's, which may call the loopback interface.
    static func withClient(
        _ policy: AddressPolicy = AddressPolicy(allowedHosts: ["127.0.0.1"]),
        _ body: (OutboundClient) async throws -> Void
    ) async throws {
        let client = OutboundClient(policy: policy, requiresTLS: false, silenceTimeout: .seconds(20))
        do {
            try await body(client)
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }
}
