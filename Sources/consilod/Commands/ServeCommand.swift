import ArgumentParser
import CSystemd
import Domain
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals
import WebhookIngest

/// Runs the daemon.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the daemon: receive webhooks, score issues, send alerts, answer queries.",
        discussion: """
            Settings come from the environment (CONSILOD_HTTP_PORT for http.port), systemd credentials, and the YAML \
            file, in this order of precedence. DATABASE_URL, ENCRYPTION_KEY and PORT are read too. SIGTERM drains and \
            exits 0; SIGHUP reloads the log level, the webhook secrets and the model.
            """)

    @Option(
        name: .shortAndLong, help: "YAML configuration file. Default with --check: /etc/consilod/consilod.yaml."
    )
    var config: String?

    @Flag(
        help: """
            Check the configuration, print the result, and exit. Beside an installed service the secrets are read from \
            /etc/consilod/credentials too.
            """)
    var check = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard !check else { return try await check(environment) }
        // Before any secret is read: a core dump, or another process of this user, would show it.
        let isClosed = consilod_forbid_dumps() == 0
        // Only memory is at stake.
        _ = consilod_return_large_blocks()
        let notifier = SystemdNotifier()
        do {
            let reload = Reload(file: config, environment: Secret(environment))
            let configuration = try await reload.read()
            LogOutput.bootstrap(level: configuration.logLevel)
            if !isClosed { Logger(label: "daemon").warning("cannot forbid core dumps") }
            let daemon = try await Daemon.make(
                configuration: configuration, reload: reload, notifier: notifier, socket: try InheritedSocket.take())
            try await daemon.run()
            SystemdNotifier.flush()
        } catch {
            notifier.failed(error)
            throw error
        }
    }

    /// Reads the configuration as the service of this host would, whichever user runs this.
    private func check(_ given: [String: String]) async throws {
        let environment = InstalledFiles.environment(given)
        let file = config ?? InstalledFiles.configuration
        let configuration = try DaemonConfiguration(
            try await Settings(file: file, environment: environment), environment: environment,
            missingSecrets: InstalledFiles.isBesideService(given) ? .noted : .refused)
        for secret in configuration.missingSecrets { print("\(secret) is \(DaemonConfiguration.notReadableHere)") }
        print("the configuration is valid\(file.map { ": \($0)" } ?? "")")
    }
}

/// Where the configuration comes from, to read it again.
struct Reload: Sendable, CustomStringConvertible {
    let file: String?
    let environment: Secret<[String: String]>

    /// Without the environment: it holds secrets, and services are logged with all they hold.
    var description: String { "Reload(file: \(file ?? "none"))" }

    func read() async throws -> DaemonConfiguration {
        let environment = environment.revealed
        return try DaemonConfiguration(
            try await Settings(file: file, environment: environment), environment: environment)
    }
}

/// On SIGHUP reloads the log level, and the model where the one in its folder has changed. The cached webhook secrets are
/// dropped too. A malformed configuration is reported and changes nothing.
struct ReloadOnSignal: Service, CustomStringConvertible {
    let reload: Reload
    let secrets: WebhookSecretCache
    let model: ModelHost
    let notifier: SystemdNotifier
    let logger: Logger
    /// Called when another model has been loaded.
    let onModelChanged: @Sendable () async -> Void

    var description: String { "ReloadOnSignal" }

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            notifier.reloading()
            do {
                let configuration = try await reload.read()
                LogOutput.setLevel(configuration.logLevel)
                await secrets.invalidateAll()
                if try await notifier.extendingTimeout(during: { await model.refresh() }) { await onModelChanged() }
                logger.notice("configuration reloaded; keys other than log.level need a restart")
                notifier.ready(status: "configuration reloaded")
            } catch {
                logger.error("cannot reload the configuration; nothing changed", metadata: ["error": "\(error)"])
                notifier.ready(status: "cannot reload the configuration: \(error)")
            }
        }
    }
}
