import Domain
import Hummingbird
import Logging
import Queries
import ServiceLifecycle
import WorkLoop

/// The composition root: builds every part from the configuration and runs them as one group.
struct Daemon {
    private let group: ServiceGroup
    private let cleanups: Cleanups
    private let logger: Logger

    /// Opens and migrates the store, then builds every part; nothing runs yet. When it fails, everything that was opened
    /// is closed again.
    ///
    /// - Parameters:
    ///   - socket: what systemd listens on for the daemon; nil to bind `http.host` and `http.port`.
    ///   - onListening: told the port once the listener accepts.
    static func make(
        configuration: DaemonConfiguration, reload: Reload, notifier: SystemdNotifier = SystemdNotifier(),
        socket: InheritedSocket? = nil,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> Daemon {
        try await makeTimers()
        let cleanups = Cleanups()
        // Checks keys and rules: a wrong setting ends the start before anything is opened or changed.
        let parts = try Composition(configuration, notifier: notifier, cleanups: cleanups)
        do {
            let group = try await compose(parts, reload: reload, socket: socket, onListening: onListening)
            return Daemon(group: group, cleanups: cleanups, logger: parts.logger)
        } catch {
            // What made the start fail counts, and may be why something cannot be closed either.
            do { try await cleanups.run() } catch {
                parts.logger.error("shutdown incomplete", metadata: ["error": "\(error)"])
            }
            throw error
        }
    }

    /// The parts in their order.
    private static func compose(
        _ parts: Composition, reload: Reload, socket: InheritedSocket?,
        onListening: @escaping @Sendable (Int) -> Void
    ) async throws -> ServiceGroup {
        // First, for it waits for the database: no other part is of use without it.
        let store = try await parts.openStore()
        // Before anything is received: comments are read by the model at once, not by the word list and then again.
        let model = try await parts.loadModel()
        parts.prepareErasures(in: store.store, model: model)
        // Before the workers, who wake each other: webhooks wake the rescorer, the rescorer wakes the deliverer.
        let http = parts.makeHTTP()
        let wakeUps = parts.makeWakeUps(store.store, http)
        let probe = parts.makeProbe()
        let serving = parts.makeServing(store.store, wakeUps)
        let engine = parts.makeEngine(store.store, model: model, forecaster: serving.forecaster, wakeUps)
        let alerts = parts.makeAlerts(store.store, engine: engine, wakeUps)
        let jira = parts.makeJira(store.store, probe: probe, wakeUps)
        let stripe = parts.makeStripe(store.store, wakeUps)
        let health = parts.makeHealth(store, model: model, engine: engine)
        let ingest = parts.makeIngest(store.store, http, wakeUps)
        let metrics = try await parts.makeMetrics(store, model: model, http: http, ingest: ingest)
        let diagnosis = parts.makeDiagnosis(
            store.store, health: health, probe: probe, alerts: alerts, jira: jira, stripe: stripe)
        let keyUses = APIKeyUses()
        let router = try parts.makeRouter(
            Composition.DoorParts(
                store: store.store, engine: engine, forecaster: serving.forecaster, jira: jira, diagnosis: diagnosis,
                health: health, alerts: alerts, people: parts.makePeople(store.store, alerts: alerts), stripe: stripe,
                keyUses: keyUses, refusals: parts.makeRefusalTrail(store.store), wakeUps: wakeUps),
            ingest: ingest, metrics: metrics)
        let listening = Nudge()
        let listener = parts.makeListener(
            router.buildResponder(), http, socket: socket, engine: engine, live: wakeUps.live,
            onListening: { port in
                listening()
                onListening(port)
            })
        // Shut down from the end, one at a time: the listener drains first, while the workers still serve it; the workers
        // finish what is in flight; wake-ups from other nodes are heard to the last.
        var services: [any Service] = wakeUps.listener.map { [$0] } ?? []
        services += parts.makeMailServices(store.store, alerts: alerts)
        services += [alerts.refresh, alerts.deliverer, alerts.digests, engine.rescorer, serving.refresher]
        if parts.configuration.jira.isEnabled { services += [jira.synchronizer, jira.writer] as [any Service] }
        if let stripe { services.append(stripe.worker) }
        services += [
            parts.makeTrainer(store.store, onBasisChanged: { _ in serving.onBasisChanged() }),
            parts.makeClockWatch(store, wakeUps), parts.makeSealedWatch(store),
            parts.makeHousekeeper(store, engine: engine), parts.makeRiskPictureWorker(store),
            parts.makeKeyUseWriter(store, keyUses),
            Supervision(health: health, notifier: parts.notifier, listening: listening.stream, logger: parts.logger),
            parts.makeReload(reload, model: model, engine: engine, wakeUps),
            listener,
        ]
        return parts.makeGroup(services)
    }

    /// Runs until SIGTERM or SIGINT, drains, and closes the store. Throws when a part failed for good.
    func run() async throws {
        let result = await Result.catching { try await group.run() }
        do {
            try await cleanups.run()
        } catch {
            guard case .failure = result else { throw error }
            // The part that failed counts, and may be why something cannot be closed either.
            logger.error("shutdown incomplete", metadata: ["error": "\(error)"])
        }
        try result.get()
    }

    /// libdispatch creates timer descriptors on first use and aborts if it cannot; force that now, while descriptors are
    /// free.
    private static func makeTimers() async throws {
        try await Task.sleep(for: .milliseconds(1), clock: .continuous)
        try await Task.sleep(for: .milliseconds(1), clock: .suspending)
    }
}

extension Result where Failure == any Error {
    /// The outcome of an asynchronous operation as a value.
    fileprivate static func catching(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
