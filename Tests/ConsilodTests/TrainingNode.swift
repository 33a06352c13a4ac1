import Domain
import Forecast
import Logging
import RiskEngine
import ServiceLifecycle
import Store
import Synchronization
import TestSupport
import WorkLoop

/// The trainer that a daemon runs, on a store of the tests and by a clock of theirs.
final class TrainingNode: Sendable {
    /// Issues that are read at a time: fewer than the tests have.
    static let pageSize = 64

    let store: RiskStore
    let clock: SettableClock
    let log = CapturedLog()
    private let thread = BackgroundThread()
    private let changes = Mutex<[TenantID]>([])

    init(_ store: RiskStore, at now: Timestamp) {
        self.store = store
        clock = SettableClock(now)
    }

    /// The tenants whose basis was announced as changed.
    var changed: [TenantID] { changes.withLock { $0 } }

    private func trainer() throws -> ForecastTrainer {
        var options = ForecastTrainer.Options()
        options.pageSize = Self.pageSize
        let scorer = try RiskScorer(RiskConfiguration())
        return ForecastTrainer(
            store: store, readPast: { scorer.history(of: $0, statuses: $1) }, options: options, thread: thread,
            prior: try ShippedPrior.model(), nudges: Nudge().stream, now: { [clock] in clock.now },
            onBasisChanged: { [self] id in changes.withLock { $0.append(id) } },
            logger: Logger(label: "test") { [log] _ in log })
    }

    /// Works until the condition holds, and is then shut down as a daemon is.
    func work(until what: String, _ condition: @escaping @Sendable () async throws -> Bool) async throws {
        let group = ServiceGroup(services: [try trainer()], logger: Logger(label: "test") { [log] _ in log })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do { try await eventually(what, within: .seconds(300), condition) } catch {
                await group.triggerGracefulShutdown()
                throw Unexpected("\(error): \(log.lines.suffix(20))")
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Trains what is due now, to the end.
    func train(_ tenant: TenantID) async throws {
        let before = changed.count
        try await store.requestTraining(tenant, reason: .manual, dueAt: clock.now)
        try await work(until: "the tenant is trained") { [self] in
            if let error = try await store.trainingStatus(tenant)?.lastError {
                throw Unexpected("the training failed: \(error)")
            }
            return changed.count > before
        }
    }
}
