import Domain

/// Writes outcomes into the outbox, those that come while a transaction is written together in the next.
actor OutcomeWriter {
    private struct Waiting {
        var record: DeliveryRecord
        var continuation: CheckedContinuation<Void, any Error>
    }

    private let outbox: any AlertOutbox
    private var waiting: [Waiting] = []
    private var isWriting = false

    init(_ outbox: any AlertOutbox) { self.outbox = outbox }

    /// Returns once it is written, also when the calling task is cancelled: a delivery that was made is on record. Throws what
    /// the outbox throws, for all that were in the transaction.
    func record(_ record: DeliveryRecord) async throws {
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(Waiting(record: record, continuation: continuation))
            guard !isWriting else { return }
            isWriting = true
            // Not a child of the first that comes: it writes for the others too, and the store begins nothing for a cancelled
            // task.
            Task { await writeAll() }
        }
    }

    private func writeAll() async {
        while !waiting.isEmpty {
            let batch = waiting
            waiting = []
            do {
                try await outbox.record(batch.map(\.record))
                for entry in batch { entry.continuation.resume() }
            } catch {
                for entry in batch { entry.continuation.resume(throwing: error) }
            }
        }
        isWriting = false
    }
}
