import Dispatch
import Domain
import Foundation
import Synchronization
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// Several processes on one PostgreSQL store, and several workers of one process on SQLite, which serves one only.
@Suite struct ManyNodesTests {
    private let start = StoreFixture.start

    private func nodes(_ count: Int, of fixture: StoreFixture) async throws -> [RiskStore] {
        var nodes = [fixture.store]
        while nodes.count < count { nodes.append(StoreFixture.isShared ? try await fixture.reopened() : fixture.store) }
        return nodes
    }

    private func close(_ nodes: [RiskStore]) throws {
        if StoreFixture.isShared { for node in nodes.dropFirst() { try node.close() } }
    }

    @Test(.enabled(if: PostgresSchema.server != nil, "CONSILOD_TEST_POSTGRES names no server"))
    func nodesThatStartTogetherMakeTheSchemaOnce() async throws {
        let schema = try PostgresSchema(server: try #require(PostgresSchema.server))
        let settings = try PostgresSettings(connectionString: schema.url, connectionLimit: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask { try await RiskStore.postgres(settings, now: start).close() }
            }
            try await group.waitForAll()
        }
        let steps = try schema.query("SELECT name FROM schema_migrations ORDER BY name").map { $0[0] }
        #expect(steps == Migrations.all.map(\.name).sorted())
    }

    // MARK: The inbox and the queue

