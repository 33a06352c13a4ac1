public import Domain

/// What the dashboard needs of the store beside ``QueryStore``.
public protocol DashboardStore: QueryStore {
    /// Adds a session or a link. Those of the tenant that have ended are removed, and of more than 500 the oldest.
    func addSignIn(_ signIn: SignIn) async throws
    /// The session of a token whose API key still is the tenant's; nil for none.
    func session(tokenHash: String, now: Timestamp) async throws -> SignIn?
    /// Makes a link a session, once: false where there is no such link, or no more.
    func redeem(linkHash: String, as session: String, until endsAt: Timestamp, now: Timestamp) async throws -> Bool
    /// Ends a session; one that does not exist has ended already.
    func endSession(tokenHash: String) async throws
    /// The open issues of each project by band, the projects with the most at high risk first.
    func projectRisks(_ id: TenantID) async throws -> [ProjectRisk]
}
