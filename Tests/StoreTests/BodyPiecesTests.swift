import Domain
import Foundation
import StoreTestSupport
import Synchronization
import TestSupport
import Testing

@testable import Store

/// Large bodies of webhooks, which SQLite keeps in pieces.
@Suite(.enabled(if: !StoreFixture.isShared, "PostgreSQL keeps them in their rows")) struct BodyPiecesTests {
    private let start = StoreFixture.start
    private static let account = "557058:ada"

    /// JSON that names a person and takes three quarters of its bytes however it is compressed.
    static func noise(_ bytes: Int) -> [UInt8] {
        var random = SeededGenerator(seed: 7)
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-".utf8)
        let text = (0..<bytes).map { _ in letters[Int(random.next() >> 58)] }
        let beginning = #"{"issue": {"fields": {"assignee": {"accountId": "\#(account)"}}}, "noise": ""#
        return Array(beginning.utf8) + text + Array(#""}"#.utf8)
    }

    /// Of three pieces.
    static let body = noise(800_000)

    static func delivery(
        _ id: String, of tenant: TenantID, _ routing: WebhookDelivery.Routing = .issues(["10001"])
    ) -> WebhookDelivery {
        var delivery = StoreFixture.delivery(id, of: tenant)
        (delivery.body, delivery.routing) = (body, routing)
        return delivery
    }

    /// The bodies that wait for an issue.
    static func bodies(
        _ issue: IssueID = "10001", of tenant: TenantID, in store: RiskStore, byteLimit: Int = 64 << 20
    ) async throws -> [[UInt8]] {
        let work = try await store.driver.read {
            try IssueWorkStatements.load(issue, of: tenant, pendingLimit: 100, byteLimit: byteLimit, from: $0)
        }
        return work?.pending.map(\.body) ?? []
    }

    private func pieces(_ fixture: StoreFixture) async throws -> Int {
        try await fixture.count("SELECT COUNT(*) FROM webhook_body_pieces")
    }

    private func housekeeping(_ fixture: StoreFixture, at now: Timestamp) async throws {
        let outcome = try await fixture.store.removeExpired(
            RetentionPolicy(), currentModel: "wordlist-1", now: now
        ) { true }
        #expect(outcome.isComplete)
    }

    // MARK: Writing and reading

    @Test func aLargeBodyIsReadAsItCameBeforeAndAfterItIsApplied() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        #expect(try await store.inbox.append(Self.delivery("d1", of: tenant)) == .stored)
        #expect(try await pieces(fixture) == 3)
        #expect(try await fixture.count("SELECT LENGTH(body) FROM webhook_events") == 0)
        #expect(try await fixture.count("SELECT body_size FROM webhook_events") == Self.body.count)

        let claims = try await store.claimIssues(limit: 1, now: start, leaseUntil: start.adding(seconds: 60))
        let claim = try #require(claims.first)
        let work = try await store.loadWork(for: claim)
        #expect(work?.pending.map(\.body) == [Self.body])
        try await store.commit(StoreFixture.result(work, id: "10001", score: 10), for: claim)
        #expect(try await Self.bodies(of: tenant, in: store) == [])
        let applied = try await store.appliedEvents(tenantID: tenant, issueID: "10001")
        #expect(applied.map(\.body) == [Self.body])
    }

    @Test func aBodyThatFitsIntoAPieceStaysInItsRow() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        var delivery = Self.delivery("d1", of: tenant)
        delivery.body = Self.noise(300_000)
        _ = try await fixture.store.inbox.append(delivery)
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d2", of: tenant, size: 1 << 20))
        #expect(try await pieces(fixture) == 0)
        #expect(try await Self.bodies(of: tenant, in: fixture.store).first == delivery.body)
    }

    @Test func aKnownDeliveryWritesNoPieces() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        #expect(try await fixture.store.inbox.append(Self.delivery("d1", of: tenant)) == .stored)
        #expect(try await fixture.store.inbox.append(Self.delivery("d1", of: tenant)) == .duplicate)
        #expect(try await pieces(fixture) == 3)
        #expect(try await Self.bodies(of: tenant, in: fixture.store) == [Self.body])
    }

    /// Both find that the delivery is not known yet.
    @Test func piecesOfTwoDeliveriesThatAreOneGoExceptThoseOfTheRow() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let first = try await store.inbox.pieces.cut(store.inbox.prepared(Self.delivery("d1", of: tenant)))
        let second = try await store.inbox.pieces.cut(store.inbox.prepared(Self.delivery("d1", of: tenant)))
        #expect(first.piecesID != second.piecesID)
        #expect(try await store.inbox.append(first) == .stored)
        #expect(try await store.inbox.append(second) == .duplicate)
        #expect(try await pieces(fixture) == 6)
        try await housekeeping(fixture, at: start.adding(seconds: 3601))
        #expect(try await pieces(fixture) == 3)
        #expect(try await Self.bodies(of: tenant, in: store) == [Self.body])
    }

    @Test func bothEndsOfALinkShareThePieces() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(Self.delivery("d1", of: tenant, .issues(["1", "2"])))
        #expect(try await pieces(fixture) == 3)
        for issue in ["1", "2"] as [IssueID] {
            #expect(try await Self.bodies(issue, of: tenant, in: fixture.store) == [Self.body])
        }
    }

    @Test func whatWasNotUnderstoodIsReadAgainFromItsPieces() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        _ = try await store.inbox.append(Self.delivery("d1", of: tenant, .rejected(reason: "unknown kind")))
        let body = Self.body
        let count = try await store.retryRejectedEvents(tenant, by: .system("test"), now: start) { read in
            WebhookRoute(
                event: "read", sentAt: nil, routing: read == body ? .issues(["1", "2"]) : .rejected(reason: "damaged"))
        }
        #expect(count == 1)
        for issue in ["1", "2"] as [IssueID] {
            #expect(try await Self.bodies(issue, of: tenant, in: store) == [body])
        }
        // Both rows name them, so they stay.
        try await housekeeping(fixture, at: start.adding(days: 1))
        #expect(try await pieces(fixture) == 3)
    }

    @Test func aFetchedIssueIsInPiecesToo() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        try await store.keepFetched([Self.delivery("fetched:1", of: tenant)], ending: [:], of: tenant, now: start)
        #expect(try await pieces(fixture) == 3)
        #expect(try await Self.bodies(of: tenant, in: store) == [Self.body])
    }

    @Test func theLimitOfWhatIsReadAtOnceCountsBytesInPieces() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for id in ["d1", "d2", "d3"] { _ = try await fixture.store.inbox.append(Self.delivery(id, of: tenant)) }
        let few = try await Self.bodies(of: tenant, in: fixture.store, byteLimit: 1_700_000)
        #expect(few == [Self.body, Self.body])
    }

    @Test func noTransactionWritesMoreThanAPieceAndNoTwoPiecesWaitTogether() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let loads = WriteLoads()
        let inbox = GroupCommit(driver: MeasuredDriver(driver: fixture.store.driver, loads: loads))
        try await withThrowingTaskGroup(of: InboxOutcome.self) { group in
            for number in 1...5 { group.addTask { try await inbox.append(Self.delivery("d\(number)", of: tenant)) } }
            for try await outcome in group { #expect(outcome == .stored) }
        }
        #expect(try await pieces(fixture) == 15)
        #expect(loads.largest == BodyPieces.size)
        #expect(loads.mostUnderWay == 1)
        let read = try await Self.bodies(of: tenant, in: fixture.store)
        #expect(read == Array(repeating: Self.body, count: 5))
    }

    // MARK: Pieces without a row

    /// Three pieces, then the row: the process ends behind each piece, and before the row is on disk.
    @Test(arguments: 1...4) func piecesWithoutARowAreRemovedAfterAnHour(writes: Int) async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let ending = GroupCommit(driver: EndingDriver(store.driver, after: writes, isCommitted: writes < 4))
        await #expect(throws: EndingDriver.Ended.self) { try await ending.append(Self.delivery("d1", of: tenant)) }
        let left = min(writes, 3)
        #expect(try await pieces(fixture) == left)
        #expect(try await fixture.count("SELECT COUNT(*) FROM webhook_events") == 0)
        // Jira sends it again.
        #expect(try await store.inbox.append(Self.delivery("d1", of: tenant)) == .stored)
        try await housekeeping(fixture, at: start.adding(seconds: 3600))
        #expect(try await pieces(fixture) == left + 3)
        try await housekeeping(fixture, at: start.adding(seconds: 3601))
        #expect(try await pieces(fixture) == 3)
        #expect(try await Self.bodies(of: tenant, in: store) == [Self.body])
    }

    @Test func piecesThatAWrongClockHasDatedAreRemoved() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        var delivery = Self.delivery("d1", of: tenant)
        delivery.receivedAt = start.adding(days: 366)
        _ = try await store.inbox.pieces.cut(store.inbox.prepared(delivery))
        #expect(try await pieces(fixture) == 3)
        try await housekeeping(fixture, at: start)
        #expect(try await pieces(fixture) == 0)
    }

    /// For that clock the pieces are old before their row is there (P12).
    @Test func aBodyWhosePiecesAWrongClockHadRemovedIsStoredInItsRow() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let delivery = try await store.inbox.pieces.cut(store.inbox.prepared(Self.delivery("d1", of: tenant)))
        #expect(delivery.piecesID != nil)
        try await housekeeping(fixture, at: start.adding(days: 1))
        #expect(try await pieces(fixture) == 0)
        #expect(try await store.inbox.append(delivery) == .stored)
        #expect(try await Self.bodies(of: tenant, in: store) == [Self.body])
    }

    /// Pieces are many, and housekeeping looks for them in each of its passes.
    @Test func theSearchForPiecesReadsNoPiece() async throws {
        let fixture = try await StoreFixture()
        let plan = try await fixture.store.driver.read { connection in
            try connection.query(
                """
                EXPLAIN QUERY PLAN SELECT id FROM webhook_body_pieces WHERE created_at NOT BETWEEN ? AND ?
                    AND NOT EXISTS (SELECT 1 FROM webhook_events AS e
                        WHERE e.tenant_id = webhook_body_pieces.tenant_id AND e.body_id = webhook_body_pieces.body_id)
                LIMIT 200
                """, [.timestamp(StoreFixture.start), .timestamp(StoreFixture.start)]
            ).map { try $0.text(3) }
        }
        for index in ["webhook_body_pieces_created", "webhook_events_body (tenant_id=? AND body_id=?)"] {
            #expect(plan.contains { $0.contains("COVERING INDEX \(index)") }, "\(plan)")
        }
    }

    // MARK: Removal

    @Test func piecesGoWhenTheirBodyOrTheirWebhookExpires() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        _ = try await store.inbox.append(Self.delivery("ignored", of: tenant, .ignored))
        _ = try await store.inbox.append(Self.delivery("rejected", of: tenant, .rejected(reason: "unknown kind")))
        _ = try await store.inbox.append(Self.delivery("pending", of: tenant))
        try await housekeeping(fixture, at: start.adding(days: 30))
        #expect(try await pieces(fixture) == 9)
        try await housekeeping(fixture, at: start.adding(days: 31))
        #expect(try await pieces(fixture) == 6)
        #expect(try await store.inbox.append(Self.delivery("ignored", of: tenant, .ignored)) == .duplicate)
        try await housekeeping(fixture, at: start.adding(days: 401))
        #expect(try await pieces(fixture) == 3)
        #expect(try await Self.bodies(of: tenant, in: store) == [Self.body])
    }

    @Test func aDeletedTenantLeavesNoPieces() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let other = try await fixture.makeTenant("other")
        for owner in [tenant, other] { _ = try await store.inbox.append(Self.delivery("d1", of: owner)) }
        #expect(try await store.deleteTenant(tenant, by: .system("test")))
        let error = await #expect(throws: StorageError.self) {
            try await store.inbox.append(Self.delivery("d2", of: tenant))
        }
        #expect(error?.code == .stale)
        #expect(try await pieces(fixture) == 3)
        #expect(try await Self.bodies(of: other, in: store) == [Self.body])
    }

    // MARK: People

    private func erase(_ tenant: TenantID, in store: RiskStore) async throws {
        let begun = try await store.beginErasure(of: tenant, account: Self.account, by: .system("test"), now: start)
        let person = try #require(begun).person
        let done = try await store.continueErasure(of: tenant, person: person.id) { true }
        #expect(done?.finishedAt != nil)
    }

    private func namesThePerson(_ body: [UInt8]) -> Bool {
        String(decoding: body, as: UTF8.self).contains(Self.account)
    }

    @Test func aPersonIsFoundInPiecesAndErasedWithThem() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let other = try await fixture.makeTenant("other")
        _ = try await store.inbox.append(Self.delivery("d1", of: tenant, .issues(["1", "2"])))
        _ = try await store.inbox.append(Self.delivery("d1", of: other))
        // No row names these.
        _ = try await store.inbox.pieces.cut(store.inbox.prepared(Self.delivery("d2", of: tenant)))
        #expect(try await pieces(fixture) == 9)
        let records = try await store.personRecords(
            of: tenant, account: Self.account, after: nil, limit: 10, by: .system("test"), now: start
        ).items.filter { $0.table == "webhook_events" }
        let text = String(decoding: Self.body, as: UTF8.self)
        #expect(records.map { $0.values["body"] } == [text, text])

        try await erase(tenant, in: store)
        #expect(try await pieces(fixture) == 3)
        for issue in ["1", "2"] as [IssueID] {
            let read = try await Self.bodies(issue, of: tenant, in: store)
            // The rest of the text is there.
            #expect(read.count == 1 && read.allSatisfy { $0.count > 800_000 && !namesThePerson($0) })
        }
        #expect(try await Self.bodies(of: other, in: store) == [Self.body])
    }

    @Test func aBodyThatNamesAnErasedPersonLeavesNoPieces() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        try await erase(tenant, in: store)
        #expect(try await store.inbox.append(Self.delivery("d1", of: tenant)) == .stored)
        #expect(try await pieces(fixture) == 0)
        let read = try await Self.bodies(of: tenant, in: store)
        #expect(read.count == 1 && read.allSatisfy { $0.count > 800_000 && !namesThePerson($0) })
    }
}

