import ServiceLifecycle
import WorkLoop

/// Several loops over the same rows: a Jira that answers slowly, or not at all, delays no other tenant.
enum IndependentLoops {
    /// Runs `work` in `count` loops, all of them at every wake-up and one after the other once a second, until graceful shutdown, which
    /// cancels the work: what it was about is in the store.
    static func run(_ count: Int, nudges: AsyncStream<Void>, work: @escaping @Sendable () async -> Void) async {
        let wakeUps = (0..<count).map { _ in Nudge() }
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for (index, wakeUp) in wakeUps.enumerated() {
                    group.addTask {
                        await WorkLoop.run(
                            every: .seconds(count), offset: .seconds(index), nudges: wakeUp.stream
                        ) { await work() }
                    }
                }
                for await _ in nudges { for wakeUp in wakeUps { wakeUp() } }
                await group.waitForAll()
            }
        }
    }
}
