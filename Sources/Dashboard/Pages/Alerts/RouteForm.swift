import Domain
import Queries

/// A node of the routing tree in a form, as it is saved or as it was entered.
struct RouteForm: Sendable {
    var matchers: [MatcherRow]
    var channels: [FormChoice]
    var groupings: [FormChoice]
    var wait: String
    var interval: String
    var again: String
    var continues: Bool

    init(_ route: AlertRoute, channels: [AlertChannels.Shown]) {
        func text(_ seconds: Int?) -> String { seconds.map(String.init) ?? "" }
        matchers = MatcherRow.rows(route.matchers)
        self.channels = FormChoice.channels(channels, chosen: Set(route.channelIDs.map(\.canonicalText)))
        groupings = FormChoice.all(
            AlertGrouping.self, chosen: route.groupBy?.rawValue, texts: "routes", prefix: "group_")
        wait = text(route.groupWait)
        interval = text(route.groupInterval)
        again = text(route.repeatInterval)
        continues = route.continues
    }

    init(_ form: PostedForm, channels: [AlertChannels.Shown]) {
        matchers = MatcherRow.rows(form)
        self.channels = FormChoice.channels(channels, chosen: Set(form.all("channel_ids")))
        groupings = FormChoice.all(AlertGrouping.self, chosen: form["group_by"], texts: "routes", prefix: "group_")
        wait = form["group_wait_seconds"] ?? ""
        interval = form["group_interval_seconds"] ?? ""
        again = form["repeat_interval_seconds"] ?? ""
        continues = form["continue"] != nil
    }

    static func fields(_ form: PostedForm) -> RequestFields {
        var fields = FormFields(form)
        fields.matchers()
        fields.choices("channel_ids")
        fields.text("group_by", "group_wait_seconds", "group_interval_seconds", "repeat_interval_seconds")
        fields.flag("continue")
        return fields.fields
    }
}

/// A node of the routing tree in the list of routes.
struct RouteRow: Sendable {
    /// `1.2`, for people, who count from 1.
    var number: String
    var place: String
    var matchers: String
    var channels: String
    var details: String
    var isFirst: Bool
    var isLast: Bool
    var isRoot: Bool
    /// Whether another level may be added below it.
    var mayHaveRoutes: Bool
    var editPath: String
    var newPath: String

    /// A node and all below it, in the order in which they are tried; the root comes last, as it takes what no route takes.
    static func all(in root: AlertRoute, channels: [AlertChannels.Shown]) -> [RouteRow] {
        let names = Dictionary(channels.map { ($0.channel.id, $0.channel.name) }) { first, _ in first }
        func rows(of node: AlertRoute, at place: AlertRoutePlace) -> [RouteRow] {
            node.routes.enumerated().flatMap { number, route in
                let child = place.child(number)
                let row = RouteRow(
                    route, at: child, isFirst: number == 0, isLast: number == node.routes.count - 1,
                    channels: route.channelIDs.compactMap { names[$0] })
                return [row] + rows(of: route, at: child)
            }
        }
        let last = RouteRow(
            root, at: .root, isFirst: true, isLast: true, channels: root.channelIDs.compactMap { names[$0] })
        return rows(of: root, at: .root) + [last]
    }

    private init(_ route: AlertRoute, at place: AlertRoutePlace, isFirst: Bool, isLast: Bool, channels: [String]) {
        number = place.numbers.map { "\($0 + 1)" }.joined(separator: ".")
        self.place = place.text
        isRoot = place.isRoot
        matchers = isRoot ? PageTexts.english("routes", "rest") : MatcherRow.sentence(route.matchers)
        self.channels =
            channels.isEmpty
            ? PageTexts.english("routes", isRoot ? "all_channels" : "parents_channels")
            : channels.joined(separator: ", ")
        details = [
            route.groupBy.map { PageTexts.english("routes", "group_\($0.rawValue)") },
            route.groupWait.map { PageTexts.english("routes", "waits", ["time": PageText.duration($0)]) },
            route.groupInterval.map { PageTexts.english("routes", "interval", ["time": PageText.duration($0)]) },
            route.repeatInterval.map {
                $0 == 0
                    ? PageTexts.english("routes", "no_repeat")
                    : PageTexts.english("routes", "repeats", ["time": PageText.duration($0)])
            }, route.continues ? PageTexts.english("routes", "goes_on") : nil,
        ].compactMap(\.self).joined(separator: "; ")
        self.isFirst = isFirst
        self.isLast = isLast
        mayHaveRoutes = place.depth < RequestFields.routeDepth
        editPath = "\(AlertTab.routes.path)/edit?at=\(place.text)"
        newPath = "\(AlertTab.routes.path)/new?at=\(place.text)"
    }
}