/// Pieces in a store that was moved from SQLite: to PostgreSQL where there is a server.
@Suite struct MovedBodyPiecesTests {
    @Test func aMovedStoreReadsItsPiecesAndRemovesThem() async throws {
        let (folder, start) = (try TransferFixture(), StoreFixture.start)
        let source = try await RiskStore.sqlite(path: folder.path("source"), now: start)
        let tenant = TenantID(UUID())
        try await source.createTenant(
            NewTenant(
                tenant: Tenant(
                    id: tenant, companyName: "acme", jiraURL: "https://acme.atlassian.net",
                    jiraEmail: "it@acme.example", plan: .starter, status: .trial, limits: Plan.starter.limits,
                    dailyRatePerPerson: 2500, createdAt: start, updatedAt: start, trialEndsAt: nil),
                jiraTokenEncrypted: "sealed", apiKeyHash: "hash", webhookSecretID: UUID(),
                webhookSecretEncrypted: "sealed", rules: []), by: .system("test"))
        _ = try await source.inbox.append(BodyPiecesTests.delivery("pending", of: tenant))
        _ = try await source.inbox.append(BodyPiecesTests.delivery("ignored", of: tenant, .ignored))
        try source.close()
        let destination = try TransferFixture.Destination(folder)
        let result = try await TransferFixture.copy(.sqlite(path: folder.path("source")), to: destination.place)
        #expect(result.allSatisfy { $0.isEqual }, "\(result)")

        let moved = try await destination.store()
        #expect(try await BodyPiecesTests.bodies(of: tenant, in: moved) == [BodyPiecesTests.body])
        #expect(try await pieces(moved) == 6)
        let outcome = try await moved.removeExpired(
            RetentionPolicy(), currentModel: "wordlist-1", now: start.adding(days: 31)
        ) { true }
        #expect(outcome.isComplete && outcome.removed == [.payloads: 1])
        #expect(try await pieces(moved) == 3)
        #expect(try await BodyPiecesTests.bodies(of: tenant, in: moved) == [BodyPiecesTests.body])
        try moved.close()
        withExtendedLifetime((folder, destination)) {}
    }

