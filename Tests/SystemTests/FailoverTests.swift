import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// P1, P2 and P10 when several daemons share a database, and when it goes away: real daemons, real servers, kill -9.
@Suite(
    .alone, .serialized, .enabled(if: PostgresServer.isInstalled, "PostgreSQL's server programs are not installed"))
struct FailoverTests {
    private func daemon(_ url: String, _ environment: [String: String] = [:]) throws -> DaemonProcess {
        try DaemonProcess(
            environment: ["CONSILOD_STORE_URL": url, "CONSILOD_STORE_CONNECTIONS": "4"]
                .merging(environment) { _, new in new })
    }

    /// Webhooks of issues with three comments each: five of an issue.
    private func bodies(issues: Int) -> [String] {
        var stream = WebhookStream(start: Timestamp(seconds: 1_790_000_000))
        for number in 1...issues {
            stream.addIssue(number, comments: ["We are blocked by the vendor.", "Still no answer.", "This is stuck."])
        }
        return stream.bodies
    }

    /// Has the database note each time that an event is applied.
    private func watchApplications(_ server: PostgresServer) throws {
        _ = try server.query(
            """
            CREATE TABLE applications (event_id BIGINT, state TEXT);
            CREATE FUNCTION note() RETURNS TRIGGER LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO applications VALUES (NEW.id, NEW.state); RETURN NEW; END $$;
            CREATE TRIGGER note AFTER UPDATE ON webhook_events FOR EACH ROW EXECUTE FUNCTION note();
            """)
    }

    /// What the database holds is what was answered, each stored and applied once.
    private func expectAllStoredAndAppliedOnce(
        _ record: WebhookPoster.Record, of bodies: [String], issues: Int, in server: PostgresServer
    ) throws {
        #expect(record.answered.count == bodies.count)
        #expect(record.otherwiseRefused == [])
        let rows = try server.query("SELECT delivery_id, state FROM webhook_events")
        #expect(rows.count == bodies.count)
        #expect(Set(rows.map { $0[0] }) == record.answered)
        #expect(rows.allSatisfy { $0[1] == "applied" })
        let applications = try server.query(
            "SELECT COUNT(*), COUNT(DISTINCT event_id) FROM applications WHERE state = 'applied'")
        #expect(applications == [["\(bodies.count)", "\(bodies.count)"]])
        let snapshots = try server.query("SELECT COUNT(*), MIN(comment_count), MAX(comment_count) FROM issue_snapshots")
        #expect(snapshots == [["\(issues)", "3", "3"]])
    }

    private func pending(_ server: PostgresServer) throws -> Int {
        let rows = try server.query("SELECT COUNT(*) FROM webhook_events WHERE state = 'pending'")
        return Int(rows.first?.first ?? "") ?? -1
    }

    private struct Health: Decodable {
        struct Component: Decodable {
            var status: String
            var detail: String
        }
        var status: String
        var components: [String: Component]
    }

    @Test func whenANodeIsKilledTheOthersFinishItsWork() async throws {
        let server = try PostgresServer()
        let (doomed, survivor) = (try daemon(server.url), try daemon(server.url))
        try await doomed.start()
        try await survivor.start()
        let tenant = try await doomed.createTenant()
        try watchApplications(server)
        try await eventually("each node knows of the other") {
            let health = try await survivor.request(.get, "/health").json(Health.self)
            return health.components["store"]?.detail.contains("2 nodes use it") == true
        }
        let bodies = bodies(issues: 80)
        let poster = WebhookPoster(ports: [doomed.port, survivor.port], tenant: tenant)
        async let posting: Void = poster.run(bodies, rate: 150)
        try await eventually("both are at work") {
            let held = try server.query("SELECT COUNT(*) FROM issue_queue WHERE lease_token IS NOT NULL")
            return poster.answered > 100 && held != [["0"]]
        }
        doomed.signal(SIGKILL)
        try await posting
        // Thirty seconds are the lease that the dead node held.
        try await eventually("the survivor has applied all", within: .seconds(60)) { try pending(server) == 0 }
        #expect(try await doomed.waitForExit() == -SIGKILL)
        try expectAllStoredAndAppliedOnce(poster.result, of: bodies, issues: 80, in: server)
    }

