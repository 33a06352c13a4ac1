import ServiceLifecycle

/// The loop of a background worker: looks for work when woken, and once a second anyway, until graceful shutdown.
///
/// Workers take no input: work is rows in the store, so a lost wake-up costs a second, never work.
public enum WorkLoop {
    /// Calls `turn` at once and then on every wake-up, one call at a time. Returns on graceful shutdown or
    /// cancellation, after the current turn has ended.
    public static func run(nudges: AsyncStream<Void>, turn: () async -> Void) async {
        let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        wakeUp.yield()
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in nudges { wakeUp.yield() } }
                group.addTask {
                    // Fails only when the group is cancelled, which is the end.
                    while (try? await Task.sleep(for: .seconds(1))) != nil { wakeUp.yield() }
                }
                for await _ in wakeUps { await turn() }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            wakeUp.finish()
        }
    }
}
