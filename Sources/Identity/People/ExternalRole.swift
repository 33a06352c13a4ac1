/// A role that a claim of a provider stands for, from the lowest to the highest.
public enum ExternalRole: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Sees, and changes nothing.
    case viewer
    /// Also manages rules, channels and work.
    case manager
    /// Also manages people, keys and secrets.
    case owner

    public static func < (a: ExternalRole, b: ExternalRole) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .manager: 1
        case .owner: 2
        }
    }
}

/// Which roles the values of a claim stand for. Values are compared as they are, in the case that they have.
public struct RoleMapping: Sendable, Hashable {
    /// By a value of the claim.
    public var roles: [String: ExternalRole]
    /// For a person with no value that is listed; nil for no role.
    public var otherwise: ExternalRole?

    /// `owner`, `manager` and `viewer` by their own names.
    public static let byName = RoleMapping(
        Dictionary(uniqueKeysWithValues: ExternalRole.allCases.map { ($0.rawValue, $0) }))

    public init(_ roles: [String: ExternalRole], otherwise: ExternalRole? = nil) {
        self.roles = roles
        self.otherwise = otherwise
    }

    /// The highest role that one of the values stands for.
    public func role(of values: some Sequence<String>) -> ExternalRole? {
        values.compactMap { roles[$0] }.max() ?? otherwise
    }
}
