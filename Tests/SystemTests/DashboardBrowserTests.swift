import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Chromium with selenium and axe-core, as `script/test` installs them.
enum Chromium {
    static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let packages = here.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent(".engine/browser")

    static let isInstalled =
        FileManager.default.fileExists(atPath: packages.appendingPathComponent("version").path)
        && FileManager.default.fileExists(atPath: "/usr/bin/chromedriver")
    static let isMissing = "Chromium and selenium are not installed (script/lib/browser.sh)"
}

/// The dashboard in a real browser: whether it is accessible (axe-core), works without scripts and by the keyboard, and fits a
/// phone.
@Suite(.alone, .enabled(if: Chromium.isInstalled, "\(Chromium.isMissing)"))
struct DashboardBrowserTests {
    @Test func everyPageIsAccessibleAndWorksWithoutScriptsAndByTheKeyboard() async throws {
        let story = try await PageStory.started { daemon, tenant in
            for (path, body) in [
                ("/api/alert-channels", #"{"kind": "email", "name": "leads", "target": "a@example.com"}"#),
                ("/api/alert-rules", #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#),
                (
                    "/api/alert-silences",
                    #"{"matchers": [{"name": "project", "values": ["OPS"]}], "ends_at": "2099-01-01T00:00:00Z", "reason": "x"}"#
                ),
            ] {
                let answer = try await daemon.request(.post, path, token: tenant.api_key, body: body)
                #expect(answer.status == 201 || path.hasSuffix("silences"), "\(answer.text)")
            }
        }
        let (daemon, tenant) = (story.daemon, story.tenant)
        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        try await eventually("a worker makes the figures") {
            try await visitor.get("/dashboard").text.contains("Risk over time")
        }
        let keyFile = daemon.folder.appendingPathComponent("browser-key")
        try Data(tenant.api_key.utf8).write(to: keyFile)
        let adminFile = daemon.folder.appendingPathComponent("browser-admin-token")
        try Data(DaemonProcess.adminToken.utf8).write(to: adminFile)

        let output = try run([
            "/usr/bin/python3", Chromium.here.appendingPathComponent("Browser/dashboard.py").path,
            Chromium.packages.path,
            "http://127.0.0.1:\(daemon.port)", keyFile.path, "PAY-1", adminFile.path,
        ])
        let found = try #require(
            try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: [String: Any]])
        let axe = try #require(found["axe"])
        #expect(axe["address after signing in"] as? String == "/dashboard/issues?min_score=1")
        let checks = axe.filter { $0.key.hasSuffix(" light") || $0.key.hasSuffix(" dark") }
        #expect(checks.count == 68)
        for (page, violations) in checks {
            #expect((violations as? [String])?.isEmpty == true, "\(page): \(violations)")
        }
        let widths = axe.filter { $0.key.hasSuffix(" width") }
        #expect(widths.count == 28)
        for (page, width) in widths { #expect(((width as? Int) ?? .max) <= 375, "\(page): \(width)") }
        #expect((axe["console"] as? [String])?.isEmpty == true, "\(axe["console"] ?? "")")
        let plain = try #require(found["without scripts"] as? [String: String])
        #expect(plain["heading"]?.hasPrefix("PAY-1") == true && plain["signed out"] == "/dashboard/sign-in")
        #expect((found["rule"] as? [String: String])?["saved"] == "By keyboard")
        let keyboard = try #require(found["keyboard"] as? [String: String])
        #expect(keyboard["first"] == "Skip to the content" && keyboard["page"] == "/dashboard/issues/PAY-1")
    }
}
