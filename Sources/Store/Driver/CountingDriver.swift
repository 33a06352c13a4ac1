import Domain
import Metrics

/// A driver that counts what became of its transactions.
struct CountingDriver: SQLDriver {
    let base: any SQLDriver
    let metrics: StoreMetrics

    var dialect: SQLDialect { base.dialect }

    func read<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await base.read(isUrgent: isUrgent, body)
    }

    @discardableResult
    func write<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            let result = try await base.write(isUrgent: isUrgent, body)
            metrics.commits.increment()
            return result
        } catch let error as StorageError {
            // The others are the caller's: a transaction that found a lease lost is no failure of the store.
            if error.code == .unavailable || error.code == .corrupt { metrics.commitFailures.increment() }
            throw error
        }
    }

    func close() throws { try base.close() }
}
