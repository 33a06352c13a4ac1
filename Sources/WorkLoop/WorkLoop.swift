import ServiceLifecycle

/// The loop of a background worker: looks for work when woken, and at intervals anyway, until graceful shutdown.
///
/// Workers take no input: work is rows in the store, so a lost wake-up costs an interval, never work.
public enum WorkLoop {
    /// Calls `turn` at once and then on every wake-up, one call at a time. Returns on graceful shutdown or
    /// cancellation, after the current turn has ended.
    ///
    /// - Parameters:
    ///   - interval: between two looks without a wake-up. The looks of all loops of one interval come at the same instants, so
    ///     that an idle processor is woken once for all of them.
    ///   - offset: by how much the looks come later than those of other loops.
    ///   - nudges: wake-ups, from one or several sources.
    public static func run(
        every interval: Duration = .seconds(1), offset: Duration = .zero, nudges: AsyncStream<Void>...,
        turn: () async -> Void
    ) async {
        let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        wakeUp.yield()
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                for source in nudges { group.addTask { for await _ in source { wakeUp.yield() } } }
                group.addTask {
                    // Fails only when the group is cancelled, which is the end.
                    while (try? await Task.sleep(until: next(interval, offset, after: .now), clock: .continuous)) != nil
                    { wakeUp.yield() }
                }
                for await _ in wakeUps { await turn() }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            wakeUp.finish()
        }
    }

    /// From which all intervals are counted.
    private static let start = ContinuousClock.now

    /// The first instant later than `instant` that is `offset` after a multiple of `interval` since the process's start.
    static func next(
        _ interval: Duration, _ offset: Duration = .zero, after instant: ContinuousClock.Instant
    ) -> ContinuousClock.Instant {
        let start = start + offset
        let passed = ((instant - start) / interval).rounded(.down)
        let next = start + interval * (passed + 1)
        // What rounding has made of it.
        return next > instant ? next : start + interval * (passed + 2)
    }
}
