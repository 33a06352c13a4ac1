/// Waits for work no longer than it may take, whatever the work does.
enum Deadline {
    /// What `body` returned; nil when it took longer, or when the calling task was cancelled. Either way `body` is cancelled,
    /// and not waited for.
    static func within<Result: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async -> Result
    ) async -> Result? {
        let (first, outcome) = AsyncStream.makeStream(of: Result?.self, bufferingPolicy: .bufferingOldest(1))
        // Not children of this task, which could not return before they end.
        let work = Task { outcome.yield(await body()) }
        let timer = Task {
            // Fails when cancelled: then the work has ended in time.
            try? await Task.sleep(for: limit)
            outcome.yield(nil)
        }
        defer {
            work.cancel()
            timer.cancel()
        }
        for await result in first { return result }
        return nil
    }
}
