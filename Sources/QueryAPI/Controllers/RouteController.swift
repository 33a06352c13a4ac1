import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// The routing tree of a tenant: which alerts go to which channels, and which share a notification.
struct RouteController: Sendable {
    /// Levels of the tree.
    private static let depthLimit = 5

    var store: any QueryStore
    /// Most nodes of the tree.
    var nodeLimit: Int

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/alert-routes", use: show)
        group.put("/api/alert-routes", use: replace)
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RouteView> {
        Answer(RouteView(try await store.alertRoute(try context.tenant.id)))
    }

    @Sendable private func replace(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RouteView> {
        let tenantID = try context.tenant(to: .manage).id
        var fields = try await RequestFields(bodyOf: request)
        let root = Self.route(from: &fields, depth: 1)
        if !root.matchers.isEmpty {
            fields.reject("matchers", "must be empty at the root, which takes what no route takes")
        }
        if root.continues { fields.reject("continue", "has no meaning at the root") }
        let known = Set(try await store.alertChannels(tenantID).map(\.id))
        if !known.isSuperset(of: root.allChannelIDs) {
            fields.reject("channel_ids", "must name existing alert channels")
        }
        try fields.check()
        guard root.count <= nodeLimit else { throw APIError.limitReached(.alertRoutes, nodeLimit) }
        try await store.saveAlertRoute(tenantID, root, by: try context.principal.actor)
        return Answer(RouteView(root))
    }

    private static func route(from fields: inout RequestFields, depth: Int) -> AlertRoute {
        let matchers = fields.matchers() ?? []
        let channelIDs = fields.optional("channel_ids", .list(.uuid)) ?? []
        let groupBy = fields.optional("group_by", .choice(AlertGrouping.allCases))
        let wait = fields.optional("group_wait_seconds", .integer(0...86_400))
        let interval = fields.optional("group_interval_seconds", .integer(0...604_800))
        let again = fields.optional("repeat_interval_seconds", .integer(0...2_592_000))
        if let again, again != 0, again < 300 {
            fields.reject("repeat_interval_seconds", "must be 0 (never) or at least 300")
        }
        let continues = fields.optional("continue", .bool) ?? false
        let routes = fields.objects("routes", limit: 100) { child -> AlertRoute? in
            guard depth < depthLimit else {
                child.reject("routes", "must not be nested deeper than \(depthLimit) levels")
                return nil
            }
            return route(from: &child, depth: depth + 1)
        }
        fields.rejectUnread("is unknown")
        return AlertRoute(
            matchers: matchers, channelIDs: channelIDs, groupBy: groupBy, groupWait: wait, groupInterval: interval,
            repeatInterval: again, continues: continues, routes: routes ?? [])
    }
}
