import Crypto
import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Open pages in a real browser while webhooks come.
@Suite(.alone, .enabled(if: Chromium.isInstalled, "\(Chromium.isMissing)"))
struct LiveBrowserTests {
    private struct Found: Decodable {
        var seconds: Double
        var isSamePage: Bool
        var focus: String
        var editing: [Value]
        var tried: Int
        var address: String
        var console: [String]

        enum CodingKeys: String, CodingKey {
            case seconds, isSamePage = "same page", focus, editing = "while editing", tried, address, console
        }
    }

    private enum Value: Decodable, Equatable {
        case text(String), flag(Bool)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    private struct Hook: Encodable {
        var path: String
        var headers: [String: String]
        var body: String

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(path)
            try container.encode(headers)
            try container.encode(body)
        }
    }

    @Test func anOpenPageShowsANewIssueWithinASecondAndLeavesForms() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        var stream = WebhookStream(start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
        for number in 1...3 { stream.addIssue(number, status: "To Do") }
        let secret = SymmetricKey(data: Data(tenant.webhook_secret.utf8))
        let hooks = stream.bodies.map { body in
            let signature = HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: secret).hexadecimal
            return Hook(
                path: "/webhooks/jira/\(tenant.id)",
                headers: ["X-Hub-Signature": "sha256=\(signature)", "Content-Type": "application/json"], body: body)
        }
        let (keyFile, hookFile) = (
            daemon.folder.appendingPathComponent("browser-key"), daemon.folder.appendingPathComponent("hooks.json")
        )
        try Data(tenant.api_key.utf8).write(to: keyFile)
        try JSONEncoder().encode(hooks).write(to: hookFile)
        let output = try TestSupport.run([
            "/usr/bin/python3", Chromium.here.appendingPathComponent("Browser/live.py").path, Chromium.packages.path,
            "http://127.0.0.1:\(daemon.port)", keyFile.path, hookFile.path,
        ])
        let found = try JSONDecoder().decode(Found.self, from: Data(output.utf8))
        #expect(found.seconds < 1)
        #expect(found.isSamePage && found.focus == "PAY-1")
        #expect(found.editing == [.text("PA"), .flag(false)])
        #expect(found.tried == 1 && found.address == "/docs/issues")
        #expect(found.console.isEmpty, "\(found.console)")
    }
}
