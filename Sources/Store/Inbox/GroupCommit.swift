import Domain

/// Lets concurrent webhooks share one transaction and one sync to disk.
///
/// There is no thread or timer: a caller that finds no transaction in progress writes, together with all that wait by then;
/// callers that come meanwhile wait, and the first of them leads the next transaction. A lone webhook is thus written at
/// once, and the harder the load, the larger the groups.
actor GroupCommit {
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
    /// Bytes of bodies that may wait; beyond it callers are refused and retry (Jira does).
    private let byteLimit: Int
    private var waiting: [Waiting] = []
    private var waitingBytes = 0
    private var isWriting = false

    init(driver: any SQLDriver, byteLimit: Int = 64 << 20) {
        self.driver = driver
        self.byteLimit = byteLimit
    }

    /// Returns after the delivery's transaction is committed.
    func append(_ delivery: WebhookDelivery) async throws -> InboxOutcome {
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
        handOver()
        for (index, follower) in followers.enumerated() {
            follower.continuation.resume(with: outcomes[index + 1].map(Turn.written))
        }
        return try outcomes[0].get()
    }

    /// The outcome of each, alone: one delivery whose tenant has just gone, or which the database does not take, must not
    /// fail the others.
    private func outcomes(of deliveries: [WebhookDelivery]) async -> [Result<InboxOutcome, any Error>] {
        do {
            return try await driver.write(isUrgent: true) { try InboxStatements.insert(deliveries, into: $0) }
                .map { $0.mapError { $0 } }
        } catch {
            guard deliveries.count > 1, (error as? StorageError)?.code != .unavailable else {
                return Array(repeating: .failure(error), count: deliveries.count)
            }
            var outcomes: [Result<InboxOutcome, any Error>] = []
            for delivery in deliveries { outcomes += await self.outcomes(of: [delivery]) }
            return outcomes
        }
    }

    private func handOver() {
        guard !waiting.isEmpty else {
            isWriting = false
            return
        }
        let next = waiting.removeFirst()
        waitingBytes -= next.delivery.body.count
        next.continuation.resume(returning: .lead)
    }
}
