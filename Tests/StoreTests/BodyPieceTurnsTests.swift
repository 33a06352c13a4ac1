import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// Whose piece of a large body is written next.
@Suite(.enabled(if: !StoreFixture.isShared, "PostgreSQL keeps bodies in their rows")) struct BodyPieceTurnsTests {
    private let busy = TenantID(UUID())
    private let other = TenantID(UUID())

    @Test func tenantsTakeTurnsHoweverMuchOfOneWaits() {
        var queue = TenantQueue<String>()
        for number in 1...4 { queue.add("busy \(number)", of: busy) }
        for number in 1...2 { queue.add("other \(number)", of: other) }
        #expect(queue.count == 6)
        var served: [String] = []
        while let next = queue.next() { served.append(next) }
        #expect(served == ["busy 1", "other 1", "busy 2", "other 2", "busy 3", "busy 4"])
        #expect(queue.count == 0)
    }

    @Test func whoWaitsAgainComesBehindAllOtherTenants() {
        var queue = TenantQueue<String>()
        for body in ["busy 1", "busy 2"] { queue.add(body, of: busy) }
        queue.add("other", of: other)
        var served: [String] = []
        for _ in 0..<6 {
            guard let next = queue.next() else { break }
            served.append(next)
            queue.add(next, of: next == "other" ? other : busy)
        }
        #expect(served == ["busy 1", "other", "busy 2", "other", "busy 1", "other"])
    }

    private func prepared(_ id: String, of tenant: TenantID, in store: RiskStore) -> WebhookDelivery {
        store.inbox.prepared(BodyPiecesTests.delivery(id, of: tenant))
    }

    @Test func aBodyWaitsForOnePieceOfAnotherTenantBeforeEachOfItsOwn() async throws {
        let fixture = try await StoreFixture()
        let (busy, other) = (try await fixture.makeTenant("busy"), try await fixture.makeTenant("other"))
        let (store, gate) = (fixture.store, Gate())
        let pieces = BodyPieceWriter(driver: GatedDriver(driver: store.driver, gate: gate))
        try await withThrowingTaskGroup(of: Void.self) { group in
            do {
                for number in 1...4 {
                    group.addTask { _ = try await pieces.cut(prepared("d\(number)", of: busy, in: store)) }
                }
                try await eventually("one is written and three wait") { await pieces.waitingCount == 3 }
                group.addTask { _ = try await pieces.cut(prepared("d1", of: other, in: store)) }
                try await eventually("the other waits behind them") { await pieces.waitingCount == 4 }
            } catch {
                await gate.open()
                throw error
            }
            await gate.open()
            try await group.waitForAll()
        }
        let isOther = try await store.driver.read {
            try $0.query("SELECT tenant_id FROM webhook_body_pieces ORDER BY id", []).map { try $0.tenantID() == other }
        }
        #expect(isOther.count == 15)
        #expect(isOther.prefix(7) == [false, false, true, false, true, false, true])
    }

    private actor Refusal {
        private(set) var code: StorageError.Code?
        func note(_ code: StorageError.Code) { self.code = code }
    }

    @Test func aTenantWithTooMuchUnderWayIsTurnedAwayAndNobodyElse() async throws {
        let fixture = try await StoreFixture()
        let (busy, other) = (try await fixture.makeTenant("busy"), try await fixture.makeTenant("other"))
        let (store, gate) = (fixture.store, Gate())
        let pieces = BodyPieceWriter(driver: GatedDriver(driver: store.driver, gate: gate), byteLimit: 1_700_000)
        let refusal = Refusal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            do {
                for number in 1...2 {
                    group.addTask { _ = try await pieces.cut(prepared("d\(number)", of: busy, in: store)) }
                }
                try await eventually("one is written and one waits") { await pieces.waitingCount == 1 }
                group.addTask {
                    do {
                        _ = try await pieces.cut(prepared("d3", of: busy, in: store))
                    } catch let error as StorageError {
                        await refusal.note(error.code)
                    }
                }
                try await eventually("the third waits or is turned away") {
                    let isWaiting = await pieces.waitingCount == 2
                    let isRefused = await refusal.code != nil
                    return isWaiting || isRefused
                }
                group.addTask { _ = try await pieces.cut(prepared("d1", of: other, in: store)) }
                // What is fetched comes one by one, and is not sent again.
                group.addTask {
                    _ = try await pieces.cut(prepared("fetched:1", of: busy, in: store), isLimited: false)
                }
                try await eventually("both wait") { await pieces.waitingCount >= 3 }
            } catch {
                await gate.open()
                throw error
            }
            await gate.open()
            try await group.waitForAll()
        }
        #expect(await refusal.code == .unavailable)
        #expect(try await fixture.count("SELECT COUNT(*) FROM webhook_body_pieces") == 12)
        // It is sent again when the others are on disk.
        #expect(try await pieces.cut(prepared("d3", of: busy, in: store)).piecesID != nil)
    }

    /// The writer is nobody else's meanwhile.
    @Test func anErasureReadsLargeBodiesOneByOne() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        for id in ["d1", "d2"] { _ = try await store.inbox.append(BodyPiecesTests.delivery(id, of: tenant)) }
        let begun = try await store.beginErasure(
            of: tenant, account: "557058:ada", by: .system("test"), now: StoreFixture.start)
        let person = try #require(begun).person.id
        let parts = try store.erasure.parts()
        _ = try await store.driver.write { try ErasurePass.advance(tenant, person, parts, in: $0) }
        let (step, place, first) = try await store.driver.read { connection in
            let row = try #require(try connection.first("SELECT step, place FROM erased_people", []))
            let first = try connection.first("SELECT MIN(id) FROM webhook_events", [])?.integer()
            return (try row.text(0), try Cursor.parts(row.optionalText(1)), first)
        }
        #expect(step == ErasurePass.Step.first.name)
        #expect(place == first.map { ["\($0)"] })
        let done = try await store.continueErasure(of: tenant, person: person) { true }
        #expect(done?.finishedAt != nil)
        #expect(try await fixture.count("SELECT COUNT(*) FROM webhook_body_pieces") == 0)
    }

    @Test func whatIsReadAgainAtOnceIsFewRowsAndAMegabyte() {
        let small = (1...51).map { (id: $0, bytes: 1000) }
        #expect(InboxStatements.portions(of: small) == [Array(1...50), [51]])
        let large = [(1, 600_000), (2, 400_000), (3, 400_000), (4, 9_000_000), (5, 10)].map { (id: $0, bytes: $1) }
        #expect(InboxStatements.portions(of: large) == [[1, 2], [3], [4], [5]])
        #expect(InboxStatements.portions(of: []).isEmpty)
    }

    @Test func aBodyThatIsLargerThanTheLimitIsTakenAlone() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let pieces = BodyPieceWriter(driver: fixture.store.driver, byteLimit: 1000)
        for id in ["d1", "d2"] {
            #expect(try await pieces.cut(prepared(id, of: tenant, in: fixture.store)).piecesID != nil)
        }
    }
}

/// Holds up whoever comes before it is opened.
private actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        guard !isOpen else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        for waiter in waiting { waiter.resume() }
        waiting = []
    }
}

/// A driver whose writes that are not urgent begin when a gate is open.
private struct GatedDriver: SQLDriver {
    let driver: any SQLDriver
    let gate: Gate

    var dialect: SQLDialect { driver.dialect }

    func read<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result { try await driver.read(isUrgent: isUrgent, body) }

    func write<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        if !isUrgent { await gate.pass() }
        return try await driver.write(isUrgent: isUrgent, body)
    }

    func close() throws { try driver.close() }
}
