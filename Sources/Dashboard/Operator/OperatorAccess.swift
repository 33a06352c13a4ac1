public import Domain
public import Queries

/// How the host's owner gets in, and what the owner's pages need beside the store.
public struct OperatorAccess: Sendable {
    /// How the host stands.
    public struct HostState: Sendable {
        /// The state of the daemon's parts and of its disk.
        public var checks: [DiagnosticCheck]
        /// What the store told for them; nil where it did not answer.
        public var figures: StoreFigures?

        public init(checks: [DiagnosticCheck], figures: StoreFigures?) {
            self.checks = checks
            self.figures = figures
        }
    }

    /// What is stored of the admin token with the sessions that it opened.
    public var mark: String
    /// Whether a text is the admin token, compared in constant time.
    public var isToken: @Sendable (String) -> Bool
    /// How the host stands; connects to nothing but the store.
    public var hostState: @Sendable () async -> HostState
    /// Reads the rejected webhooks of a tenant again; how many are no longer rejected.
    public var retryRejected: @Sendable (_ tenantID: TenantID, _ actor: Actor) async throws -> Int
    /// Wakes the rescorer.
    public var onRetry: @Sendable () -> Void
    /// Changes what tenants have subscribed to.
    public var subscriptions: Subscriptions

    public init(
        mark: String, isToken: @escaping @Sendable (String) -> Bool,
        hostState: @escaping @Sendable () async -> HostState,
        retryRejected: @escaping @Sendable (_ tenantID: TenantID, _ actor: Actor) async throws -> Int,
        onRetry: @escaping @Sendable () -> Void, subscriptions: Subscriptions
    ) {
        self.mark = mark
        self.isToken = isToken
        self.hostState = hostState
        self.retryRejected = retryRejected
        self.onRetry = onRetry
        self.subscriptions = subscriptions
    }
}
