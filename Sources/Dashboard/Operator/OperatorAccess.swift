public import Domain
public import Queries

/// How the host's owner gets in, and what the owner's pages need beside the store.
public struct OperatorAccess: Sendable {
    /// What is stored of the admin token with the sessions that it opened.
    public var mark: String
    /// Whether a text is the admin token, compared in constant time.
    public var isToken: @Sendable (String) -> Bool
    /// The state of the daemon's parts and of its disk; connects to nothing.
    public var checks: @Sendable () async -> [DiagnosticCheck]
    /// Reads the rejected webhooks of a tenant again; how many are no longer rejected.
    public var retryRejected: @Sendable (_ tenantID: TenantID, _ actor: Actor) async throws -> Int
    /// Wakes the rescorer.
    public var onRetry: @Sendable () -> Void
    /// Changes what tenants have subscribed to.
    public var subscriptions: Subscriptions

    public init(
        mark: String, isToken: @escaping @Sendable (String) -> Bool,
        checks: @escaping @Sendable () async -> [DiagnosticCheck],
        retryRejected: @escaping @Sendable (_ tenantID: TenantID, _ actor: Actor) async throws -> Int,
        onRetry: @escaping @Sendable () -> Void, subscriptions: Subscriptions
    ) {
        self.mark = mark
        self.isToken = isToken
        self.checks = checks
        self.retryRejected = retryRejected
        self.onRetry = onRetry
        self.subscriptions = subscriptions
    }
}
