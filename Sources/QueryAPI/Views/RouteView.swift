import Domain
import Foundation

/// A condition of a route or a silence.
struct MatcherView: Encodable, Sendable {
    var name: AlertMatcher.Name
    var isEqual: Bool
    var values: [String]

    init(_ matcher: AlertMatcher) {
        self.name = matcher.name
        self.isEqual = matcher.isEqual
        self.values = matcher.values
    }
}

/// A node of the routing tree; null where the parent's holds.
struct RouteView: Encodable, Sendable {
    var matchers: [MatcherView]
    var channelIDs: [String]
    var groupBy: Nullable<AlertGrouping>
    var groupWaitSeconds: Nullable<Int>
    var groupIntervalSeconds: Nullable<Int>
    var repeatIntervalSeconds: Nullable<Int>
    var `continue`: Bool
    var routes: [RouteView]

    // The encoder's snake case would split "IDs".
    private enum CodingKeys: String, CodingKey {
        case matchers, groupBy, groupWaitSeconds, groupIntervalSeconds, repeatIntervalSeconds, `continue`, routes
        case channelIDs = "channel_ids"
    }

    init(_ route: AlertRoute) {
        self.matchers = route.matchers.map(MatcherView.init)
        self.channelIDs = route.channelIDs.map(\.canonicalText)
        self.groupBy = Nullable(route.groupBy)
        self.groupWaitSeconds = Nullable(route.groupWait)
        self.groupIntervalSeconds = Nullable(route.groupInterval)
        self.repeatIntervalSeconds = Nullable(route.repeatInterval)
        self.continue = route.continues
        self.routes = route.routes.map(RouteView.init)
    }
}

/// A silence, and where it stands.
struct SilenceView: Encodable, Sendable {
    var id: String
    var state: AlertSilence.State
    var matchers: [MatcherView]
    var startsAt: Timestamp
    var endsAt: Timestamp
    var createdBy: String
    var reason: String
    var createdAt: Timestamp

    init(_ silence: AlertSilence, at now: Timestamp) {
        self.id = silence.id.canonicalText
        self.state = silence.state(at: now)
        self.matchers = silence.matchers.map(MatcherView.init)
        self.startsAt = silence.startsAt
        self.endsAt = silence.endsAt
        self.createdBy = silence.createdBy
        self.reason = silence.reason
        self.createdAt = silence.createdAt
    }
}
