import Domain
import JiraCloud
import Logging
import Outbound
import Store
import Vault

/// The clients of the tenants' Jiras, one for each, with its budget.
actor JiraConnections: JiraConnecting {
    private let store: RiskStore
    private let vault: Vault
    private let configuration: DaemonConfiguration.Jira
    private let fields: CustomFields
    private let transport: JiraTransport
    /// Each with what it was made of.
    private var clients: [TenantID: (client: JiraClient, credentials: JiraCredentials)] = [:]

    /// - Parameters:
    ///   - fields: the custom fields that are configured, for sites where they were not found out.
    ///   - proxies: through which the sites are called.
    ///   - metrics: what is counted of the calls.
    init(
        store: RiskStore, vault: Vault, configuration: DaemonConfiguration.Jira, fields: CustomFields,
        proxies: ProxySettings, metrics: JiraCallMetrics
    ) {
        self.store = store
        self.vault = vault
        self.configuration = configuration
        self.fields = fields
        transport = JiraTransport(
            client: OutboundClient(
                policy: AddressPolicy(allowedHosts: Set(configuration.allowedHosts)), proxies: proxies),
            metrics: metrics)
    }

    func client(for tenantID: TenantID) async throws -> JiraClient? {
        guard let credentials = try await store.jiraCredentials(tenantID) else {
            clients[tenantID] = nil
            return nil
        }
        if let known = clients[tenantID], known.credentials == credentials { return known.client }
        let token: String
        do {
            token = try vault.open(credentials.sealedToken)
        } catch {
            throw ConfigurationError("the tenant's Jira token cannot be decrypted with the configured keys")
        }
        // What Jira said of its limits holds for the same account, whatever fields it is asked for.
        let known = clients[tenantID].flatMap { $0.credentials.isSameAccount(as: credentials) ? $0.client.budget : nil }
        let client = JiraClient(
            account: JiraAccount(siteURL: credentials.siteURL, email: credentials.email, token: token),
            transport: transport, budget: known ?? JiraBudget(limits: .init(concurrency: configuration.callsAtOnce)),
            fieldMapping: credentials.fields ?? fields,
            gatewayURL: configuration.gatewayURL ?? JiraClient.atlassianGateway, logger: Logger(label: "jira"))
        clients[tenantID] = (client, credentials)
        return client
    }

    /// Closes all connections; nothing may be asked after that.
    func shutdown() async throws { try await transport.shutdown() }
}