    private func pieces(_ store: RiskStore) async throws -> Int {
        try await store.driver.read {
            try $0.first("SELECT COUNT(*) FROM webhook_body_pieces", [])?.integer() ?? 0
        }
    }
}

/// What writing transactions carried.
private final class WriteLoads: Sendable {
    private struct State {
        var largest = 0
        var underWay = 0
        var mostUnderWay = 0
    }

    private let state = Mutex(State())

    /// The most bytes of blobs in one transaction.
    var largest: Int { state.withLock { $0.largest } }
    /// The most transactions that were waiting or being written at one time, without urgent ones.
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

    func begin() {
        state.withLock { state in
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
        }
    }

    func end() { state.withLock { $0.underWay -= 1 } }

    func carried(_ bytes: Int) { state.withLock { $0.largest = max($0.largest, bytes) } }
}

/// A driver that measures what its transactions write.
private struct MeasuredDriver: SQLDriver {
    let driver: any SQLDriver
    let loads: WriteLoads

    var dialect: SQLDialect { driver.dialect }

    func read<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result { try await driver.read(isUrgent: isUrgent, body) }

    func write<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        if !isUrgent { loads.begin() }
        defer { if !isUrgent { loads.end() } }
        return try await driver.write(isUrgent: isUrgent) { [loads] connection in
            let measured = MeasuredConnection(connection)
            let result = try body(measured)
            loads.carried(measured.bytes)
            return result
        }
    }

    func close() throws { try driver.close() }
}

