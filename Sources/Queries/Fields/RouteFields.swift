public import Domain

extension RequestFields {
    /// Levels of a tree of routes.
    public static let routeDepth = 5

    /// Reads a node of a routing tree with the nodes below it; errors are noted.
    public mutating func route() -> AlertRoute { Self.route(from: &self, depth: 1) }

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
            guard depth < routeDepth else {
                child.reject("routes", "must not be nested deeper than \(routeDepth) levels")
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
