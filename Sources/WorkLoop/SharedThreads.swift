import Glibc
import NIOPosix
import Synchronization

/// Threads for work that takes more than a few milliseconds of processor time. Swift's own are as few as the host has
/// processors: two long computations there, and nothing else of the process runs.
///
/// The work of different keys takes turns, piece by piece, and no key has every thread: what one tenant makes the host
/// compute delays another by one piece of work. The threads are nicer than Swift's own: what waits for a processor there, for
/// a few microseconds, goes first.
public final class SharedThreads<Key: Hashable & Sendable>: Sendable {
    private typealias Work = @Sendable () -> Void

    private struct State {
        /// What waits, by key, the oldest first; no key without work.
        var waiting: [Key: [Work]] = [:]
        /// The keys of `waiting`; the first one's turn is next.
        var turns: [Key] = []
        /// How many threads work for a key; no key with none.
        var working: [Key: Int] = [:]
        /// Threads that are busy.
        var busy = 0

        /// The next piece of work of a key that does not have all the threads it may.
        mutating func take(atMost perKey: Int) -> (key: Key, work: Work)? {
            guard let turn = turns.firstIndex(where: { working[$0, default: 0] < perKey }) else { return nil }
            let key = turns.remove(at: turn)
            guard let work = waiting[key]?.removeFirst() else { return nil }
            if waiting[key]?.isEmpty == true { waiting[key] = nil } else { turns.append(key) }
            working[key, default: 0] += 1
            return (key, work)
        }

        func hasWork(atMost perKey: Int) -> Bool { turns.contains { working[$0, default: 0] < perKey } }

        mutating func end(_ key: Key) {
            let left = (working[key] ?? 1) - 1
            working[key] = left > 0 ? left : nil
        }
    }

    /// The nice value of the threads (setpriority(2)).
    private static var niceness: CInt { 5 }

    private let pool: NIOThreadPool
    private let count: Int
    private let perKey: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - count: the number of threads; at least 2.
    ///   - perKey: how many of them may work for one key at a time; fewer than `count`.
    public init(count: Int, perKey: Int) {
        self.count = max(2, count)
        self.perKey = max(1, min(perKey, count - 1))
        pool = NIOThreadPool(numberOfThreads: self.count)
        pool.start()
    }

    /// As many threads as there are processors, and one more.
    public convenience init(processors: Int) { self.init(count: max(2, processors + 1), perKey: max(1, processors)) }

    /// Runs `work` in the key's turn; what it returns or throws.
    public func run<Value: Sendable>(
        for key: Key, _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            add(key) { continuation.resume(with: Result(catching: work)) }
        }
    }

    /// What runs tasks here, each piece of them between two waits in the key's turn: for `withTaskExecutorPreference`.
    public func executor(for key: Key) -> any TaskExecutor { KeyExecutor(threads: self, key: key) }

    /// Ends the threads. To be called when nothing runs here any more.
    public func shutDown() async throws { try await pool.shutdownGracefully() }

    private func add(_ key: Key, _ work: @escaping Work) {
        let isThreadFree = state.withLock { state in
            if state.waiting[key] == nil { state.turns.append(key) }
            state.waiting[key, default: []].append(work)
            return startsThread(&state)
        }
        if isThreadFree { startThread() }
    }

    private func startsThread(_ state: inout State) -> Bool {
        guard state.busy < count, state.hasWork(atMost: perKey) else { return false }
        state.busy += 1
        return true
    }

    private func startThread() { pool.submit { _ in self.work() } }

    /// Works until there is nothing that may be begun. For what may not be begun now a thread is busy with the same key, and
    /// looks again.
    private func work() {
        // On Linux a nice value is a thread's own. Refused at most where the thread is nicer already.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
        var done: Key?
        while true {
            let (next, isThreadFree) = state.withLock { state in
                if let done { state.end(done) }
                let next = state.take(atMost: perKey)
                if next == nil { state.busy -= 1 }
                return (next, next != nil && startsThread(&state))
            }
            guard let next else { return }
            if isThreadFree { startThread() }
            next.work()
            done = next.key
        }
    }

    private final class KeyExecutor: TaskExecutor {
        private let threads: SharedThreads
        private let key: Key

        init(threads: SharedThreads, key: Key) {
            self.threads = threads
            self.key = key
        }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            threads.add(key) { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}
