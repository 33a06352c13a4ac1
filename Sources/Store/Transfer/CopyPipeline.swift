import Dispatch
import Synchronization

/// Hands items from the thread on which one store's transaction runs to the task that works on them, a few at a time: one
/// store reads on while the other writes, and no more is in memory than these few.
final class CopyPipeline<Item: Sendable>: Sendable {
    let items: AsyncStream<Item>
    private let continuation: AsyncStream<Item>.Continuation
    private let places = DispatchSemaphore(value: 0)
    private let state = Mutex((isStopped: false, isStarted: false))

    /// - Parameter limit: most items that lie between the two.
    init(limit: Int) {
        (items, continuation) = AsyncStream.makeStream(of: Item.self)
        // Not given to the initializer: a semaphore must not end lower than it began.
        for _ in 0..<limit { places.signal() }
    }

    /// False the second time: the items of the first cannot be withdrawn.
    func start() -> Bool {
        state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
    }

    /// Waits for a place and puts an item there. Throws `CancellationError` when no more are wanted.
    func put(_ item: Item) throws {
        places.wait()
        if state.withLock({ $0.isStopped }) { throw CancellationError() }
        continuation.yield(item)
    }

    /// There are no more items.
    func finish() { continuation.finish() }

    /// The item taken is done with.
    func makePlace() { places.signal() }

    /// No more items are wanted.
    func stop() {
        state.withLock { $0.isStopped = true }
        places.signal()
    }
}
