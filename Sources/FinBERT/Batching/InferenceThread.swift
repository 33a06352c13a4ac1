import Foundation
import Glibc

/// The one thread that owns a model. It reads what is in its ``InferenceQueue``, batch by batch.
///
/// A thread of its own, because a batch computes for up to a second and must not block one of Swift's; and because it
/// runs at low priority (the engine's own threads inherit it), so that answering webhooks always comes first.
///
///     loading ──▶ idle ◀──▶ reading ──▶ ended
///
/// - *loading*: `start` waits. An error of `load` ends the thread.
/// - *idle*: waits for a wake-up, with the memory of the last batch released.
/// - *reading*: takes batches until the queue is empty.
/// - *ended*: after `close`, once the batch in flight is finished.
final class InferenceThread: Sendable {
    private let queue: InferenceQueue
    private let wakeUps: DispatchSemaphore
    private let onBatch: @Sendable () -> Void
    /// The format of the model's weights.
    let format: String

    private init(format: String, planner: BatchPlanner, capacity: Int, onBatch: @escaping @Sendable () -> Void) {
        let wakeUps = DispatchSemaphore(value: 0)
        self.wakeUps = wakeUps
        queue = InferenceQueue(planner: planner, capacity: capacity) { wakeUps.signal() }
        self.format = format
        self.onBatch = onBatch
    }

    /// Starts the thread, which loads its model first. Throws what `load` throws.
    ///
    /// - Parameters:
    ///   - capacity: the most sequences that are queued; further requests wait.
    ///   - onBatch: called on the thread after each batch.
    static func start(
        capacity: Int = 1024, onBatch: @escaping @Sendable () -> Void = {},
        load: @escaping @Sendable () throws -> LoadedModel
    ) async throws -> InferenceThread {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                // On Linux this sets the niceness of the calling thread only. If it is refused, the priority stays.
                _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
                do {
                    let model = try load()
                    model.rest()
                    let reader = InferenceThread(
                        format: model.format, planner: model.planner, capacity: capacity, onBatch: onBatch)
                    continuation.resume(returning: reader)
                    reader.run(model)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            thread.name = "inference"
            // Deep graphs are compiled recursively.
            thread.stackSize = 16 << 20
            thread.start()
        }
    }

    /// Ends the thread after the batch in flight; what is queued fails with ``ModelError(.closed)``.
    func close() { queue.close() }

    /// Totals since the start.
    var statistics: InferenceQueue.Statistics { queue.statistics }

    /// How many sequences are queued.
    var waiting: Int { queue.count }

    /// Reads the sequences: one result each, in the same order. Waits while the queue is full. Throws ``ModelError``, or
    /// `CancellationError`; then only the sequences of the batch in flight are still read.
    func read(_ sequences: [[Int32]]) async throws -> [ClassProbabilities] { try await queue.results(of: sequences) }

    private func run(_ model: LoadedModel) {
        while true {
            wakeUps.wait()
            while let batch = queue.takeBatch() {
                let result = Result { try model.probabilities(of: batch.map(\.tokens)) }
                onBatch()
                queue.finish(batch, result)
            }
            if queue.isClosed { return }
            model.rest()
        }
    }
}
