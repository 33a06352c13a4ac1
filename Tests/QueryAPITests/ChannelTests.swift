import Alerts
import Domain
import Foundation
import HTTPTypes
import Outbound
import Store
import TestSupport
import Testing
import Vault

@testable import QueryAPI

/// Channels with a secret of their own, and tests of channels.
@Suite struct ChannelTests {
    /// Answers every POST with 202, and keeps its head and body.
    private static let receiver = """
        import http.server, os, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args): pass
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with open(os.path.join(sys.argv[1], "got"), "wb") as file: file.write(str(self.headers).encode() + body)
                self.send_response(202)
                self.end_headers()
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    @Test func theSecretOfAWebhookIsShownOnceAndSignsForADayAfterItWasReplaced() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey,
                body: #"{"kind": "webhook", "name": "Bus", "target": "https://bus.example/alerts?key=hidden"}"#)
            #expect(made.status == .created)
            #expect(made.json["destination"]?.text == "bus.example")
            let first = try #require(made.json["signing_secret"]?.text)
            let listed = try await client.call(.get, "/api/alert-channels", as: tenant.apiKey)
            #expect(!listed.text.contains("whsec_") && !listed.text.contains("hidden"))

            func stored() async throws -> WebhookTarget {
                let sealed = try #require(try await api.store.alertChannels(tenant.id).first).target
                return try #require(WebhookTarget(target: try api.vault.open(sealed)))
            }
            #expect(try await stored().secrets(at: testNow) == [first])
            let path = "/api/alert-channels/\(made.json["id"]?.text ?? "")"
            let moved = try await client.call(
                .put, path, as: tenant.apiKey, body: #"{"name": "Bus", "target": "https://two.example/"}"#)
            #expect(!moved.text.contains("whsec_"))
            let rotated = try await client.call(
                .put, path, as: tenant.apiKey, body: #"{"name": "Bus", "rotate_secret": true}"#)
            let second = try #require(rotated.json["signing_secret"]?.text)
            let target = try await stored()
            #expect(target.url == "https://two.example/")
            #expect(target.secrets(at: testNow.adding(seconds: 86_399)) == [second, first])
            #expect(target.secrets(at: testNow.adding(seconds: 86_400)) == [second])
        }
    }

    @Test func onlyAWebhookHasASecretToReplace() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey,
                body: #"{"kind": "teams", "name": "Team", "target": "https://flows.example/x"}"#)
            #expect(made.json["destination"]?.text == "flows.example" && made.json["signing_secret"] == nil)
            let answer = try await client.call(
                .put, "/api/alert-channels/\(made.json["id"]?.text ?? "")", as: tenant.apiKey,
                body: #"{"name": "Team", "rotate_secret": true}"#)
            #expect(answer.invalidFields == ["rotate_secret"])
        }
    }

    @Test(arguments: ["slack", "teams", "webhook"]) func aTestArrivesAndSaysThatItIsOne(kind: String) async throws {
        let outbound = OutboundClient(policy: AddressPolicy(allowedHosts: ["127.0.0.1"]), requiresTLS: false)
        try await ChildServer.running(Self.receiver) { server in
            var api = try await APIHarness()
            api.allowsPlainHTTPChannels = true
            api.allowedChannelHosts = ["127.0.0.1"]
            api.sinks = [
                .slack: SlackSink(client: outbound), .teams: TeamsSink(client: outbound),
                .webhook: WebhookSink(client: outbound),
            ]
            try await api.run { client in
                let tenant = try await client.createTenant("acme")
                let made = try await client.call(
                    .post, "/api/alert-channels", as: tenant.apiKey,
                    body: #"{"kind": "\#(kind)", "name": "Ops room", "target": "http://127.0.0.1:\#(server.port)/x"}"#)
                let path = "/api/alert-channels/\(made.json["id"]?.text ?? "")/test"
                let answer = try await client.call(.post, path, as: tenant.apiKey)
                #expect(answer.status == .ok, "\(answer.text)")
                #expect(answer.json["delivered"]?.flag == true)
                let got = String(decoding: try #require(try server.files("got").first), as: UTF8.self)
                #expect(got.contains("This is a test of the alert channel “Ops room”"))
                // Nothing of it is an alert.
                #expect(try await client.call(.get, "/api/alerts", as: tenant.apiKey).json.items.isEmpty)
                let again = try await client.call(.post, path, as: tenant.apiKey)
                #expect(again.code == "channel_tested_recently" && again.status == .tooManyRequests)
            }
        }
        try await outbound.shutdown()
    }

    @Test func aTestThatFailsSaysWhyAndAnotherTenantsChannelIsUnknown() async throws {
        try await APIHarness().run { client in
            let (tenant, other) = (try await client.createTenant("acme"), try await client.createTenant("other"))
            let made = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey,
                body: #"{"kind": "email", "name": "Leads", "target": "a@acme.example"}"#)
            let path = "/api/alert-channels/\(made.json["id"]?.text ?? "")/test"
            #expect(try await client.call(.post, path, as: other.apiKey).code == "alert_channel_not_found")
            let answer = try await client.call(.post, path, as: tenant.apiKey)
            #expect(answer.json["delivered"]?.flag == false)
            #expect(answer.json["results"]?.items.first?["error"]?.text == "this host has no way to deliver over email")
        }
    }
}
