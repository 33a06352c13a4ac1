public import Domain

/// The people of a tenant, for its owners. All methods throw ``QueryError``, ``RequestError``, and what the store throws.
public struct Members: Sendable {
    private let store: any PeopleStore
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp

    /// - Parameter wakeUps: tells open pages that their session may have ended.
    public init(store: any PeopleStore, wakeUps: WakeUps, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.wakeUps = wakeUps
        self.now = now
    }

    /// Owners first.
    public func all(for principal: Principal) async throws -> [Member] {
        try await store.members(try principal.tenant(to: .administer).id)
    }

    /// Gives one another role, which holds from the next request on.
    public func setRole(of id: UserID, _ fields: RequestFields, by principal: Principal) async throws -> Member {
        let tenantID = try principal.tenant(to: .administer).id
        // What is not there is said first, whatever else is wrong.
        guard try await store.member(id, of: tenantID) != nil else { throw RequestError.unknownMember }
        var fields = fields
        let role = try fields.required(("role", .choice(Role.ofTenants)))
        switch try await store.setMemberRole(tenantID, userID: id, role, by: principal.actor, now: now()) {
        case .unknown: throw RequestError.unknownMember
        case .lastOwner: throw RequestError.lastOwner
        case .fromClaim: throw RequestError.roleFromClaim
        case .changed(let member):
            await wakeUps.tenantChanged(tenantID)
            return member
        }
    }

    /// Ends a membership at once, with the person's sessions in the tenant.
    public func remove(_ id: UserID, by principal: Principal) async throws {
        let tenantID = try principal.tenant(to: .administer).id
        switch try await store.removeMember(tenantID, userID: id, by: principal.actor, now: now()) {
        case .unknown: throw RequestError.unknownMember
        case .lastOwner: throw RequestError.lastOwner
        case .removed: await wakeUps.tenantChanged(tenantID)
        }
    }
}
