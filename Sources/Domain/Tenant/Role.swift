/// A set of permissions under the name that people know: what an API key or a session may do.
///
/// Each role may do what the one before it may.
public enum Role: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Sees everything that is stored of a tenant, and changes nothing.
    case viewer
    /// Also asks for analyses, and changes rules, channels, routes and silences, retries and backfills.
    case manager
    /// Also changes the tenant's account, its access to Jira, its API keys and webhook secrets, and deletes the tenant.
    case owner
    /// The owner of the host: may do all of that for every tenant, and sees the whole host. No API key has this role.
    case `operator`

    /// Those that a tenant can give, the lowest first.
    public static let ofTenants: [Role] = [.viewer, .manager, .owner]

    /// What it may do.
    public var permissions: Set<Permission> { Set(Permission.allCases.filter { Role(lowestWith: $0) <= self }) }

    /// The lowest one with a permission.
    public init(lowestWith permission: Permission) {
        self =
            switch permission {
            case .read: .viewer
            case .analyze, .manage: .manager
            case .administer: .owner
            case .operate: .operator
            }
    }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .manager: 1
        case .owner: 2
        case .operator: 3
        }
    }

    public static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }
}
