public import Domain

/// The inbox: stores verified webhooks and queues their issues. Concurrent webhooks share one transaction and one sync to
/// disk.
///
/// There is no thread or timer: a caller that finds no transaction running writes its own webhook and those waiting; callers
/// that arrive meanwhile wait, and the first of them writes the next group. A lone webhook is thus written at once, and
/// the higher the load, the larger the groups.
public actor GroupCommit {
    private enum Turn: Sendable {
        case written(InboxOutcome)
        /// The transaction before has ended: write all who wait, yourself included.
        case lead
    }

    private struct Waiting {
        var delivery: WebhookDelivery
        var continuation: CheckedContinuation<Turn, any Error>
    }

    private let driver: any SQLDriver
    private let erasure: ErasureBox
    /// Writes large bodies.
    let pieces: BodyPieceWriter
    /// Bytes of bodies that may wait; beyond it callers are told to come back (their Jira does).
    private let byteLimit: Int
    private var waiting: [Waiting] = []
    private var waitingBytes = 0
    private var isWriting = false

    init(driver: any SQLDriver, erasure: ErasureBox = ErasureBox(), byteLimit: Int = 64 << 20) {
        self.driver = driver
        self.erasure = erasure
        pieces = BodyPieceWriter(driver: driver)
        self.byteLimit = byteLimit
    }

    /// Stores a webhook and queues its issues.
    ///
    /// A large body is written first, in pieces, by transactions that give way to others (decision 0065). Returns after the
    /// commit is on disk. Throws `StorageError(.unavailable)` when it cannot be written now or too many bytes are waiting
    /// already, `StorageError(.stale)` when the tenant was deleted.
    public nonisolated func append(_ delivery: WebhookDelivery) async throws -> InboxOutcome {
        try await keep(pieces.cut(prepared(delivery)))
    }

    /// A delivery with its body in the form in which it is stored: what takes the processor's time, of a body of megabytes
    /// some tens of milliseconds, and no database. ``append(_:)`` does it for those for which it was not done.
    public nonisolated func prepared(_ delivery: WebhookDelivery) -> WebhookDelivery {
        delivery.packed(for: driver.dialect)
    }

    private func keep(_ delivery: WebhookDelivery) async throws -> InboxOutcome {
        if isWriting {
            guard waiting.isEmpty || waitingBytes + delivery.body.count <= byteLimit else {
                throw StorageError(.unavailable, "too many webhooks are waiting to be written")
            }
            waitingBytes += delivery.body.count
            let turn = try await withCheckedThrowingContinuation { continuation in
                waiting.append(Waiting(delivery: delivery, continuation: continuation))
            }
            if case .written(let outcome) = turn { return outcome }
        }
        isWriting = true
        return try await writeGroup(ledBy: delivery)
    }

    private func writeGroup(ledBy delivery: WebhookDelivery) async throws -> InboxOutcome {
        let followers = waiting
        waiting = []
        waitingBytes = 0
        let deliveries = [delivery] + followers.map(\.delivery)
        let outcomes = await outcomes(of: deliveries)
        // First: the database would be idle while all of these are answered.
        passTheLead()
        for (index, follower) in followers.enumerated() {
            follower.continuation.resume(with: outcomes[index + 1].map(Turn.written))
        }
        return try outcomes[0].get()
    }

    /// The outcome of each, alone: one delivery whose tenant has just gone, or which the database does not take, must not
    /// fail the others.
    private func outcomes(of deliveries: [WebhookDelivery]) async -> [Result<InboxOutcome, any Error>] {
        do {
            let erasure = erasure
            return try await driver.write(isUrgent: true) {
                try InboxStatements.insert(deliveries, erasure: erasure, into: $0)
            }.map { $0.mapError { $0 } }
        } catch {
            guard deliveries.count > 1, (error as? StorageError)?.code != .unavailable else {
                return Array(repeating: .failure(error), count: deliveries.count)
            }
            var outcomes: [Result<InboxOutcome, any Error>] = []
            for delivery in deliveries { outcomes += await self.outcomes(of: [delivery]) }
            return outcomes
        }
    }

    private func passTheLead() {
        guard !waiting.isEmpty else {
            isWriting = false
            return
        }
        let next = waiting.removeFirst()
        waitingBytes -= next.delivery.body.count
        next.continuation.resume(returning: .lead)
    }
}
