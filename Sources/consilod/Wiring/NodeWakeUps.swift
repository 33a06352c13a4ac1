import Domain
import Logging
import ServiceLifecycle
import Store

/// Wakes this process's workers when another process on the same store has queued something for them.
struct NodeWakeUps: Service {
    let signals: NodeSignals
    let onWork: @Sendable () -> Void
    let onAlerts: @Sendable () -> Void
    let onTenantChanged: @Sendable (TenantID) async -> Void
    let logger: Logger

    func run() async throws {
        // A tenant's change is told to an actor, which this stream leads to.
        let (changes, change) = AsyncStream.makeStream(of: TenantID.self, bufferingPolicy: .bufferingNewest(10_000))
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await tenantID in changes { await onTenantChanged(tenantID) } }
                await signals.run(
                    onSignal: { signal in
                        switch signal {
                        case .issuesQueued: onWork()
                        case .alertsQueued: onAlerts()
                        case .tenantChanged(let id): change.yield(id)
                        }
                    },
                    onOutage: { error in
                        logger.warning("not woken by other nodes for now", metadata: ["error": "\(error)"])
                    })
                change.finish()
            }
        }
    }
}
