import Domain
import Foundation
import Synchronization
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// What befalls connections, on a server of each test's own.
@Suite(.alone, .enabled(if: PostgresServer.isInstalled, "PostgreSQL's server programs are not installed"))
struct PostgresFaultTests {
    private static let start = Timestamp(seconds: 1_760_000_000)

    private func driver(
        _ server: PostgresServer, connections: Int = 4, statementSeconds: Int = 30
    ) throws -> PostgresDriver {
        PostgresDriver(
            try PostgresSettings(
                connectionString: server.url + "?connect_timeout=2", connectionLimit: connections,
                statementSeconds: statementSeconds))
    }

    /// A table of marks, to see what took effect.
    private func withMarks(_ server: PostgresServer) throws { _ = try server.query("CREATE TABLE marks (name TEXT)") }

    private func marks(_ server: PostgresServer) throws -> [String] {
        try server.query("SELECT name FROM marks ORDER BY name").map { $0[0] }
    }

    /// Counts the runs of a transaction.
    private final class Counter: Sendable {
        private let runs = Mutex(0)
        var value: Int { runs.withLock { $0 } }
        func next() -> Int {
            runs.withLock {
                $0 += 1
                return $0
            }
        }
    }

    private func elapsed(_ body: () async throws -> Void) async rethrows -> Duration {
        try await ContinuousClock().measure { try await body() }
    }

    @Test func aTransactionThatLosesItsConnectionBeforeItsCommitIsRunAgain() async throws {
        let server = try PostgresServer()
        try withMarks(server)
        let driver = try driver(server)
        defer { driver.close() }
        // A connection that was good once.
        try await driver.write { try $0.run("INSERT INTO marks VALUES ('first')", []) }
        let runs = Counter()
        try await driver.write { connection in
            let run = runs.next()
            try connection.run("INSERT INTO marks VALUES (?)", [.text("run \(run)")])
            guard run == 1, let id = try connection.first("SELECT pg_backend_pid()", [])?.integer(0) else { return }
            _ = try server.query("SELECT pg_terminate_backend(\(id), 5000)")
            _ = try connection.query("SELECT 1", [])
        }
        #expect(runs.value == 2)
        #expect(try marks(server) == ["first", "run 2"])
    }

    @Test func aCommitWhoseAnswerIsLostIsNotRunAgainAndTheCallersRetryFindsIt() async throws {
        let server = try PostgresServer()
        let store = try await RiskStore.postgres(
            PostgresSettings(connectionString: server.url, connectionLimit: 4), now: Self.start)
        defer { try? store.close() }
        let tenant = try await makeTenant(in: store)
        try await server.holdCommits()
        let delivery = WebhookDelivery(
            tenantID: tenant, deliveryID: "d1", receivedAt: Self.start, event: "jira:issue_updated", sentAt: Self.start,
            routing: .issues(["10001"]), body: Array(repeating: UInt8(ascii: "x"), count: 100))
        async let appended = store.inbox.append(delivery)
        try await eventually("the commit waits") {
            try server.query("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'").count == 1
        }
        _ = try server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        do {
            Issue.record("the lost answer was \(try await appended)")
        } catch let error as StorageError {
            #expect(error.code == .unavailable)
        }
        try server.set("synchronous_standby_names", "")
        // No other caller is refused for it: the server is there.
        #expect(try await store.inbox.append(delivery) == .duplicate)
        #expect(try server.query("SELECT COUNT(*), COUNT(DISTINCT delivery_id) FROM webhook_events") == [["1", "1"]])
    }

    private func makeTenant(in store: RiskStore) async throws -> TenantID {
        let id = TenantID(UUID())
        try await store.createTenant(
            NewTenant(
                tenant: Tenant(
                    id: id, companyName: "Acme", jiraURL: "https://acme.atlassian.net", jiraEmail: "it@acme.example",
                    plan: .starter, status: .trial, limits: Plan.starter.limits, dailyRatePerPerson: 2500,
                    createdAt: Self.start, updatedAt: Self.start, trialEndsAt: nil),
                jiraTokenEncrypted: "sealed-token", apiKeyHash: "hash", webhookSecretID: UUID(),
                webhookSecretEncrypted: "sealed-secret", rules: []), by: .system("test"))
        return id
    }

