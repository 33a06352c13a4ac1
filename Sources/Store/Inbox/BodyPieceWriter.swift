import Domain
import Foundation

/// Writes the pieces of large bodies, before the rows that name them (``BodyPieces``).
///
/// One piece of all bodies at a time, in the order in which they were asked for: those that wait together would share a commit
/// (decision 0047), and it would be as long as that of a body in one piece. A body waits for one piece of each of the others, not
/// for the others.
actor BodyPieceWriter {
    private let driver: any SQLDriver
    private var isWriting = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(driver: any SQLDriver) { self.driver = driver }

    /// Writes the body of a prepared delivery in pieces, where it is too large for its row; the delivery with their name. Any
    /// other delivery as it is.
    ///
    /// Throws as a write does; what was written until then is removed by housekeeping.
    nonisolated func cut(_ delivery: WebhookDelivery) async throws -> WebhookDelivery {
        guard BodyPieces.takes(delivery, driver.dialect), let body = delivery.storedBody else { return delivery }
        // Of what is known already the insert writes nothing, and no row would name the pieces.
        let isKnown = try await driver.read {
            try WebhookStatements.isStored(delivery.deliveryID, of: delivery.tenantID, in: $0)
        }
        guard !isKnown else { return delivery }
        let id = UUID()
        for piece in 0..<BodyPieces.count(body.count) {
            let isWritten = try await write {
                try BodyPieces.insert(piece, of: body, named: id, delivery, in: $0)
            }
            // The tenant was deleted: the insert of the delivery finds that, too, and says so.
            guard isWritten else { return delivery }
        }
        var cut = delivery
        cut.piecesID = id
        return cut
    }

    private func write(_ piece: @escaping @Sendable (any SQLConnection) throws -> Bool) async throws -> Bool {
        if isWriting { await withCheckedContinuation { waiting.append($0) } }
        isWriting = true
        defer { passTurn() }
        return try await driver.write(piece)
    }

    /// The turn goes to the first that waits, without being free in between.
    private func passTurn() {
        guard !waiting.isEmpty else {
            isWriting = false
            return
        }
        waiting.removeFirst().resume()
    }
}
