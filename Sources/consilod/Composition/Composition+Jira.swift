import Domain
import JiraCloud
import Logging
import Store

extension Composition {
    /// What makes calls to the tenants' Jiras.
    struct JiraPart {
        let connections: JiraConnections
        let synchronizer: JiraSynchronizer
        let search: JiraSearch
        let administration: WebhookAdministration
    }

    func makeJira(_ store: RiskStore, publicDoor: PublicDoor?, _ wakeUps: WakeUpPart) -> JiraPart {
        let connections = makeConnections(store)
        let synchronizer = JiraSynchronizer(
            store: store, connections: connections, options: configuration.jira.options,
            nudges: wakeUps.jira.stream, now: { .now },
            alertOfStop: { try await AccessAlert(store: store).alert(for: $0, reason: $1, now: .now) },
            wakeUps: wakeUps.everywhere, logger: Logger(label: "jira"))
        return JiraPart(
            connections: connections, synchronizer: synchronizer,
            search: JiraSearch(
                store: store, connections: connections, isEnabled: configuration.jira.isEnabled,
                wakeUps: wakeUps.everywhere),
            administration: WebhookAdministration(
                store: store, vault: vault, connections: connections, door: publicDoor,
                wakeUps: wakeUps.everywhere, logger: Logger(label: "jira")))
    }

    private func makeConnections(_ store: RiskStore) -> JiraConnections {
        let connections = JiraConnections(
            transport: JiraTransport(
                policy: AddressPolicy(allowedHosts: Set(configuration.jira.allowedHosts)),
                metrics: JiraCallMetrics(factory: registry)),
            options: .init(
                fields: configuration.fields, callsAtOnce: configuration.jira.callsAtOnce,
                gatewayURL: configuration.jira.gatewayURL ?? JiraClient.atlassianGateway),
            credentials: { try await store.jiraCredentials($0) }, openToken: open)
        cleanups.onStop("the Jira clients") { try await connections.shutdown() }
        return connections
    }
}
