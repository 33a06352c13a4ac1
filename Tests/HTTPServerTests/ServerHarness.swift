import HTTPServer
import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport

/// The HTTP server on a free port of the loopback interface, in front of a router with a small and a large answer.
struct ServerHarness {
    var limits = HTTPLimits(
        connections: 2048, idle: .seconds(75), request: .seconds(30), headerBytes: 32_768, drain: .seconds(15))
    var ledger = ConnectionLedger(limit: 2048)
    /// Answers besides.
    var addRoutes: @Sendable (Router<BasicRequestContext>) -> Void = { _ in }

    /// Runs `body` with the server's port, and a function that has it shut down. Returns when the server has ended, which
    /// it is told to do after `body`.
    func run(_ body: (_ port: Int, _ shutDown: @Sendable () async -> Void) async throws -> Void) async throws {
        let router = Router()
        router.get("/ready") { _, _ in "ready" }
        router.get("/large") { _, _ in String(repeating: "x", count: 1 << 20) }
        addRoutes(router)
        let port = Mutex(0)
        let isDraining = Mutex(false)
        let listener = HTTPListener(
            responder: router.buildResponder(), place: .address(host: "127.0.0.1", port: 0), limits: limits,
            ledger: ledger, serverName: "test", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onListening: { channel in port.withLock { $0 = channel.localAddress?.port ?? 0 } },
            onDraining: { isDraining.withLock { $0 = true } })
        let group = ServiceGroup(
            configuration: .init(services: [listener], gracefulShutdownSignals: [], logger: Logger(label: "test")))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("the server listens") { port.withLock { $0 } != 0 }
            try await body(port.withLock { $0 }) { await group.triggerGracefulShutdown() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        guard isDraining.withLock({ $0 }) else { throw Unexpected("the server ended without draining") }
    }
}
