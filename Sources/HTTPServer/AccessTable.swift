public import Domain
public import HTTPTypes
public import Hummingbird

/// What a route needs of who calls it.
public struct RouteAccess: Sendable, Hashable {
    /// Who is admitted.
    public enum Admission: Sendable, Hashable {
        /// Anybody, without credentials.
        case anybody
        /// Who has what the route itself looks at: the token of a link, a token for metrics, a form to sign in.
        case ownCredential
        /// Whose role has a permission.
        case permission(Permission)
    }

    /// The method; a route for GET answers HEAD too.
    public var method: HTTPRequest.Method
    /// The path with its parameters in braces: `/api/alert-rules/{id}`.
    public var template: String
    /// Who is admitted.
    public var admission: Admission
    /// Whether it also answers for a tenant that is suspended or cancelled. What does is about the account, which no plan
    /// locks.
    public var admitsInactive: Bool
    /// Whether its answer is also offered as a file, or is one.
    public var offersFile: Bool
    /// Whether it answers whatever the tenant's plan is.
    public var isInEveryPlan: Bool

    public init(
        _ method: HTTPRequest.Method, _ template: String, _ admission: Admission, admitsInactive: Bool = false,
        offersFile: Bool = false, isInEveryPlan: Bool? = nil
    ) {
        self.method = method
        self.template = template
        self.admission = admission
        self.admitsInactive = admitsInactive
        self.offersFile = offersFile
        self.isInEveryPlan = isInEveryPlan ?? admitsInactive
    }

    /// A route that needs a permission.
    public static func needs(
        _ permission: Permission, _ method: HTTPRequest.Method, _ template: String, admitsInactive: Bool = false,
        offersFile: Bool = false, isInEveryPlan: Bool? = nil
    ) -> RouteAccess {
        RouteAccess(
            method, template, .permission(permission), admitsInactive: admitsInactive, offersFile: offersFile,
            isInEveryPlan: isInEveryPlan)
    }

    /// The permission that it needs; nil where it needs none.
    public var permission: Permission? {
        guard case .permission(let permission) = admission else { return nil }
        return permission
    }
}

/// What every route of a door needs, in one place. A route that does not stand here is closed to all.
public struct AccessTable: Sendable {
    /// One for each route.
    public let lines: [RouteAccess]
    private let byTemplate: [String: [HTTPRequest.Method: RouteAccess]]

    public init(_ lines: [RouteAccess]) {
        self.lines = lines
        byTemplate = lines.reduce(into: [:]) { $0[Self.name(of: $1.template), default: [:]][$1.method] = $1 }
    }

    /// What the route needs that a request was routed to; nil for one that does not stand here.
    public func access(of request: Request, _ context: some RequestContext) -> RouteAccess? {
        guard let path = context.endpointPath else { return nil }
        return byTemplate[Self.name(of: path)]?[request.method == .head ? .get : request.method]
    }

    /// Throws ``AccessTableError`` unless every route stands here, and every line is a route.
    ///
    /// - Parameter isServed: whether a line is a route on this host.
    public func check(
        _ routes: [(method: HTTPRequest.Method, path: RouterPath)], isServed: (RouteAccess) -> Bool
    ) throws {
        let names = Set(routes.map { "\($0.method) \(Self.name(of: $0.path.description))" })
        let lines = Set(lines.map { "\($0.method) \(Self.name(of: $0.template))" })
        let needed = Set(self.lines.filter(isServed).map { "\($0.method) \(Self.name(of: $0.template))" })
        let faults = names.subtracting(lines).union(needed.subtracting(names)).sorted()
        guard faults.isEmpty else { throw AccessTableError(faults: faults) }
    }

    /// Without the slash at the start, which routes are registered with or without.
    private static func name(of template: String) -> String { String(template.drop { $0 == "/" }) }
}

/// A table and the routes that it is about differ.
public struct AccessTableError: Error, CustomStringConvertible {
    /// The routes that are in one of both.
    public let faults: [String]

    /// In one line for people.
    public var description: String { "routes without a line in the table of access, or the other way: \(faults)" }
}
