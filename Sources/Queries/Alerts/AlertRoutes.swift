public import Domain
import Foundation

/// The routing tree of a tenant: which alerts go to which channels, and which share a notification. All throw ``QueryError``,
/// ``RequestError``, and what the store throws.
public struct AlertRoutes: Sendable {
    private let store: any QueryStore
    private let nodeLimit: Int

    /// - Parameter nodeLimit: most nodes of the tree.
    public init(store: any QueryStore, nodeLimit: Int) {
        self.store = store
        self.nodeLimit = nodeLimit
    }

    /// The root.
    public func root(for principal: Principal) async throws -> AlertRoute {
        try await store.alertRoute(try principal.tenant(to: .read).id)
    }

    /// Replaces the whole tree by that of a request.
    public func replace(_ fields: RequestFields, by principal: Principal) async throws -> AlertRoute {
        let tenantID = try principal.tenant(to: .manage).id
        var fields = fields
        let root = fields.route()
        if !root.matchers.isEmpty {
            fields.reject("matchers", "must be empty at the root, which takes what no route takes")
        }
        if root.continues { fields.reject("continue", "has no meaning at the root") }
        let known = Set(try await store.alertChannels(tenantID).map(\.id))
        if !known.isSuperset(of: root.allChannelIDs) {
            fields.reject("channel_ids", "must name existing alert channels")
        }
        try fields.check()
        return try await save(root, of: tenantID, by: principal)
    }

    /// Changes the tree.
    ///
    /// - Parameters:
    ///   - seen: the tree on which the change rests. Throws ``RequestError/routesChanged`` where it is another one now.
    ///   - change: false where there is nothing to change.
    public func change(
        _ seen: AlertRouteVersion, by principal: Principal, _ change: (inout AlertRoute) throws -> Bool
    ) async throws -> AlertRoute {
        let tenantID = try principal.tenant(to: .manage).id
        var root = try await store.alertRoute(tenantID)
        guard AlertRouteVersion(root) == seen, try change(&root) else { throw RequestError.routesChanged }
        return try await save(root, of: tenantID, by: principal)
    }

    /// Changes the node at a place of the tree, or adds one there, to what a request says of it; the routes below it stay.
    ///
    /// - Parameters:
    ///   - place: of the node; for a new one, of its parent.
    ///   - seen: as for ``change(_:by:_:)``.
    public func set(
        _ place: AlertRoutePlace, isNew: Bool, _ fields: RequestFields, seen: AlertRouteVersion,
        by principal: Principal
    ) async throws -> AlertRoute {
        let tenantID = try principal.tenant(to: .manage).id
        var fields = fields
        var node = fields.route()
        let isRoot = place.isRoot && !isNew
        if isRoot, !node.matchers.isEmpty {
            fields.reject("matchers", "must be empty at the root, which takes what no route takes")
        }
        if !isRoot, node.matchers.isEmpty { fields.reject("matchers", "must have at least one matcher") }
        if place.depth + (isNew ? 1 : 0) > RequestFields.routeDepth {
            fields.reject("routes", "must not be nested deeper than \(RequestFields.routeDepth) levels")
        }
        let known = Set(try await store.alertChannels(tenantID).map(\.id))
        if !known.isSuperset(of: node.channelIDs) {
            fields.reject("channel_ids", "must name existing alert channels")
        }
        try fields.check()
        return try await change(seen, by: principal) { root in
            root.change(at: place) { old in
                if isNew {
                    old.routes.append(node)
                } else {
                    node.routes = old.routes
                    old = node
                }
            }
        }
    }

    private func save(_ root: AlertRoute, of tenantID: TenantID, by principal: Principal) async throws -> AlertRoute {
        guard root.count <= nodeLimit else { throw RequestError.limitReached(.alertRoutes, limit: nodeLimit) }
        try await store.saveAlertRoute(tenantID, root, by: principal.actor)
        return root
    }
}

/// Which tree of routes somebody has seen. Two are the same only where all of their nodes are.
public struct AlertRouteVersion: Sendable, Hashable {
    /// For the field of a form.
    public let text: String

    public init(text: String) { self.text = text }

    public init(_ root: AlertRoute) {
        // FNV-1a of the nodes in their order: it tells one's own changes apart, and protects nothing.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(root)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        text = String(hash, radix: 16)
    }
}

/// Where a node is in the tree of routes: its number among those of its parent, from 0, and so on from the root.
public struct AlertRoutePlace: Sendable, Hashable {
    /// From the root down; empty for the root.
    public var numbers: [Int]

    /// The root.
    public static let root = AlertRoutePlace([])

    public init(_ numbers: [Int]) { self.numbers = numbers }

    /// `0.2`, and the empty text for the root; nil for anything else.
    public init?(text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        let numbers = parts.compactMap(\.self).filter { $0 >= 0 }
        guard text.isEmpty || numbers.count == parts.count else { return nil }
        self.numbers = numbers
    }

    /// As ``init(text:)`` reads it.
    public var text: String { numbers.map(String.init).joined(separator: ".") }
    /// Whether it is that of the root.
    public var isRoot: Bool { numbers.isEmpty }
    /// Levels of nodes down to it: 1 for the root.
    public var depth: Int { numbers.count + 1 }
    /// The place of its parent; the root's own for the root.
    public var parent: AlertRoutePlace { AlertRoutePlace(numbers.dropLast()) }
    /// The place of one of its routes.
    public func child(_ number: Int) -> AlertRoutePlace { AlertRoutePlace(numbers + [number]) }
}

extension AlertRoute {
    /// The node at a place; nil where the tree has no such place.
    public func node(at place: AlertRoutePlace) -> AlertRoute? {
        place.numbers.reduce(self) { node, number in
            guard let node, node.routes.indices.contains(number) else { return nil }
            return node.routes[number]
        }
    }

    /// Changes the node at a place; false for a place that is not in the tree.
    public mutating func change(at place: AlertRoutePlace, _ body: (inout AlertRoute) -> Void) -> Bool {
        guard let first = place.numbers.first else {
            body(&self)
            return true
        }
        guard routes.indices.contains(first) else { return false }
        return routes[first].change(at: AlertRoutePlace(Array(place.numbers.dropFirst())), body)
    }

    /// Moves a node among those of its parent by so many places, and not further than to the first or last; false for a
    /// place that is not in the tree, and for the root.
    public mutating func move(_ place: AlertRoutePlace, by offset: Int) -> Bool {
        guard let number = place.numbers.last, node(at: place) != nil else { return false }
        return change(at: place.parent) { parent in
            let node = parent.routes.remove(at: number)
            parent.routes.insert(node, at: min(max(number + offset, 0), parent.routes.count))
        }
    }

    /// Removes a node with all below it; false for a place that is not in the tree, and for the root.
    public mutating func remove(at place: AlertRoutePlace) -> Bool {
        guard let number = place.numbers.last, node(at: place) != nil else { return false }
        return change(at: place.parent) { $0.routes.remove(at: number) }
    }
}
