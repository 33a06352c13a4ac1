import Glibc
import NIOPosix

/// One thread of low priority for work that takes seconds of processor time and may wait, one piece after the
/// other. What answers requests always comes first.
public final class BackgroundThread: Sendable {
    private let pool = NIOThreadPool(numberOfThreads: 1)

    public init() { pool.start() }

    /// Runs `work` when the pieces before it are done; what it returns or throws.
    public func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await pool.runIfActive {
            // On Linux this sets the niceness of the calling thread only. If it is refused, the priority stays.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
            return try work()
        }
    }

    /// Ends the thread. To be called when nothing runs here any more.
    public func shutDown() async throws { try await pool.shutdownGracefully() }
}
