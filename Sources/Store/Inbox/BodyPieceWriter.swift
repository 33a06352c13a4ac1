import Domain
import Foundation

/// Writes the pieces of large bodies, before the rows that name them (``BodyPieces``).
///
/// One piece of all bodies at a time: those that wait together would share a commit (decision 0047), and it would be as long as
/// that of a body in one piece. Tenants take turns, and so do the bodies of each: a body waits for one piece of each other tenant
/// before each of its own, however many bodies that has sent (P11).
actor BodyPieceWriter {
    /// Bytes of one tenant's webhooks that may be under way, of which there is at least one. What the listener may hold of all
    /// tenants is several times as much, so that one that sends faster than the disk writes leaves room for the others (P11).
    static let tenantByteLimit = 32 << 20

    private let driver: any SQLDriver
    private let byteLimit: Int
    /// Bytes of bodies under way, by tenant; no tenant with none.
    private var bytes: [TenantID: Int] = [:]
    private var isWriting = false
    private var waiting = TenantQueue<CheckedContinuation<Void, Never>>()

    init(driver: any SQLDriver, byteLimit: Int = BodyPieceWriter.tenantByteLimit) {
        self.driver = driver
        self.byteLimit = byteLimit
    }

    /// Bodies that wait for their turn.
    var waitingCount: Int { waiting.count }

    /// Writes the body of a prepared delivery in pieces, where it is too large for its row; the delivery with their name. Any
    /// other delivery as it is.
    ///
    /// Throws as a write does; what was written until then is removed by housekeeping.
    ///
    /// - Parameter isLimited: whether it throws `StorageError(.unavailable)` where too much of the tenant's is under way; for a
    ///   caller with one body at a time false.
    nonisolated func cut(_ delivery: WebhookDelivery, isLimited: Bool = true) async throws -> WebhookDelivery {
        guard BodyPieces.takes(delivery, driver.dialect), let body = delivery.storedBody else { return delivery }
        // Of what is known already the insert writes nothing, and no row would name the pieces.
        let isKnown = try await driver.read {
            try WebhookStatements.isStored(delivery.deliveryID, of: delivery.tenantID, in: $0)
        }
        guard !isKnown else { return delivery }
        return try await write(delivery, body, isLimited: isLimited)
    }

    private func write(
        _ delivery: WebhookDelivery, _ body: [UInt8], isLimited: Bool
    ) async throws -> WebhookDelivery {
        let (tenantID, size) = (delivery.tenantID, delivery.body.count)
        let before = bytes[tenantID] ?? 0
        guard !isLimited || before == 0 || before + size <= byteLimit else {
            throw StorageError(.unavailable, "too many large webhooks of the tenant are waiting to be written")
        }
        bytes[tenantID] = before + size
        defer {
            let left = (bytes[tenantID] ?? size) - size
            bytes[tenantID] = left > 0 ? left : nil
        }
        let id = UUID()
        for piece in 0..<BodyPieces.count(body.count) {
            let isWritten = try await inTurn(of: tenantID) {
                try BodyPieces.insert(piece, of: body, named: id, delivery, in: $0)
            }
            // The tenant was deleted: the insert of the delivery finds that, too, and says so.
            guard isWritten else { return delivery }
        }
        var cut = delivery
        cut.piecesID = id
        return cut
    }

    private func inTurn(
        of tenantID: TenantID, _ piece: @escaping @Sendable (any SQLConnection) throws -> Bool
    ) async throws -> Bool {
        if isWriting { await withCheckedContinuation { waiting.add($0, of: tenantID) } }
        isWriting = true
        defer { passTurn() }
        return try await driver.write(piece)
    }

    /// The turn goes to the next that waits, without being free in between.
    private func passTurn() {
        guard let next = waiting.next() else {
            isWriting = false
            return
        }
        next.resume()
    }
}

/// What waits, of several tenants: these take turns, and of each the one that came first is next.
struct TenantQueue<Element> {
    /// By tenant, in the order in which they came; no tenant without any.
    private var waiting: [TenantID: [Element]] = [:]
    /// The tenants of `waiting` but for `served`; the first one's turn is next.
    private var turns: [TenantID] = []
    /// Whose turn was the last: it comes behind all that wait by the next one.
    private var served: TenantID?

    /// How many wait.
    var count: Int { waiting.values.reduce(0) { $0 + $1.count } }

    mutating func add(_ element: Element, of tenantID: TenantID) {
        if waiting[tenantID] == nil, tenantID != served { turns.append(tenantID) }
        waiting[tenantID, default: []].append(element)
    }

    /// Takes out the next one; nil where none waits.
    mutating func next() -> Element? {
        if let served, waiting[served] != nil { turns.append(served) }
        served = nil
        guard !turns.isEmpty else { return nil }
        let tenantID = turns.removeFirst()
        served = tenantID
        let element = waiting[tenantID]?.removeFirst()
        if waiting[tenantID]?.isEmpty == true { waiting[tenantID] = nil }
        return element
    }
}
