import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// `consilod tenant`, through the API of the real daemon.
@Suite struct TenantCommandTests {
    private func tenant(
        _ daemon: DaemonProcess, _ arguments: [String], key: String = DaemonProcess.adminToken
    ) async throws -> (status: Int32, output: String) {
        let file = daemon.folder.appendingPathComponent("tenant-key")
        try key.write(to: file, atomically: true, encoding: .utf8)
        return try await daemon.run(
            ["tenant"] + arguments + ["--url", "http://127.0.0.1:\(daemon.port)", "--key-file", file.path])
    }

    @Test func aTenantIsCreatedWithAFolderForTheNextCommands() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let token = daemon.folder.appendingPathComponent("jira-token")
        try "a-jira-token-of-the-test".write(to: token, atomically: true, encoding: .utf8)
        let folder = daemon.folder.appendingPathComponent("Bee's keys")
        let arguments = [
            "create", "Bees & Co", "--jira-url", "https://bees.atlassian.net", "--jira-email", "it@bees.example",
            "--jira-token-file", token.path, "--output", folder.path,
        ]
        let created = try await tenant(daemon, arguments)
        #expect(created.status == 0, "\(created.output)")
        for file in ["api-key", "webhook-secret", "auth-header", "tenant.env"] {
            let path = folder.appendingPathComponent(file).path
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        }
        let key = try String(contentsOf: folder.appendingPathComponent("api-key"), encoding: .utf8)
            .trimmingCharacters(in: .newlines)
        #expect(!created.output.contains(key))
        // The folder's own variables, in a shell, name the tenant and authenticate.
        let shown = try TestSupport.run([
            "sh", "-euc", #". "$1"; curl -sS -H "$AUTH" "$URL/api/tenants/$ID"; echo; echo "$WEBHOOK_URL""#, "sh",
            folder.appendingPathComponent("tenant.env").path,
        ])
        #expect(shown.contains(#""company_name":"Bees & Co""#) && shown.contains("/webhooks/jira/"), "\(shown)")
        // A second tenant is not made where its keys would have no place.
        let again = try await tenant(daemon, arguments)
        #expect(again.status != 0 && again.output.contains("exists already"), "\(again.output)")
        let listed = try await tenant(daemon, ["list"])
        #expect(listed.output.split(separator: "\n").count == 1, "\(listed.output)")
    }

    @Test func aTenantIsSuspendedAndResumed() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let account = try await daemon.createTenant()
        let one = ["--tenant", account.id]
        let suspended = try await tenant(daemon, ["suspend"] + one)
        #expect(suspended.status == 0 && suspended.output.contains("status     suspended"), "\(suspended.output)")
        #expect(try await daemon.request(.get, "/api/issues", token: account.api_key).status == 403)
        // Who holds the tenant's key does not end it.
        let own = try await tenant(daemon, ["resume"] + one, key: account.api_key)
        #expect(own.status != 0, "\(own.output)")
        let shown = try await tenant(daemon, ["show"] + one, key: account.api_key)
        #expect(shown.status == 0 && shown.output.contains("status     suspended"), "\(shown.output)")
        let resumed = try await tenant(daemon, ["resume"] + one)
        #expect(resumed.status == 0 && resumed.output.contains("status     active"), "\(resumed.output)")
        #expect(try await daemon.request(.get, "/api/issues", token: account.api_key).status == 200)
    }

    @Test func aTenantIsDeletedUnderItsNameAndRestored() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let account = try await daemon.createTenant()
        _ = try await daemon.request(
            .put, "/api/tenants/\(account.id)", token: account.api_key,
            body: #"{"company_name": "Bees + Honey & Co"}"#)
        let one = ["--tenant", account.id]
        let wrong = try await tenant(daemon, ["delete", "--name", "Bees"] + one, key: account.api_key)
        #expect(wrong.status != 0 && wrong.output.contains("company_name must be the tenant's name"), "\(wrong.output)")
        let deleted = try await tenant(daemon, ["delete", "--name", "Bees + Honey & Co"] + one, key: account.api_key)
        #expect(deleted.status == 0 && deleted.output.contains("deleted after 20"), "\(deleted.output)")
        #expect(try await daemon.request(.get, "/api/issues", token: account.api_key).status == 403)
        let shown = try await tenant(daemon, ["show"] + one)
        #expect(shown.output.contains("deletion   after 20"), "\(shown.output)")
        let restored = try await tenant(daemon, ["restore"] + one, key: account.api_key)
        #expect(restored.status == 0 && !restored.output.contains("deletion"), "\(restored.output)")
        #expect(try await daemon.request(.get, "/api/issues", token: account.api_key).status == 200)
    }

    @Test func theListHasAllPagesAndALineForEach() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        var ids: Set<String> = []
        for number in 1...52 { ids.insert(try await daemon.createTenant("company-\(number)").id.lowercased()) }
        let (status, output) = try await tenant(daemon, ["list"])
        let listed = output.split(separator: "\n").map { String($0.prefix { $0 != " " }).lowercased() }
        #expect(status == 0 && listed.count == 52 && Set(listed) == ids, "\(output)")
        let refused = try await tenant(daemon, ["list"], key: "wrong-token-wrong-token")
        #expect(refused.status != 0, "\(refused.output)")
    }
}
