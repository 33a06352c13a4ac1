public import Domain

/// What the overview needs of the store.
public protocol OverviewStore: Sendable {
    /// What it shows as it is now, at most `alertLimit` open alerts among it.
    func overview(_ id: TenantID, alertLimit: Int) async throws -> OverviewFigures
}
