public import Domain
import Foundation

/// What one process on a shared store tells the others, so that they need not wait for their next look.
public enum NodeSignal: Sendable, Hashable {
    /// Issues were queued.
    case issuesQueued
    /// Alerts were queued.
    case alertsQueued
    /// A tenant, or its webhook secrets, changed.
    case tenantChanged(TenantID)
    /// What people look at of a tenant changed.
    case pagesChanged(TenantID)
}

/// Carries ``NodeSignal``s between the processes on one PostgreSQL store. All of them may be lost: work is rows, and
/// everybody looks at them now and then anyway.
public struct NodeSignals: Sendable {
    private let listener: PostgresListener

    init(_ settings: PostgresSettings) throws { listener = try PostgresListener(settings) }

    /// Queues a signal and returns at once; the same one twice is sent once. Lost while the connection is down.
    public func send(_ signal: NodeSignal) {
        switch signal {
        case .issuesQueued: listener.send("issues")
        case .alertsQueued: listener.send("alerts")
        case .tenantChanged(let id): listener.send("tenant \(id)")
        case .pagesChanged(let id): listener.send("pages \(id)")
        }
    }

    /// Works until the task is cancelled.
    ///
    /// - Parameters:
    ///   - onSignal: called with what another process tells.
    ///   - onOutage: called with the reason when the connection is lost; a new one is made.
    public func run(
        onSignal: @escaping @Sendable (NodeSignal) -> Void, onOutage: @escaping @Sendable (any Error) -> Void
    ) async {
        await listener.run(
            onReceive: { text in
                switch text {
                case "issues": onSignal(.issuesQueued)
                case "alerts": onSignal(.alertsQueued)
                default:
                    // What a newer node may say besides concerns only its like.
                    let words = text.split(separator: " ")
                    guard words.count == 2, let id = TenantID(String(words[1])) else { return }
                    if words[0] == "tenant" { onSignal(.tenantChanged(id)) }
                    if words[0] == "pages" { onSignal(.pagesChanged(id)) }
                }
            }, onOutage: onOutage)
    }
}
