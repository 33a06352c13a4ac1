import Foundation
import TestSupport

/// An HTTP server that gives out the file `document` of its folder, or 503 without one, and counts how often it was asked.
enum KeyServer {
    private static let script = #"""
        import http.server, os, sys, threading
        folder = sys.argv[1]
        lock = threading.Lock()
        count = 0
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *args): pass
            def do_GET(self):
                global count
                with lock:
                    count += 1
                    with open(os.path.join(folder, f"{count:06}.asked"), "w") as file: file.write(self.path)
                try:
                    with open(os.path.join(folder, "document"), "rb") as file: body = file.read()
                    status = 200
                except FileNotFoundError: body, status = b"{}", 503
                if os.path.exists(os.path.join(folder, "redirect")): status = 302
                self.send_response(status)
                if status == 302: self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """#

    static func running(_ body: (ChildServer) async throws -> Void) async throws {
        try await ChildServer.running(script, body: body)
    }
}

extension ChildServer {
    var address: String { "http://127.0.0.1:\(port)" }

    /// What is given out from now on; nil for 503.
    func publish(_ document: [UInt8]?) throws {
        let file = folder.appendingPathComponent("document")
        if let document {
            try Data(document).write(to: file, options: .atomic)
        } else if FileManager.default.fileExists(atPath: file.path) {
            try FileManager.default.removeItem(at: file)
        }
    }

    /// How often it was asked.
    func askedCount() throws -> Int { try files(".asked").count }
}
