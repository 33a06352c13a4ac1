import Synchronization

/// The sequences that wait for a model, and the requests that wait for their results.
///
/// A request of up to 256 sequences passes through these states, and leaves from any of them when it is cancelled or the
/// queue is closed:
///
///     new ──room──▶ queued ──takeBatch──▶ in a batch ──finish──▶ resumed with results or the batch's error
///      │               ▲
///      └─no room─▶ waiting for room (admitted first come, first served, once the queue is half empty)
///
/// - *new*: known only to its caller. If it is cancelled here, `cancelled` keeps its number until it arrives.
/// - *waiting for room*: its continuation is in `waitingForRoom`.
/// - *queued*: its sequences are in `items`, its continuation in `requests`.
/// - *in a batch*: some of its sequences are with the thread, others may still be queued. If it is cancelled here, the
///   batch goes on and its result is dropped, because the request is no longer in `requests`.
///
/// Continuations are resumed after the lock is released.
final class InferenceQueue: Sendable {
    /// One sequence of a request.
    struct Item: Sendable {
        fileprivate var request: UInt64
        fileprivate var index: Int
        /// Token ids, with those of start and end.
        fileprivate(set) var tokens: [Int32]
    }

    /// Totals since the start.
    struct Statistics: Sendable {
        /// Sequences: texts, or windows of long ones.
        var sequences = 0
        var batches = 0
        /// Tokens of the texts, and what was computed for them, with padding.
        var tokens = 0
        var computedTokens = 0
    }

    private typealias Continuation = CheckedContinuation<[ClassProbabilities], any Error>

    private struct Request {
        var results: [ClassProbabilities?]
        var missing: Int
        var continuation: Continuation
    }

    private struct Waiter {
        var request: UInt64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var items: [Item] = []
        var requests: [UInt64: Request] = [:]
        /// Longest first.
        var waitingForRoom: [Waiter] = []
        var lastRequest: UInt64 = 0
        /// Requests that were cancelled before they were queued or waited.
        var cancelled: Set<UInt64> = []
        var isClosed = false
        var statistics = Statistics()
    }

    private let state = Mutex(State())
    private let planner: BatchPlanner
    /// The most sequences that are queued, unless a single request is larger.
    private let capacity: Int
    /// Called when there is something to take, or the queue was closed.
    private let wake: @Sendable () -> Void

    private static let closed = ModelError(.closed, "the model was shut down")

    init(planner: BatchPlanner, capacity: Int, wake: @escaping @Sendable () -> Void) {
        self.planner = planner
        self.capacity = capacity
        self.wake = wake
    }

