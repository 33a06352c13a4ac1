import Logging
import Queries
import ServiceLifecycle
import Store
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
        await WorkLoop.run(every: Self.pause, nudges: Nudge().stream) { await write() }
        await write()
    }

    private func write() async {
        do { try await uses.write(to: store) } catch {
            logger.error("failed to record the last use of API keys", metadata: ["error": "\(error)"])
        }
    }
}
