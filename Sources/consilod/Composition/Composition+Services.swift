import Alerts
import Domain
import Logging
import Queries
import RiskEngine
import ServiceLifecycle
import UnixSignals
import WorkLoop

extension Composition {
    /// What is in flight after the shutdown timeout is interrupted; a mail that is being sent notices within a second.
    static let longestCancellation = Duration.seconds(15)

    func makeReload(
        _ reload: Reload, model: ModelHost, engine: EnginePart, _ wakeUps: WakeUpPart
    ) -> ReloadOnSignal {
        let rescorer = engine.rescorer
        return ReloadOnSignal(
            reload: reload, secrets: wakeUps.secrets, model: model, notifier: notifier, logger: logger,
            onModelChanged: {
                await rescorer.queueStaleAnalyses()
                wakeUps.here.issues()
            })
    }

    func makeHousekeeper(_ store: StorePart, engine: EnginePart) -> Housekeeper {
        let analyst = engine.analyst
        return Housekeeper(
            store: store.store, policy: configuration.retention, currentModel: { analyst.engine.model },
            now: { [clock] in clock.doubt == nil ? clock.now : nil }, logger: Logger(label: "housekeeping"))
    }

    func makeRiskPictureWorker(_ store: StorePart) -> RiskPictureWorker {
        RiskPictureWorker(
            store: store.store, now: { [clock] in clock.now },
            executor: { [threads] in threads.executor(for: $0) }, logger: Logger(label: "pictures"))
    }

    func makeKeyUseWriter(_ store: StorePart, _ uses: APIKeyUses) -> KeyUseWriter {
        KeyUseWriter(store: store.store, uses: uses, logger: Logger(label: "keys"))
    }

    func makeSealedWatch(_ store: StorePart) -> SealedWatch {
        SealedWatch(store: store.store, vault: vault, board: sealed, logger: Logger(label: "daemon"))
    }

    func makeClockWatch(_ store: StorePart, _ wakeUps: WakeUpPart) -> ClockWatch {
        ClockWatch(clock: clock, store: store.store, wakeUps: wakeUps.everywhere, logger: Logger(label: "clock"))
    }

    /// One group of services: when one ends or fails, all shut down, the last of the list first.
    func makeGroup(_ services: [any Service]) -> ServiceGroup {
        var group = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = configuration.shutdownTimeout
        // Beyond this limit the service group crashes on purpose.
        group.maximumCancellationDuration = Self.longestCancellation
        return ServiceGroup(configuration: group)
    }
}
