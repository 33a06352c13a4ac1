import Domain
import JiraCloud
import Logging
import Outbound
import Store
import Vault
import WorkLoop

extension Composition {
    /// What makes calls to the tenants' Jiras.
    struct JiraPart {
        let synchronizer: JiraSynchronizer
        let search: JiraSearch
        let administration: WebhookAdministration
        let diagnosis: JiraDiagnosis
        let writer: JiraWriter
        let commenter: JiraCommenter
    }

    func makeJira(_ store: RiskStore, probe: PublicURLProbe?, _ wakeUps: WakeUpPart) -> JiraPart {
        let connections = makeConnections(store)
        let synchronizer = JiraSynchronizer(
            store: store, connections: connections, options: configuration.jira.options,
            nudges: wakeUps.jira.stream, now: { [clock] in clock.now },
            decisionOnStop: { [clock, router] in
                try await store.decisionOnStop(of: $0, because: $1, router: router, now: clock.now)
            },
            wakeUps: wakeUps.everywhere, logger: Logger(label: "jira"))
        let administration = WebhookAdministration(
            store: store, secrets: secretFunctions, connections: connections, probe: probe,
            wakeUps: wakeUps.everywhere, now: { [clock] in clock.now }, logger: Logger(label: "jira"))
        let writer = JiraWriter(
            store: store, connections: connections, options: configuration.jira.writing,
            nudges: wakeUps.writing.stream, now: { [clock] in clock.now },
            metrics: WriteBackMetrics(factory: registry), logger: Logger(label: "jira"))
        return JiraPart(
            synchronizer: synchronizer,
            search: JiraSearch(
                store: store, connections: connections, isEnabled: configuration.jira.isEnabled,
                wakeUps: wakeUps.everywhere, now: { [clock] in clock.now }),
            administration: administration,
            diagnosis: JiraDiagnosis(
                store: store, connections: connections, administration: administration,
                isEnabled: configuration.jira.isEnabled, now: { [clock] in clock.now }),
            writer: writer,
            commenter: JiraCommenter(store: store, connections: connections, now: { [clock] in clock.now }))
    }

    private var secretFunctions: SecretFunctions {
        SecretFunctions(seal: { [vault] in try vault.seal($0) }, open: open, generate: { WebhookSecret.generate() })
    }

    private func makeConnections(_ store: RiskStore) -> JiraConnections {
        let connections = JiraConnections(
            transport: JiraTransport(
                client: OutboundClient(
                    policy: AddressPolicy(allowedHosts: Set(configuration.jira.allowedHosts)), proxies: proxies),
                metrics: JiraCallMetrics(factory: registry)),
            options: .init(
                fields: configuration.fields, callsAtOnce: configuration.jira.callsAtOnce,
                gatewayURL: configuration.jira.gatewayURL ?? JiraClient.atlassianGateway),
            credentials: { try await store.jiraCredentials($0) }, openToken: open)
        cleanups.onStop("the Jira clients") { try await connections.shutdown() }
        return connections
    }
}