    @Test func whileTheServerIsAwayJiraIsAskedToComeBackAndAllKnowWhy() async throws {
        let server = try PostgresServer()
        let daemon = try daemon(server.url)
        let socket = try NotifySocket(path: daemon.folder.appendingPathComponent("notify").path)
        daemon.setEnvironment("NOTIFY_SOCKET", socket.path)
        daemon.setEnvironment("WATCHDOG_USEC", "2000000")
        try await daemon.start()
        let (tenant, pid) = (try await daemon.createTenant(), daemon.pid)
        try watchApplications(server)
        let bodies = bodies(issues: 60)
        let poster = WebhookPoster(ports: [daemon.port], tenant: tenant)
        async let posting: Void = poster.run(bodies, rate: 100)
        try await eventually("webhooks are taken") { poster.answered > 60 }

        try server.crash()
        try await eventually("webhooks are put off") { poster.result.putOff > 5 }
        let answer = try await daemon.request(.get, "/health")
        #expect(answer.status == 503)
        let store = try answer.json(Health.self).components["store"]
        #expect(store?.status == "unhealthy")
        #expect(store?.detail.hasPrefix("PostgreSQL: ") == true, "\(String(describing: store))")
        try await eventually("systemd is told") {
            socket.receive()
            return socket.messages.contains { $0.hasPrefix("STATUS=unhealthy") && $0.contains("store: PostgreSQL: ") }
        }
        // The watchdog is fed: a restart would not bring the database back.
        let fed = socket.messages.count { $0 == "WATCHDOG=1" }
        try await eventually("the watchdog is fed", within: .seconds(5)) {
            socket.receive()
            return socket.messages.count { $0 == "WATCHDOG=1" } > fed + 1
        }

        try server.start()
        let taken = poster.answered
        try await eventually("webhooks are taken again", within: .seconds(20)) { poster.answered > taken }
        // The socket is read on, as systemd does: a full one stops whoever tells it something.
        try await eventually("all is taken and applied") {
            socket.receive()
            return try poster.answered == bodies.count && pending(server) == 0
        }
        try await posting
        try await daemon.waitUntilApplied()
        #expect(daemon.pid == pid)
        #expect(try await daemon.request(.get, "/health").status == 200)
        #expect(poster.result.longestWait < .seconds(10))
        #expect(poster.result.brokenConnections == 0)
        try expectAllStoredAndAppliedOnce(poster.result, of: bodies, issues: 60, in: server)
    }

    @Test func nodesFollowAFailOverAndNothingAnsweredIsLost() async throws {
        let primary = try PostgresServer()
        let standby = try PostgresServer(following: primary)
        // Commits wait for the standby from now on.
        try primary.set("synchronous_standby_names", "standby")
        try await eventually("the standby is synchronous") {
            try primary.query("SELECT sync_state FROM pg_stat_replication") == [["sync"]]
        }
        let url = PostgresServer.url(of: [primary, standby])
        let nodes = [try daemon(url), try daemon(url)]
        for node in nodes { try await node.start() }
        let tenant = try await nodes[0].createTenant()
        try watchApplications(primary)
        let bodies = bodies(issues: 80)
        let poster = WebhookPoster(ports: nodes.map(\.port), tenant: tenant)
        async let posting: Void = poster.run(bodies, rate: 120)
        try await eventually("webhooks are taken") { poster.answered > 120 }

        try primary.kill()
        let before = poster.answered
        try standby.promote()
        try await eventually("webhooks are taken again", within: .seconds(40)) { poster.answered > before + 8 }
        try await posting
        try await eventually("all is applied", within: .seconds(60)) { try pending(standby) == 0 }
        #expect(poster.result.brokenConnections == 0)
        #expect(poster.result.longestWait < .seconds(15))
        for node in nodes { try await node.waitUntilApplied() }
        try expectAllStoredAndAppliedOnce(poster.result, of: bodies, issues: 80, in: standby)
    }

    @Test func aDaemonThatStartsBeforeItsDatabaseWaitsAndSaysSo() async throws {
        let server = try PostgresServer()
        try server.crash()
        let daemon = try daemon(server.url)
        let socket = try NotifySocket(path: daemon.folder.appendingPathComponent("notify").path)
        daemon.setEnvironment("NOTIFY_SOCKET", socket.path)
        try daemon.launch()
        try await eventually("it says what it waits for") {
            socket.receive()
            return daemon.log.contains("waiting for the database")
                && socket.messages.contains { $0.hasPrefix("STATUS=waiting for database consilod on 127.0.0.1") }
                && socket.messages.contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") }
        }
        #expect(!socket.messages.contains { $0.contains("READY=1") })
        try server.start()
        try await daemon.waitUntilListening()
        _ = try await daemon.createTenant()
        socket.receive()
        #expect(socket.messages.contains { $0.contains("READY=1") })
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        // A node that ends in order is not counted any more.
        #expect(try server.query("SELECT COUNT(*) FROM nodes") == [["0"]])
    }
}
