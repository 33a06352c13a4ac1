import Domain
import Foundation
import JiraCloud
import Logging
import Outbound
import Queries
import RiskEngine
import Vault
import WorkLoop

/// What the builders of the daemon's parts have in common: the configuration, and what is made of it alone.
///
/// Each part has a builder of its own in this folder; `Daemon.make` calls them in their order.
struct Composition: Sendable {
    let configuration: DaemonConfiguration
    let notifier: SystemdNotifier
    /// Where a builder registers how what it opened is closed.
    let cleanups: Cleanups
    let vault: Vault
    let scorer: RiskScorer
    let decoder: JiraWebhookDecoder
    /// Counts for all parts.
    let registry = DaemonMetrics.makeRegistry()
    let progress = ProgressBoard()
    let sealed = SealedWatch.Board()
    /// Which time it is, for all parts.
    let clock = TrustedClock()
    /// Where large webhooks and issues are worked on, the tenants in turn.
    let threads = SharedThreads<TenantID>(processors: ProcessInfo.processInfo.activeProcessorCount)
    /// One long computation of a tenant at a time, whichever door asked for it.
    let turns = TenantTurns()
    /// Through which the tenants' Jiras and channels are called.
    let proxies = ProxySettings(environment: ProcessInfo.processInfo.environment)
    let logger = Logger(label: "daemon")

    /// Throws for keys and scoring rules that cannot be used; opens nothing.
    init(_ configuration: DaemonConfiguration, notifier: SystemdNotifier, cleanups: Cleanups) throws {
        self.configuration = configuration
        self.notifier = notifier
        self.cleanups = cleanups
        vault = try Vault(keys: configuration.secrets.encryptionKeys.map(\.revealed))
        scorer = try RiskScorer(configuration.scoring)
        decoder = JiraWebhookDecoder(fields: configuration.fields, isAutomaticReply: AutomaticReply.isOne)
        cleanups.onStop("the threads") { [threads] in try await threads.shutDown() }
    }

    /// Decrypts what the store keeps encrypted.
    var open: @Sendable (String) throws -> String { { [vault] in try vault.open($0) } }

    /// Encrypts what the store is to keep encrypted.
    var seal: @Sendable (String) throws -> String { { [vault] in try vault.seal($0) } }
}
