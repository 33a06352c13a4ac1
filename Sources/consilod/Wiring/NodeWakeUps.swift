import Dashboard
import Domain
import Logging
import ServiceLifecycle
import Store

/// Wakes this process's workers when another process on the same store has queued something for them.
struct NodeWakeUps: Service {
    let signals: NodeSignals
    /// Of this process alone: what another node has sent is not sent again.
    let wakeUps: WakeUps
    /// The pages that people have open on this node.
    let live: LiveUpdates
    let logger: Logger

    func run() async throws {
        // The cache of a changed tenant is an actor, which a stream leads to.
        let (changes, change) = AsyncStream.makeStream(of: TenantID.self, bufferingPolicy: .bufferingNewest(10_000))
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await tenantID in changes { await wakeUps.tenantChanged(tenantID) } }
                await signals.run(
                    onSignal: { signal in
                        switch signal {
                        case .issuesQueued: wakeUps.issues()
                        case .alertsQueued: wakeUps.alerts()
                        case .tenantChanged(let id): change.yield(id)
                        case .pagesChanged(let id): live.changed(id)
                        }
                    },
                    onOutage: { error in
                        logger.warning("LISTEN connection lost; polling", metadata: ["error": "\(error)"])
                    })
                change.finish()
            }
        }
    }
}