private final class MeasuredConnection: SQLConnection {
    private let connection: any SQLConnection
    private(set) var bytes = 0

    init(_ connection: any SQLConnection) { self.connection = connection }

    var dialect: SQLDialect { connection.dialect }
    var changed: ChangedTenants? { connection.changed }

    private func measure(_ rows: [[SQLValue]]) {
        for case .blob(let data) in rows.joined() { bytes += data.count }
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        measure([arguments])
        return try connection.execute(sql, arguments)
    }

    func run(_ sql: String, _ arguments: [SQLValue]) throws {
        measure([arguments])
        try connection.run(sql, arguments)
    }

    func runAll(_ sql: String, _ rows: [[SQLValue]]) throws {
        measure(rows)
        try connection.runAll(sql, rows)
    }

    func executeAll(_ sql: String, _ rows: [[SQLValue]]) throws -> [Int] {
        measure(rows)
        return try connection.executeAll(sql, rows)
    }

    func insert(_ rows: [[SQLValue]], _ insert: SQLInsert) throws {
        measure(rows)
        try connection.insert(rows, insert)
    }

    func insertNew(_ rows: [[SQLValue]], _ insert: SQLInsert) throws -> [Bool] {
        measure(rows)
        return try connection.insertNew(rows, insert)
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] { try connection.query(sql, arguments) }
    func query(_ queries: [SQLQuery]) throws -> [[SQLRow]] { try connection.query(queries) }
    func lock(_ mode: SQLLockMode, _ name: String) throws { try connection.lock(mode, name) }
}