    var statistics: Statistics { state.withLock { $0.statistics } }
    /// How many sequences are queued.
    var count: Int { state.withLock { $0.items.count } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Fails everything queued or waiting, and all that follows, with ``ModelError(.closed)``.
    func close() {
        let (requests, waiters) = state.withLock { state in
            state.isClosed = true
            defer { (state.items, state.requests, state.waitingForRoom) = ([], [:], []) }
            return (state.requests.values.map(\.continuation), state.waitingForRoom.map(\.continuation))
        }
        requests.forEach { $0.resume(throwing: Self.closed) }
        waiters.forEach { $0.resume(throwing: Self.closed) }
        wake()
    }

    // MARK: Callers

    /// One result for each sequence, in the same order. Waits while the queue is full. Throws ``ModelError``, or
    /// `CancellationError`; then only the sequences of the batch in flight are still read.
    func results(of sequences: [[Int32]]) async throws -> [ClassProbabilities] {
        // In portions by length: each fills whole batches with little padding, and none fills the queue alone.
        let order = sequences.indices.sorted { (sequences[$0].count, $0) < (sequences[$1].count, $1) }
        let size = max(1, min(256, capacity / 2))
        let portions = stride(from: 0, to: order.count, by: size).map { start in
            Array(order[start..<min(start + size, order.count)])
        }
        return try await withThrowingTaskGroup(of: (portion: [Int], read: [ClassProbabilities]).self) { group in
            // Two at a time: the thread goes on with the second when the first ends, and their ends share a batch.
            var (next, running) = (0, 0)
            var results = [ClassProbabilities?](repeating: nil, count: sequences.count)
            while next < portions.count || running > 0 {
                if next < portions.count, running < 2 {
                    let portion = portions[next]
                    group.addTask { (portion, try await self.request(portion.map { sequences[$0] })) }
                    (next, running) = (next + 1, running + 1)
                } else if let (portion, read) = try await group.next() {
                    running -= 1
                    for (position, result) in zip(portion, read) { results[position] = result }
                }
            }
            return results.compactMap(\.self)
        }
    }

    private func request(_ sequences: [[Int32]]) async throws -> [ClassProbabilities] {
        let request = state.withLock { state in
            state.lastRequest += 1
            return state.lastRequest
        }
        // A cancellation that came after the end is forgotten.
        defer { state.withLock { _ = $0.cancelled.remove(request) } }
        return try await withTaskCancellationHandler {
            try await waitForRoom(request, count: sequences.count)
            return try await withCheckedThrowingContinuation { continuation in
                enqueue(sequences, of: request, continuation)
            }
        } onCancel: {
            cancel(request)
        }
    }

    private func waitForRoom(_ request: UInt64, count: Int) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let outcome: Result<Void, any Error>? = state.withLock { state in
                if state.isClosed { return .failure(Self.closed) }
                if state.cancelled.remove(request) != nil { return .failure(CancellationError()) }
                if state.waitingForRoom.isEmpty, state.items.isEmpty || state.items.count + count <= capacity {
                    return .success(())
                }
                state.waitingForRoom.append(Waiter(request: request, continuation: continuation))
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    private func enqueue(_ sequences: [[Int32]], of request: UInt64, _ continuation: Continuation) {
        let refusal: (any Error)? = state.withLock { state in
            if state.isClosed { return Self.closed }
            if state.cancelled.remove(request) != nil { return CancellationError() }
            state.items += sequences.enumerated().map { Item(request: request, index: $0, tokens: $1) }
            state.requests[request] = Request(
                results: Array(repeating: nil, count: sequences.count), missing: sequences.count,
                continuation: continuation)
            return nil
        }
        if let refusal {
            continuation.resume(throwing: refusal)
            // The room it was given goes to the next.
            admitNext()
        } else {
            wake()
        }
    }

    /// Admits the request that waits longest for room, if there is room. One at a time: each checks again for itself.
    private func admitNext() {
        let waiter = state.withLock { state in
            state.items.count <= capacity / 2 && !state.waitingForRoom.isEmpty
                ? state.waitingForRoom.removeFirst() : nil
        }
        waiter?.continuation.resume()
    }

    private func cancel(_ request: UInt64) {
        let (reader, waiter) = state.withLock { state in
            state.items.removeAll { $0.request == request }
            let reader = state.requests.removeValue(forKey: request)?.continuation
            let place = state.waitingForRoom.firstIndex { $0.request == request }
            let waiter = place.map { state.waitingForRoom.remove(at: $0).continuation }
            // Still new: it is refused when it arrives.
            if reader == nil, waiter == nil, !state.isClosed { state.cancelled.insert(request) }
            return (reader, waiter)
        }
        reader?.resume(throwing: CancellationError())
        waiter?.resume(throwing: CancellationError())
        // What it had in the queue is room now.
        admitNext()
    }

    // MARK: The thread

    /// Takes the next batch; nil when nothing is queued.
    func takeBatch() -> [Item]? {
        let batch: [Item]? = state.withLock { state in
            guard !state.items.isEmpty else { return nil }
            let positions = planner.nextBatch(of: state.items.map(\.tokens.count))
            let batch = positions.map { state.items[$0] }
            for position in positions.reversed() { state.items.remove(at: position) }
            state.statistics.batches += 1
            state.statistics.sequences += batch.count
            let lengths = batch.map(\.tokens.count)
            state.statistics.tokens += lengths.reduce(0, +)
            state.statistics.computedTokens += TokenBatch.computedTokens(of: lengths, form: planner.form)
            return batch
        }
        admitNext()
        return batch
    }

    /// Hands the results of a batch to its requests; an error fails each request that has a sequence in it.
    func finish(_ batch: [Item], _ result: Result<[ClassProbabilities], any Error>) {
        var done: [(Continuation, Result<[ClassProbabilities], any Error>)] = []
        state.withLock { state in
            for (place, item) in batch.enumerated() {
                // A request that was cancelled meanwhile is gone.
                guard var request = state.requests.removeValue(forKey: item.request) else { continue }
                switch result {
                case .success(let probabilities):
                    request.results[item.index] = probabilities[place]
                    request.missing -= 1
                    if request.missing == 0 {
                        done.append((request.continuation, .success(request.results.compactMap(\.self))))
                    } else {
                        state.requests[item.request] = request
                    }
                case .failure(let error):
                    state.items.removeAll { $0.request == item.request }
                    done.append((request.continuation, .failure(error)))
                }
            }
        }
        for (continuation, result) in done { continuation.resume(with: result) }
    }
}
