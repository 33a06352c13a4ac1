public import Domain
import Logging

/// The clients of the tenants' Jiras, one for each, with its budget.
public actor JiraConnections {
    /// What every client is made with.
    public struct Options: Sendable {
        /// The custom fields that are configured, for sites where they were not discovered.
        public var fields: CustomFields
        /// Calls to one Jira in flight at the same time.
        public var callsAtOnce: Int
        /// Where tokens of service accounts and scoped tokens are taken.
        public var gatewayURL: String

        public init(fields: CustomFields, callsAtOnce: Int, gatewayURL: String = JiraClient.atlassianGateway) {
            self.fields = fields
            self.callsAtOnce = callsAtOnce
            self.gatewayURL = gatewayURL
        }
    }

    private let credentials: @Sendable (TenantID) async throws -> JiraCredentials?
    private let openToken: @Sendable (String) throws -> String
    private let options: Options
    private let transport: JiraTransport
    /// Each with what it was made of.
    private var clients: [TenantID: (client: JiraClient, credentials: JiraCredentials)] = [:]

    /// - Parameters:
    ///   - transport: shared by all clients; closed by ``shutdown()``.
    ///   - credentials: reads a tenant's account, its token encrypted; nil when the tenant is gone.
    ///   - openToken: decrypts a token; throws when no configured key opens it.
    public init(
        transport: JiraTransport, options: Options,
        credentials: @escaping @Sendable (TenantID) async throws -> JiraCredentials?,
        openToken: @escaping @Sendable (String) throws -> String
    ) {
        self.credentials = credentials
        self.openToken = openToken
        self.options = options
        self.transport = transport
    }

    /// The client of a tenant, the same one for as long as its account and its custom fields do not change; nil when the
    /// tenant is gone.
    ///
    /// Throws ``UnreadableJiraToken`` where the token cannot be decrypted, and what reading the credentials throws.
    public func client(for tenantID: TenantID) async throws -> JiraClient? {
        guard let credentials = try await credentials(tenantID) else {
            clients[tenantID] = nil
            return nil
        }
        if let known = clients[tenantID], known.credentials == credentials { return known.client }
        let token: String
        do {
            token = try openToken(credentials.sealedToken)
        } catch {
            throw UnreadableJiraToken()
        }
        // The rate limits that Jira stated hold for the same account, whatever fields it is asked for.
        let known = clients[tenantID].flatMap { $0.credentials.isSameAccount(as: credentials) ? $0.client.budget : nil }
        var mapping = credentials.fields ?? options.fields
        mapping.own = credentials.own
        let client = JiraClient(
            account: JiraAccount(siteURL: credentials.siteURL, email: credentials.email, token: token),
            transport: transport, budget: known ?? JiraBudget(limits: .init(concurrency: options.callsAtOnce)),
            fieldMapping: mapping, gatewayURL: options.gatewayURL,
            logger: Logger(label: "jira"))
        clients[tenantID] = (client, credentials)
        return client
    }

    /// Closes all connections; no call may follow.
    public func shutdown() async throws { try await transport.shutdown() }
}

/// A tenant's Jira token that none of the configured keys decrypts.
public struct UnreadableJiraToken: Error, CustomStringConvertible {
    public var description: String { "the tenant's Jira token cannot be decrypted with the configured keys" }
}