    @Test func noStatementTimeoutMakesACommitOfOneThatNoStandbyHas() async throws {
        let server = try PostgresServer()
        try withMarks(server)
        let driver = try driver(server, statementSeconds: 1)
        defer { driver.close() }
        try await driver.write { try $0.run("INSERT INTO marks VALUES ('first')", []) }
        try await server.holdCommits()
        // Cancelled by the server it would count as committed, though a fail-over would lose it.
        let error = await #expect(throws: StorageError.self) {
            try await driver.write { try $0.run("INSERT INTO marks VALUES ('second')", []) }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("does not answer") == true)
    }

    @Test func aFrozenServerIsGivenUpAndFoundAgain() async throws {
        let server = try PostgresServer()
        try withMarks(server)
        let driver = try driver(server, statementSeconds: 1)
        defer { driver.close() }
        try await driver.write { try $0.run("INSERT INTO marks VALUES ('first')", []) }
        server.freeze()
        let wait = await elapsed {
            let error = await #expect(throws: StorageError.self) {
                try await driver.write { try $0.run("INSERT INTO marks VALUES ('lost')", []) }
            }
            #expect(error?.code == .unavailable)
        }
        // The statement's second, five more for the server, and two to find that it takes no connection.
        #expect(wait < .seconds(12), "\(wait)")
        // Then every caller is told at once.
        let refusal = await elapsed {
            await #expect(throws: StorageError.self) { try await driver.read { _ = try $0.query("SELECT 1", []) } }
        }
        #expect(refusal < .seconds(3), "\(refusal)")
        server.thaw()
        try await eventually("the server is found again", within: .seconds(20)) {
            do {
                try await driver.write { try $0.run("INSERT INTO marks VALUES ('second')", []) }
                return true
            } catch let error as StorageError where error.code == .unavailable { return false }
        }
        #expect(try marks(server).filter { $0 != "lost" } == ["first", "second"])
    }

    @Test func whatIsUrgentDoesNotWaitForAFrozenServerAsLongAsOtherStatementsMay() async throws {
        let server = try PostgresServer()
        let driver = try driver(server, statementSeconds: 300)
        defer { driver.close() }
        try await driver.write(isUrgent: true) { _ = try $0.query("SELECT 1", []) }
        server.freeze()
        let wait = await elapsed {
            await #expect(throws: StorageError.self) {
                try await driver.write(isUrgent: true) { _ = try $0.query("SELECT 1", []) }
            }
        }
        // Jira hangs up after 20 seconds.
        #expect(wait < .seconds(15), "\(wait)")
        server.thaw()
    }

    @Test func aStatementThatTakesTooLongFailsAloneAndItsConnectionGoesOn() async throws {
        let server = try PostgresServer()
        let driver = try driver(server, connections: 2, statementSeconds: 1)
        defer { driver.close() }
        let session = try await driver.read { try $0.first("SELECT pg_backend_pid()", [])?.integer(0) }
        let error = await #expect(throws: StorageError.self) {
            try await driver.read { _ = try $0.query("SELECT 1 FROM pg_sleep(60)", []) }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("statement timeout") == true, "\(String(describing: error))")
        #expect(try await driver.read { try $0.first("SELECT pg_backend_pid()", [])?.integer(0) } == session)
    }

    @Test func slowReadersDoNotKeepAWebhookWaiting() async throws {
        let server = try PostgresServer()
        try withMarks(server)
        let driver = try driver(server, connections: 3)
        defer { driver.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask { try await driver.read { _ = try $0.query("SELECT 1 FROM pg_sleep(60)", []) } }
            }
            try await eventually("two of them read, for whom there is room") {
                try server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").count == 2
            }
            let wait = try await elapsed {
                try await driver.write(isUrgent: true) { try $0.run("INSERT INTO marks VALUES ('webhook')", []) }
            }
            #expect(wait < .seconds(5), "\(wait)")
            #expect(try marks(server) == ["webhook"])
            #expect(try server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").count == 2)
            driver.close()
            _ = try server.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            var refused = 0
            while let result = await group.nextResult() {
                #expect(throws: StorageError.self) { try result.get() }
                refused += 1
            }
            #expect(refused == 6)
        }
    }

    @Test func whatRunsWhenTheStoreIsClosedIsFinishedAndNothingIsBegun() async throws {
        let server = try PostgresServer()
        try withMarks(server)
        let driver = try driver(server, connections: 3)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<6 {
                group.addTask {
                    do {
                        try await driver.write { connection in
                            try connection.run("INSERT INTO marks VALUES (?)", [.text("\(index)")])
                            _ = try connection.query("SELECT 1 FROM pg_sleep(1)", [])
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            do {
                try await eventually("two of them run") {
                    try server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").count == 2
                }
            } catch {
                Issue.record(error)
            }
            driver.close()
            return await group.reduce(into: [Bool: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(outcomes == [true: 2, false: 4])
        #expect(try marks(server).count == 2)
        let error = await #expect(throws: StorageError.self) { try await driver.write { try $0.run("SELECT 1", []) } }
        #expect(error?.code == .unavailable)
        try await eventually("no connection is left", within: .seconds(10)) {
            try server.query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'consilod'").isEmpty
        }
    }

    @Test func aServerThatIsGoneIsToldAtOnceAndFoundAgain() async throws {
        let server = try PostgresServer()
        try withMarks(server)
        let driver = try driver(server)
        defer { driver.close() }
        try await driver.write { try $0.run("INSERT INTO marks VALUES ('first')", []) }
        try server.crash()
        let wait = await elapsed {
            for _ in 0..<20 {
                let error = await #expect(throws: StorageError.self) {
                    try await driver.write { try $0.run("INSERT INTO marks VALUES ('lost')", []) }
                }
                #expect(error?.code == .unavailable)
            }
        }
        #expect(wait < .seconds(5), "\(wait)")
        try server.start()
        try await eventually("the server is found again", within: .seconds(5)) {
            do {
                try await driver.write { try $0.run("INSERT INTO marks VALUES ('second')", []) }
                return true
            } catch let error as StorageError where error.code == .unavailable { return false }
        }
        #expect(try marks(server) == ["first", "second"])
    }

    @Test func transactionsThatWaitForEachOtherAreBothDone() async throws {
        let server = try PostgresServer()
        _ = try server.query(
            "CREATE TABLE counts (id INT PRIMARY KEY, n INT); INSERT INTO counts VALUES (1, 0), (2, 0)")
        try server.set("deadlock_timeout", "50ms")
        let driver = try driver(server)
        defer { driver.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask {
                    let order = index % 2 == 0 ? [1, 2] : [2, 1]
                    try await driver.write { connection in
                        for id in order {
                            _ = try connection.execute("UPDATE counts SET n = n + 1 WHERE id = ?", [.integer(id)])
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try server.query("SELECT n FROM counts ORDER BY id") == [["20"], ["20"]])
    }

    @Test func aDemotedServerIsLeft() async throws {
        let primary = try PostgresServer(settings: ["wal_level = replica"])
        try withMarks(primary)
        let standby = try PostgresServer(following: primary)
        let driver = PostgresDriver(
            try PostgresSettings(
                connectionString: PostgresServer.url(of: [standby, primary]), connectionLimit: 2))
        defer { driver.close() }
        // The standby is asked first, and takes no writes.
        try await driver.write { try $0.run("INSERT INTO marks VALUES ('first')", []) }
        try await eventually("the standby has it") { try marks(standby) == ["first"] }
        try primary.crash()
        try standby.promote()
        try await eventually("the new primary is found", within: .seconds(10)) {
            do {
                try await driver.write { try $0.run("INSERT INTO marks VALUES ('second')", []) }
                return true
            } catch let error as StorageError where error.code == .unavailable { return false }
        }
        #expect(try marks(standby) == ["first", "second"])
    }

    // MARK: Signals

    @Test func nodesHearEachOtherButNotThemselvesAlsoAfterTheServerWasAway() async throws {
        let server = try PostgresServer()
        let settings = try PostgresSettings(connectionString: server.url)
        let (a, b) = (try NodeSignals(settings), try NodeSignals(settings))
        let (heardByA, heardByB, outages) = (Heard(), Heard(), Counter())
        let tenant = TenantID(UUID())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await a.run(onSignal: heardByA.add, onOutage: { _ in _ = outages.next() }) }
            group.addTask { await b.run(onSignal: heardByB.add, onOutage: { _ in _ = outages.next() }) }
            for round in 1...2 {
                heardByA.clear()
                heardByB.clear()
                // What is sent before the other listens is lost.
                try await eventually("b hears a, round \(round)", within: .seconds(30)) {
                    a.send(.tenantChanged(tenant))
                    return heardByB.all.contains(.tenantChanged(tenant))
                }
                try await eventually("a hears b, round \(round)", within: .seconds(30)) {
                    b.send(.alertsQueued)
                    return heardByA.all.contains(.alertsQueued)
                }
                // Both listen, and one of each kind is enough.
                a.send(.issuesQueued)
                try await eventually("b hears that there is work, round \(round)", within: .seconds(5)) {
                    heardByB.all.contains(.issuesQueued)
                }
                #expect(heardByA.all == [.alertsQueued])
                #expect(heardByB.all == [.tenantChanged(tenant), .issuesQueued])
                guard round == 1 else { break }
                try server.crash()
                try await eventually("both notice") { outages.value == 2 }
                try server.start()
            }
            group.cancelAll()
        }
    }

    @Test func aNodeBehindAPoolerDoesNotHearItself() async throws {
        let server = try PostgresServer()
        try await PoolerProxy.run(before: server.port) { pooler in
            let settings = try PostgresSettings(
                connectionString:
                    "postgresql://consilod@127.0.0.1:\(pooler.port)/consilod?sslmode=disable&gssencmode=disable")
            let (a, b) = (try NodeSignals(settings), try NodeSignals(settings))
            let (heardByA, heardByB) = (Heard(), Heard())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await a.run(onSignal: heardByA.add, onOutage: { _ in }) }
                group.addTask { await b.run(onSignal: heardByB.add, onOutage: { _ in }) }
                try await eventually("b hears a", within: .seconds(30)) {
                    a.send(.issuesQueued)
                    return heardByB.all.contains(.issuesQueued)
                }
                // Sent after what a must not hear, so heard after it.
                try await eventually("a hears b", within: .seconds(30)) {
                    b.send(.alertsQueued)
                    return heardByA.all.contains(.alertsQueued)
                }
                group.cancelAll()
            }
            #expect(heardByA.all == [.alertsQueued])
            #expect(heardByB.all == [.issuesQueued])
        }
    }

    private final class Heard: Sendable {
        private let signals = Mutex<Set<NodeSignal>>([])
        var all: Set<NodeSignal> { signals.withLock { $0 } }
        func add(_ signal: NodeSignal) { signals.withLock { _ = $0.insert(signal) } }
        func clear() { signals.withLock { $0 = [] } }
    }
}
