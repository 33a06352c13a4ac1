import Foundation
import TestSupport

/// A receiver of Standard Webhooks that verifies each message with `svix` and writes down what it found.
enum WebhookReceiver {
    /// Where `script/test` installs the package.
    private static let packages = Repository.folder.appendingPathComponent(".engine/webhooks")

    /// For `.enabled(if:)`, with ``isMissing`` as the reason.
    static var isInstalled: Bool {
        FileManager.default.fileExists(atPath: packages.appendingPathComponent("version").path)
    }
    static let isMissing = "svix is not installed in .engine/webhooks (script/lib/webhooks.sh)"

    /// What became of a message. `payload` is missing where it was refused.
    struct Found: Decodable {
        var id: String
        var error: String?
        var payload: Payload?
    }

    struct Payload: Decodable {
        struct Message: Decodable {
            var headline: String
            var alerts: [Alert]
        }
        struct Alert: Decodable {
            struct Issue: Decodable {
                var issue_key: String
                var score: Int
            }
            var event: String
            var issue: Issue?
        }
        var type: String
        var data: Message
    }

    private static let script = #"""
        import http.server, json, os, sys
        folder, packages, secret = sys.argv[1:4]
        sys.path.insert(0, packages)
        from svix.webhooks import Webhook, WebhookVerificationError
        count = 0
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args): pass
            def do_POST(self):
                global count
                body = self.rfile.read(int(self.headers["Content-Length"]))
                found = {"id": self.headers["webhook-id"]}
                try:
                    Webhook(secret).verify(body, dict(self.headers))
                    found["payload"] = json.loads(body)
                except WebhookVerificationError as error: found["error"] = str(error)
                count += 1
                with open(os.path.join(folder, f"{count:04}.found"), "w") as file: json.dump(found, file)
                self.send_response(int(self.path[1:]))
                self.end_headers()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """#

    /// - Parameter secret: what the receiver verifies with. The path of a request is the status that it answers with.
    static func running(_ secret: String, body: (ChildServer) async throws -> Void) async throws {
        try await ChildServer.running(script, [packages.path, secret], body: body)
    }
}

extension ChildServer {
    /// What a ``WebhookReceiver`` has found so far, the oldest first.
    func found() throws -> [WebhookReceiver.Found] {
        try files(".found").map { try JSONDecoder().decode(WebhookReceiver.Found.self, from: $0) }
    }
}
