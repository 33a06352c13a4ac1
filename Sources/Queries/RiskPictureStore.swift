public import Domain

/// What pages need of the figures that a worker keeps.
public protocol RiskPictureStore: Sendable {
    /// The newest picture of a project, or with nil of all; nil before the first. Where it is older than it should be, it is
    /// made again soon.
    func riskPicture(_ id: TenantID, projectKey: String?, now: Timestamp) async throws -> RiskPicture?
}