    @Test(.enabled(if: StoreFixture.isShared, "on SQLite nobody else writes meanwhile"))
    func nobodyTakesADueIssueWhileAWebhookOfItIsBeingStored() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("first", of: tenant))
        let (inserted, isInserted) = AsyncStream<Void>.makeStream()
        let mayCommit = DispatchSemaphore(value: 0)
        async let stored: Void = fixture.store.driver.write { connection in
            _ = try InboxStatements.insert([StoreFixture.delivery("second", of: tenant)], into: connection)
            // Has the server do what was sent.
            _ = try connection.query("SELECT 1", [])
            isInserted.finish()
            // In the end even where the test fails.
            _ = mayCommit.wait(timeout: .now() + 60)
        }
        for await _ in inserted {}
        func claims() async throws -> [IssueClaim] {
            try await fixture.store.claimIssues(limit: 10, now: start, leaseUntil: start.adding(seconds: 60))
        }
        #expect(try await claims().isEmpty)
        mayCommit.signal()
        try await stored
        let claim = try #require(try await claims().first)
        #expect(try await fixture.store.loadWork(for: claim)?.pending.count == 2)
    }

    /// What all who work on a store did, seen from outside.
    private final class Ledger: Sendable {
        private struct Book {
            var held: Set<IssueQueueKey> = []
            var heldByTwo: [IssueQueueKey] = []
            var applied: [Int64: Int] = [:]
            var stored = 0
            var lastSeen: [IssueID: [SprintRecord]] = [:]
            var failures: [String] = []
            var isPosted = false
        }
        private let book = Mutex(Book())

        var stored: Int { book.withLock { $0.stored } }
        var applied: [Int64: Int] { book.withLock { $0.applied } }
        var heldByTwo: [IssueQueueKey] { book.withLock { $0.heldByTwo } }
        var lastSeen: [IssueID: [SprintRecord]] { book.withLock { $0.lastSeen } }
        var isPosted: Bool { book.withLock { $0.isPosted } }
        var failures: [String] { book.withLock { $0.failures } }

        func take(_ claim: IssueClaim) {
            let key = IssueQueueKey(claim)
            book.withLock { if !$0.held.insert(key).inserted { $0.heldByTwo.append(key) } }
        }

        /// Before the claim is given back: from then on it may be somebody else's.
        func giveUp(_ claim: IssueClaim) { book.withLock { _ = $0.held.remove(IssueQueueKey(claim)) } }

        func apply(_ result: RescoreResult) {
            book.withLock { book in
                for event in result.appliedEvents { book.applied[event, default: 0] += 1 }
                if result.analysis != nil { book.lastSeen[result.state.id] = result.sprintRecords }
            }
        }

        func store(_ outcome: InboxOutcome) { book.withLock { if outcome == .stored { $0.stored += 1 } } }
        func endPosting() { book.withLock { $0.isPosted = true } }
        func fail(_ error: any Error) { book.withLock { $0.failures.append("\(error)") } }
    }

    private let issues = (1...8).map { IssueID("\($0)") }

    private func randomDelivery(_ number: Int, of tenant: TenantID, _ random: inout SeededGenerator) -> WebhookDelivery
    {
        var delivery = StoreFixture.delivery(
            "d\(number)", of: tenant,
            issues: Array(issues.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random))))
        if number % 4 == 0 {
            // Each of its own instant, so that one of them is the newest.
            delivery.sentAt = start.adding(seconds: Int64(number))
            delivery.routing = .sprint(
                Sprint(id: "\(Int.random(in: 1...2, using: &random))", name: "Sprint \(number)", state: "active"),
                deleted: false)
        }
        return delivery
    }

    /// Offers deliveries to a node, several at a time.
    private func post(_ deliveries: [WebhookDelivery], to node: RiskStore, _ ledger: Ledger) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, delivery) in deliveries.enumerated() {
                if index >= 12 { await group.next() }
                group.addTask {
                    do { ledger.store(try await node.inbox.append(delivery)) } catch { ledger.fail(error) }
                }
            }
        }
    }

    /// Works as a node's rescorer does, until all was posted and nothing is due.
    private func work(on node: RiskStore, seed: UInt64, _ ledger: Ledger) async {
        var random = SeededGenerator(seed: seed)
        var now: Timestamp { start.adding(seconds: 3600) }
        while true {
            let wasOver = ledger.isPosted
            do {
                let claims = try await node.claimIssues(
                    limit: Int.random(in: 1...5, using: &random), now: now, leaseUntil: now.adding(seconds: 60))
                claims.forEach(ledger.take)
                if claims.isEmpty, wasOver { return }
                if Bool.random(using: &random) {
                    try await node.renewLeases(of: claims, until: now.adding(seconds: 90))
                }
                for claim in claims { try await work(on: claim, node, &random, ledger) }
                if claims.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            } catch {
                ledger.fail(error)
                return
            }
        }
    }

    private func work(
        on claim: IssueClaim, _ node: RiskStore, _ random: inout SeededGenerator, _ ledger: Ledger
    ) async throws {
        let now = start.adding(seconds: 3600)
        let chance = Int.random(in: 0..<10, using: &random)
        if chance == 0 {
            ledger.giveUp(claim)
            return try await node.fail(claim, error: "for the test", retryAt: now, now: now)
        }
        if chance == 1 {
            ledger.giveUp(claim)
            return try await node.postpone(claim, until: now, now: now)
        }
        let work = try #require(try await node.loadWork(for: claim))
        var result = StoreFixture.result(
            work, id: claim.issueID, key: IssueKey("PAY-\(claim.issueID)"), score: 10, now: now)
        // Every issue is in both sprints.
        result.state.fields.sprints = Versioned(
            ["1", "2"].map { Sprint(id: $0, name: "", state: "active") }, Version(at: start, sentAt: start))
        result.sprintRecords = try await node.sprintRecords(tenantID: claim.tenantID, sprintIDs: ["1", "2"])
        if !result.appliedEvents.isEmpty {
            result.dependents = issues.filter { $0 != claim.issueID && Bool.random(using: &random) }
                .shuffled(using: &random).map { Dependent(issue: IssueReference(id: $0, key: nil), from: now) }
        }
        ledger.giveUp(claim)
        try await node.commit(result, for: claim)
        ledger.apply(result)
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func whateverNodesDoAtOnceEveryDeliveryIsStoredAndAppliedOnce(seed: UInt64) async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let nodes = try await nodes(4, of: fixture)
        var random = SeededGenerator(seed: seed)
        let deliveries = (0..<160).map { randomDelivery($0, of: tenant, &random) }
        // Each delivery comes to two nodes, in an order of their own.
        let batches = nodes.indices.map { index in
            deliveries.enumerated().filter { $0.offset % 4 == index || ($0.offset + 1) % 4 == index }.map(\.element)
                .shuffled(using: &random)
        }
        let ledger = Ledger()
        await withTaskGroup(of: Void.self) { group in
            for (index, node) in nodes.enumerated() {
                for worker in 0..<2 {
                    let seed = seed &* 100 &+ UInt64(index * 2 + worker)
                    group.addTask { await work(on: node, seed: seed, ledger) }
                }
            }
            await withTaskGroup(of: Void.self) { posts in
                for (node, batch) in zip(nodes, batches) { posts.addTask { await post(batch, to: node, ledger) } }
            }
            ledger.endPosting()
        }
        try close(nodes)

        #expect(ledger.failures == [])
        #expect(ledger.heldByTwo == [])
        #expect(ledger.stored == deliveries.count)
        let expectedEvents = deliveries.reduce(0) {
            if case .issues(let issues) = $1.routing { $0 + issues.count } else { $0 }
        }
        #expect(ledger.applied.count == expectedEvents)
        #expect(ledger.applied.values.allSatisfy { $0 == 1 })
        let figures = try await fixture.store.figures(now: start.adding(days: 1))
        #expect(figures.pendingEvents == 0)
        #expect(figures.dueIssues == 0)
        #expect(figures.parkedIssues == 0)
        var newest: [String: SprintRecord] = [:]
        for delivery in deliveries {
            guard case .sprint(let sprint, let deleted) = delivery.routing, let sentAt = delivery.sentAt else {
                continue
            }
            if sentAt >= newest[sprint.id]?.sentAt ?? sentAt {
                newest[sprint.id] = SprintRecord(sprint: sprint, isDeleted: deleted, sentAt: sentAt)
            }
        }
        let expected = newest.values.sorted { $0.sprint.id < $1.sprint.id }
        #expect(try await fixture.store.sprintRecords(tenantID: tenant, sprintIDs: ["1", "2"]) == expected)
        // Whatever was going on when a sprint changed, the last look at each issue was one at the sprints as they are now.
        #expect(ledger.lastSeen.count == issues.count)
        #expect(ledger.lastSeen.values.allSatisfy { $0 == expected })
    }

    @Test func anotherNodeTakesOverWhenALeaseEndsAndTheFirstComesTooLate() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let nodes = try await nodes(2, of: fixture)
        _ = try await nodes[0].inbox.append(StoreFixture.delivery("d1", of: tenant))
        func claim(_ node: RiskStore, at seconds: Int64) async throws -> [IssueClaim] {
            let now = start.adding(seconds: seconds)
            return try await node.claimIssues(limit: 5, now: now, leaseUntil: now.adding(seconds: 30))
        }
        let first = try await claim(nodes[0], at: 0)
        #expect(first.count == 1)
        try await nodes[0].renewLeases(of: first, until: start.adding(seconds: 50))
        #expect(try await claim(nodes[1], at: 49).isEmpty)
        let second = try await claim(nodes[1], at: 50)
        #expect(second.map(\.issueID) == first.map(\.issueID))
        // What was lost cannot be prolonged.
        try await nodes[0].renewLeases(of: first, until: start.adding(seconds: 500))
        #expect(try await claim(nodes[0], at: 79).isEmpty)

        let work = try #require(try await nodes[0].loadWork(for: first[0]))
        let late = await #expect(throws: StorageError.self) {
            try await nodes[0].commit(StoreFixture.result(work, id: "10001", score: 90), for: first[0])
        }
        #expect(late?.code == .stale)
        try await nodes[0].fail(first[0], error: "too late", retryAt: nil, now: start.adding(seconds: 60))
        #expect(try await fixture.store.figures(now: start).parkedIssues == 0)
        #expect(try await fixture.store.loadIssue(tenantID: tenant, key: "PAY-1") == nil)
        try await nodes[1].commit(StoreFixture.result(work, id: "10001", score: 20), for: second[0])
        let scores = try await nodes[0].history(tenant, key: "PAY-1", after: nil, limit: 5).items.map(\.riskScore)
        #expect(scores == [20])
        #expect(try await claim(nodes[0], at: 9999).isEmpty)
        try close(nodes)
    }

    // MARK: Alerts and limits

    @Test func noDeliveryOfAnAlertIsClaimedByTwoNodes() async throws {
        let fixture = try await StoreFixture()
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let tenant = try await fixture.makeTenant(rules: [rule])
        for name in ["a", "b", "c"] {
            try await fixture.store.saveAlertChannel(
                tenant, AlertChannel(id: UUID(), kind: .slack, name: name, target: "sealed"), by: .system("test"))
        }
        for index in 0..<20 {
            _ = try await fixture.store.inbox.append(StoreFixture.delivery("d\(index)", of: tenant))
            let claims = try await fixture.store.claimIssues(
                limit: 1, now: start, leaseUntil: start.adding(seconds: 60))
            let work = try await fixture.store.loadWork(for: try #require(claims.first))
            let alert = AlertFixture.alert(
                tenant: tenant, rule: rule, score: 80, at: start, issue: IssueID("\(index)"))
            try await fixture.store.commit(
                StoreFixture.result(work, id: "10001", score: 80, decision: try await fixture.decision(alert)),
                for: claims[0])
        }
        let nodes = try await nodes(4, of: fixture)
        let claimed = try await withThrowingTaskGroup(of: [UUID].self) { group in
            for node in nodes {
                for _ in 0..<2 {
                    group.addTask {
                        var mine: [UUID] = []
                        // A node that meets another at the same rows may get none though there are more.
                        for _ in 0..<20 {
                            mine += try await node.claimDeliveries(
                                limit: 7, now: start, leaseUntil: start.adding(seconds: 60)
                            ).map(\.id)
                        }
                        return mine
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 60)
        #expect(Set(claimed).count == 60)
        try close(nodes)
    }

    @Test func nodesTogetherGrantNoMoreThanThePlanAllows() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await fixture.limit(tenant, .issue, to: 10)
        let nodes = try await nodes(4, of: fixture)
        let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<80 {
                group.addTask {
                    try await nodes[index % nodes.count].reserveUsage(
                        tenant, action: .issue, resourceKey: "PAY-1", in: CalendarMonth(containing: start),
                        by: .system("test"), now: start) != .usedUp(limit: 10)
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 10)
        #expect(try await fixture.store.usage(tenant, from: start, to: start.adding(days: 1)).issue == 10)
        try close(nodes)
    }

    @Test func everyNodeCountsTheOthersThatAreAlive() async throws {
        let fixture = try await StoreFixture()
        let nodes = try await nodes(3, of: fixture)
        let identities = nodes.indices.map { StoreNode(host: "host-\($0)", version: "1", startedAt: start) }
        func beat(_ store: RiskStore, _ node: StoreNode, _ now: Timestamp) async throws -> Int {
            try await store.heartbeat(of: node, now: now, clock: ClockNote(trustedAt: now)).nodes
        }
        var counts: [Int] = []
        for (node, identity) in zip(nodes, identities) {
            counts.append(try await beat(node, identity, start))
        }
        #expect(counts == [1, 2, 3])
        try await nodes[2].forget(identities[2])
        #expect(try await beat(nodes[0], identities[0], start.adding(seconds: 60)) == 2)
        // The second was not heard of for more than a minute.
        #expect(try await beat(nodes[0], identities[0], start.adding(seconds: 61)) == 1)
        try close(nodes)
    }
}
