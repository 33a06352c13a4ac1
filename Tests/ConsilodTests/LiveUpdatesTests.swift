import AsyncHTTPClient
import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The stream of events that tells open pages of changes, by the real program.
@Suite struct LiveUpdatesTests {
    private func started(_ configuration: String = "") async throws -> DaemonProcess {
        let daemon = try DaemonProcess(configuration: configuration)
        try await daemon.start()
        return daemon
    }

    /// Sends webhooks of an issue, each of which must be taken.
    private func sendIssue(_ number: Int, to tenant: DaemonProcess.Tenant, of daemon: DaemonProcess) async throws {
        var stream = WebhookStream(start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
        stream.addIssue(number, status: "To Do")
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
    }

    /// How soon that is, is seen in a browser (`LiveBrowserTests`), where nothing else runs beside it.
    @Test func anOpenPageIsToldOfAWebhook() async throws {
        let daemon = try await started()
        let (tenant, other) = (try await daemon.createTenant(), try await daemon.createTenant("other"))
        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        let page = try await visitor.get("/dashboard")
        let mark = try #require(page.text.firstMatch(of: /data-change="([0-9a-z-]+)"/)).output.1
        try await HTTPClient.withHTTPClient { client in
            var stream = try await EventStream(visitor, client)
            var foreign = try await EventStream(try await .signedIn(at: daemon, key: other.api_key), client)
            // The page is up to date when its stream begins.
            #expect(try await stream.next() == "retry: 3000\nevent: change\ndata: \(mark)")
            #expect(try await foreign.next() != nil)

            try await sendIssue(1, to: tenant, of: daemon)
            #expect(try await stream.next()?.hasPrefix("event: change\ndata: ") == true)
            #expect(try await visitor.get("/dashboard/issues").text.contains("PAY-1"))
            #expect(foreign.events.count == 1)
            // What the other one hears of is its own change.
            try await sendIssue(2, to: other, of: daemon)
            #expect(try await foreign.next() != nil)
            #expect(foreign.events.count == 2)
        }
    }

    @Test(.enabled(if: PostgresSchema.server != nil, "CONSILOD_TEST_POSTGRES names no server"))
    func aPageOnAnotherNodeIsToldToo() async throws {
        let schema = try PostgresSchema(server: try #require(PostgresSchema.server))
        let store = ["CONSILOD_STORE_URL": schema.url]
        let (one, two) = (try DaemonProcess(environment: store), try DaemonProcess(environment: store))
        try await one.start()
        try await two.start()
        let tenant = try await one.createTenant()
        let visitor = try await Visitor.signedIn(at: two, key: tenant.api_key)
        try await HTTPClient.withHTTPClient { client in
            var stream = try await EventStream(visitor, client)
            #expect(try await stream.next() != nil)
            // Whichever node scores it.
            try await sendIssue(1, to: tenant, of: one)
            #expect(try await stream.next()?.hasPrefix("event: change\ndata: ") == true)
        }
    }

    @Test func aStreamNeedsASessionAndEndsWithIt() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        for cookie in [nil, "consilod_session=csls_made-up"] {
            let answer = try await Visitor(daemon, cookie: cookie).get("/dashboard/events")
            #expect(answer.status == 401 && answer.text.isEmpty)
        }
        let (leaving, staying) = (
            try await Visitor.signedIn(at: daemon, key: tenant.api_key),
            try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        )
        try await HTTPClient.withHTTPClient { client in
            var left = try await EventStream(leaving, client)
            var stayed = try await EventStream(staying, client)
            #expect(try await left.next() != nil)
            #expect(try await stayed.next() != nil)
            let token = try await leaving.get("/dashboard").formToken
            #expect(try await leaving.post("/dashboard/sign-out", ["form_token": token]).status == 303)
            #expect(try await left.next() == nil)
            // A session ends with the API key that it began with.
            let rotated = try await daemon.request(
                .post, "/api/tenants/\(tenant.id)/api-key", token: tenant.api_key, body: "{}")
            #expect(rotated.status < 300)
            #expect(try await stayed.next() == "event: end\ndata: session")
            #expect(try await stayed.next() == nil)
        }
    }

    @Test func theDaemonEndsPromptlyWhilePagesAreOpen() async throws {
        let daemon = try await started("shutdown: {timeout_seconds: 60}\n")
        let visitor = try await Visitor.signedIn(at: daemon, key: try await daemon.createTenant().api_key)
        var configuration = HTTPClient.Configuration()
        // Each page has a connection of its own.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100
        try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            var streams: [EventStream] = []
            for _ in 0..<20 {
                var stream = try await EventStream(visitor, client)
                #expect(try await stream.next() != nil)
                streams.append(stream)
            }
            let took = try await ContinuousClock().measure {
                daemon.signal(SIGTERM)
                let status = try await daemon.waitForExit()
                #expect(status == 0)
            }
            #expect(took < .seconds(30))
            for index in streams.indices { #expect(try await streams[index].next() == nil) }
        }
    }

    @Test func streamsAreBoundedAndPagesWorkBeyondThat() async throws {
        let daemon = try await started("http: {max_event_streams_per_tenant: 2, max_event_streams: 3}\n")
        let tenant = try await daemon.createTenant()
        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        let other = try await Visitor.signedIn(at: daemon, key: try await daemon.createTenant("other").api_key)
        func open(_ visitor: Visitor, _ client: HTTPClient) async throws -> EventStream {
            var stream = try await EventStream(visitor, client)
            #expect(try await stream.next() != nil)
            return stream
        }
        try await HTTPClient.withHTTPClient { client in
            let streams = [try await open(visitor, client), try await open(visitor, client)]
            let refused = try await visitor.get("/dashboard/events")
            #expect(refused.status == 503 && refused.headers.first(name: "retry-after") == "30")
            let last = try await open(other, client)
            #expect(try await other.get("/dashboard/events").status == 503)
            #expect(try await other.get("/dashboard").status == 200)
            #expect(streams.count == 2 && last.events.count == 1)
        }
        // The pages were closed with their client.
        try await eventually("there is room again") {
            try await HTTPClient.withHTTPClient { client in
                do {
                    _ = try await open(visitor, client)
                    return true
                } catch is Unexpected { return false }
            }
        }
    }
}
