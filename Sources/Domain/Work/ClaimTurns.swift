/// Whose issues are claimed next, where more are due than can be claimed at once.
public struct ClaimTurns: Sendable, Hashable {
    /// Tenants that have no turn, as enough of theirs is claimed already.
    public var full: Set<TenantID>
    /// The tenant that had the last turn; nil before the first.
    public var last: TenantID?

    public init(full: Set<TenantID> = [], last: TenantID? = nil) {
        self.full = full
        self.last = last
    }
}
