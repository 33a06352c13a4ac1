import Foundation
import Glibc
import Synchronization

/// The one thread that owns a model. Sequences from concurrent work wait in a bounded queue and are read in batches.
///
/// A thread of its own, because a batch computes for up to a second and must not hold one of Swift's; and because it
/// runs at low priority (the engine's own threads inherit it), so that answering webhooks always comes first.
final class InferenceThread: Sendable {
    /// One sequence of a request.
    private struct Item {
        var request: UInt64
        var index: Int
        var tokens: [Int32]
    }

    private struct Request {
        var results: [ClassProbabilities?]
        var missing: Int
        var continuation: CheckedContinuation<[ClassProbabilities], any Error>
    }

    private struct Sender {
        var request: UInt64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var queue: [Item] = []
        var requests: [UInt64: Request] = [:]
        /// Requests that wait for room in the queue, longest first.
        var senders: [Sender] = []
        var nextRequest: UInt64 = 0
        var cancelled: Set<UInt64> = []
        var isClosed = false
        var statistics = Statistics()
    }

    /// What was read so far.
    struct Statistics: Sendable {
        /// Sequences: texts, or windows of long ones.
        var sequences = 0
        var batches = 0
        /// Tokens of the texts, and of the batches with their padding.
        var tokens = 0
        var paddedTokens = 0
    }

    private let state = Mutex(State())
    private let wakeUps = DispatchSemaphore(value: 0)
    private let planner: BatchPlanner
    /// The most sequences that wait.
    private let capacity: Int

    private let onBatch: @Sendable () -> Void
    /// What the model's weights are stored as.
    let format: String

    private init(format: String, planner: BatchPlanner, capacity: Int, onBatch: @escaping @Sendable () -> Void) {
        self.format = format
        self.planner = planner
        self.capacity = capacity
        self.onBatch = onBatch
    }

