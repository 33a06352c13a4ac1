public import Domain

/// What the dashboard needs of the store beside ``QueryStore``.
public protocol DashboardStore:
    QueryStore, IssueListStore, IssueStoryStore, OperatorStore, OverviewStore, RiskPictureStore, SprintPageStore
{
    /// Adds a session or a link. Those of the tenant that have ended are removed, and of more than 500 the oldest.
    func addSignIn(_ signIn: SignIn, from origin: RequestOrigin?) async throws
    /// The session of a token whose API key is valid; nil for none.
    func session(tokenHash: String, now: Timestamp) async throws -> SignIn?
    /// The session of a token and its tenant, in one query; nil where ``session(tokenHash:now:)`` is.
    func signedIn(tokenHash: String, now: Timestamp) async throws -> SignedIn?
    /// Makes a link a session, once: false where there is no such link, or no more.
    func redeem(
        linkHash: String, as session: String, until endsAt: Timestamp, from origin: RequestOrigin?, now: Timestamp
    ) async throws -> Bool
    /// Ends a session, of a tenant or of the host's owner; one that does not exist has ended already.
    func endSession(tokenHash: String, from origin: RequestOrigin?) async throws
    /// The open issues of each project by band, the projects with the most at high risk first.
    func projectRisks(_ id: TenantID) async throws -> [ProjectRisk]
    /// The open issues of one project by band; nil for a project of which no issue is known.
    func projectRisk(_ id: TenantID, projectKey: String) async throws -> RiskCounts?
}
