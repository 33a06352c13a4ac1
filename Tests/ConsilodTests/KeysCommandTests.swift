import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// `consilod keys`, and when the daemon notes the use of a key.
@Suite struct KeysCommandTests {
    @Test func aKeyIsMadeListedRotatedAndRevoked() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        func keys(_ arguments: String...) async throws -> (status: Int32, output: String) {
            try await daemon.run(["keys"] + arguments, as: tenant)
        }
        func status(_ key: String) async throws -> UInt {
            try await daemon.request(.get, "/api/issues", token: key).status
        }
        let file = daemon.folder.appendingPathComponent("ci-key").path
        let made = try await keys("create", "--name", "CI", "--role", "viewer", "--lasts", "30d", "--output", file)
        #expect(made.status == 0 && made.output.isEmpty, "\(made.output)")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let key = try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(key.hasPrefix("cslk_"))
        #expect(try await status(key) == 200)
        let again = try await keys("create", "--name", "CI", "--role", "viewer", "--output", file)
        #expect(again.status != 0 && again.output.contains("exists already"), "\(again.output)")
        let refused = try await daemon.request(.post, "/api/alert-rules", token: key, body: "{}")
        #expect(refused.status == 403 && refused.text.contains("permission_missing"))

        let list = try await keys("list").output
        let line = try #require(list.split(separator: "\n").first { $0.contains("CI") })
        #expect(line.contains("viewer") && line.contains(key.prefix(11)) && !line.contains(key))
        let id = String(line.prefix { $0 != " " })

        let rotated = try await keys("rotate", id, "--overlap", "0")
        let newKey = rotated.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(rotated.status == 0 && newKey.hasPrefix("cslk_"), "\(rotated.output)")
        #expect(try await status(key) == 401)
        #expect(try await status(newKey) == 200)

        let first = try #require(try await keys("list").output.split(separator: "\n").first { $0.contains("owner") })
        let last = try await keys("revoke", String(first.prefix { $0 != " " }))
        #expect(last.status != 0 && last.output.contains("last API key of an owner"), "\(last.output)")
        let newID = try #require(
            try await keys("list").output.split(separator: "\n").first { $0.contains(newKey.prefix(11)) }
        ).prefix { $0 != " " }
        #expect(try await keys("revoke", String(newID)).status == 0)
        #expect(try await status(newKey) == 401)
        #expect(!daemon.log.contains(key) && !daemon.log.contains(newKey))
    }

    @Test func theUseOfAKeyIsNotedSoon() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        #expect(try await daemon.request(.get, "/api/issues", token: tenant.api_key).status == 200)
        try await eventually("its use is noted") {
            try daemon.query("SELECT COUNT(*) FROM api_keys WHERE last_used_at IS NOT NULL") == [["1"]]
        }
    }
}