    /// Starts the thread, which loads its model first. Throws what `load` throws.
    static func start(
        planner: BatchPlanner = BatchPlanner(), capacity: Int = 1024, onBatch: @escaping @Sendable () -> Void = {},
        load: @escaping @Sendable () throws -> LoadedModel
    ) async throws -> InferenceThread {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                // On Linux this is the niceness of the calling thread alone. Refused, it is merely not lowered.
                _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
                do {
                    let model = try load()
                    model.rest()
                    let reader = InferenceThread(
                        format: model.format, planner: planner, capacity: capacity, onBatch: onBatch)
                    continuation.resume(returning: reader)
                    reader.read(with: model)
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

    /// Ends the thread after the batch in hand; what waits fails with ``ModelError(.closed)``.
    func close() {
        let (requests, senders) = state.withLock { state in
            state.isClosed = true
            defer { (state.queue, state.requests, state.senders) = ([], [:], []) }
            return (state.requests.values.map(\.continuation), state.senders.map(\.continuation))
        }
        requests.forEach { $0.resume(throwing: Self.closed) }
        senders.forEach { $0.resume(throwing: Self.closed) }
        wakeUps.signal()
    }

    private static let closed = ModelError(.closed, "the model was shut down")

    var statistics: Statistics { state.withLock { $0.statistics } }

    /// How many sequences are in the queue.
    var waiting: Int { state.withLock { $0.queue.count } }

    /// Reads the sequences, one result each in the same order. Waits while the queue is full. Throws ``ModelError``, or
    /// `CancellationError`; then none of them is read any more, except those of the batch in hand.
    func read(_ sequences: [[Int32]]) async throws -> [ClassProbabilities] {
        // In portions by length: each fills whole batches with little padding, and none fills the queue alone.
        let order = sequences.indices.sorted { (sequences[$0].count, $0) < (sequences[$1].count, $1) }
        var results = [ClassProbabilities?](repeating: nil, count: sequences.count)
        let portion = max(1, min(256, capacity / 2))
        for start in stride(from: 0, to: order.count, by: portion) {
            let positions = order[start..<min(start + portion, order.count)]
            let read = try await readPortion(positions.map { sequences[$0] })
            for (position, result) in zip(positions, read) { results[position] = result }
        }
        return results.compactMap(\.self)
    }

    private func readPortion(_ sequences: [[Int32]]) async throws -> [ClassProbabilities] {
        let request = state.withLock { state in
            state.nextRequest += 1
            return state.nextRequest
        }
        // A cancellation that came too late for everything is forgotten.
        defer { state.withLock { _ = $0.cancelled.remove(request) } }
        return try await withTaskCancellationHandler {
            try await waitForRoom(request, count: sequences.count)
            return try await withCheckedThrowingContinuation { continuation in
                let refusal: (any Error)? = state.withLock { state in
                    if state.isClosed { return Self.closed }
                    if state.cancelled.remove(request) != nil { return CancellationError() }
                    state.queue += sequences.enumerated().map { Item(request: request, index: $0, tokens: $1) }
                    state.requests[request] = Request(
                        results: Array(repeating: nil, count: sequences.count), missing: sequences.count,
                        continuation: continuation)
                    return nil
                }
                if let refusal {
                    continuation.resume(throwing: refusal)
                    // The room it was given is for the next.
                    admitNext()
                } else {
                    wakeUps.signal()
                }
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
                if state.senders.isEmpty, state.queue.isEmpty || state.queue.count + count <= capacity {
                    return .success(())
                }
                state.senders.append(Sender(request: request, continuation: continuation))
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    /// Lets the request that waits longest for room have it, where there is some. One at a time: each looks for itself.
    private func admitNext() {
        let sender = state.withLock { state in
            state.queue.count <= capacity / 2 && !state.senders.isEmpty ? state.senders.removeFirst() : nil
        }
        sender?.continuation.resume()
    }

    private func cancel(_ request: UInt64) {
        let (reader, sender) = state.withLock { state in
            state.queue.removeAll { $0.request == request }
            let reader = state.requests.removeValue(forKey: request)?.continuation
            let place = state.senders.firstIndex { $0.request == request }
            let sender = place.map { state.senders.remove(at: $0).continuation }
            // Neither waits nor is read yet: it is refused when it comes.
            if reader == nil, sender == nil, !state.isClosed { state.cancelled.insert(request) }
            return (reader, sender)
        }
        reader?.resume(throwing: CancellationError())
        sender?.resume(throwing: CancellationError())
        // What it had in the queue is room now.
        admitNext()
    }

    // MARK: The thread

    private func read(with model: LoadedModel) {
        while true {
            wakeUps.wait()
            while let batch = takeBatch() {
                let result = Result { try model.probabilities(of: batch.map(\.tokens)) }
                onBatch()
                finish(batch, result)
            }
            if state.withLock({ $0.isClosed }) { return }
            model.rest()
        }
    }

    private func takeBatch() -> [Item]? {
        let batch: [Item]? = state.withLock { state in
            guard !state.queue.isEmpty else { return nil }
            let positions = planner.nextBatch(of: state.queue.map(\.tokens.count))
            let batch = positions.map { state.queue[$0] }
            for position in positions.reversed() { state.queue.remove(at: position) }
            state.statistics.batches += 1
            state.statistics.sequences += batch.count
            state.statistics.tokens += batch.reduce(0) { $0 + $1.tokens.count }
            state.statistics.paddedTokens += batch.count * (batch.map(\.tokens.count).max() ?? 0)
            return batch
        }
        admitNext()
        return batch
    }

    private func finish(_ batch: [Item], _ result: Result<[ClassProbabilities], any Error>) {
        var done: [(CheckedContinuation<[ClassProbabilities], any Error>, Result<[ClassProbabilities], any Error>)] = []
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
                    state.queue.removeAll { $0.request == item.request }
                    done.append((request.continuation, .failure(error)))
                }
            }
        }
        for (continuation, result) in done { continuation.resume(with: result) }
    }
}
