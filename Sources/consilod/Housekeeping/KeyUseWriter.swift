import Logging
import Queries
import ServiceLifecycle
import Store
import Synchronization
import WorkLoop

/// Writes when API keys were last used: some seconds after, so that no request waits for it, and so seldom that it costs
/// nothing.
struct KeyUseWriter: Service {
    /// Between two writes.
    static let pause = Duration.seconds(15)

    let store: RiskStore
    let uses: APIKeyUses
    let logger: Logger

    /// Writes until graceful shutdown, and once more then.
    func run() async throws {
        let writtenAt = Mutex<ContinuousClock.Instant?>(nil)
        await WorkLoop.run(nudges: Nudge().stream) {
            let now = ContinuousClock.now
            guard writtenAt.withLock({ $0.map { $0 + Self.pause <= now } ?? true }) else { return }
            writtenAt.withLock { $0 = now }
            await write()
        }
        await write()
    }

    private func write() async {
        do { try await uses.write(to: store) } catch {
            logger.error("failed to record the last use of API keys", metadata: ["error": "\(error)"])
        }
    }
}
