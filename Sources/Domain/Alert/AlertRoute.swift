public import Foundation

/// Which alerts of a channel share a notification.
public enum AlertGrouping: String, Sendable, Codable, CaseIterable {
    case issue, project, sprint, rule
}

/// How long notifications of a group wait, in seconds.
public struct AlertGroupTiming: Sendable, Hashable {
    /// From a group's first alert to its notification, so that what belongs together comes together.
    public var wait: Int
    /// From a notification of a group to the next one.
    public var interval: Int
    /// From a notification of a group to its repetition, where its alerts still hold; 0 for none.
    public var repeatInterval: Int

    public init(wait: Int, interval: Int, repeatInterval: Int = 0) {
        self.wait = wait
        self.interval = interval
        self.repeatInterval = repeatInterval
    }

    /// The shorter of two repeat intervals, where 0 stands for never.
    public static func moreOften(_ one: Int, _ other: Int) -> Int {
        one == 0 || other == 0 ? max(one, other) : min(one, other)
    }
}

/// A node of a tenant's routing tree, as Alertmanager's: an alert goes to the first of `routes` that matches it, or from there
/// on to the next ones where `continues` says so; where none matches, to the node itself.
public struct AlertRoute: Sendable, Hashable {
    /// All must match; the root has none.
    public var matchers: [AlertMatcher]
    /// Where alerts go that stop here. Empty for those of the parent; at the root, for all enabled channels.
    public var channelIDs: [UUID]
    /// Nil for the parent's; at the root, by issue.
    public var groupBy: AlertGrouping?
    /// Seconds; nil for the parent's; at the root, the host's `alerts.group_wait_seconds`.
    public var groupWait: Int?
    /// Seconds; nil for the parent's; at the root, the host's `alerts.group_interval_seconds`.
    public var groupInterval: Int?
    /// Seconds; nil for the parent's; at the root, the host's `alerts.repeat_interval_seconds`; 0 for no repetition.
    public var repeatInterval: Int?
    /// Whether the routes after this one are tried too.
    public var continues: Bool
    /// In the order in which they are tried.
    public var routes: [AlertRoute]

    public init(
        matchers: [AlertMatcher] = [], channelIDs: [UUID] = [], groupBy: AlertGrouping? = nil, groupWait: Int? = nil,
        groupInterval: Int? = nil, repeatInterval: Int? = nil, continues: Bool = false, routes: [AlertRoute] = []
    ) {
        self.matchers = matchers
        self.channelIDs = channelIDs
        self.groupBy = groupBy
        self.groupWait = groupWait
        self.groupInterval = groupInterval
        self.repeatInterval = repeatInterval
        self.continues = continues
        self.routes = routes
    }

    /// The node and all below it.
    public var count: Int { routes.reduce(1) { $0 + $1.count } }
    /// Levels of nodes: 1 for one without routes.
    public var depth: Int { 1 + (routes.map(\.depth).max() ?? 0) }
    /// All channels that it and those below it name.
    public var allChannelIDs: Set<UUID> { routes.reduce(into: Set(channelIDs)) { $0.formUnion($1.allChannelIDs) } }
}

/// Keeps notifications of matching alerts back for a time.
public struct AlertSilence: Sendable, Hashable {
    /// Where a silence stands at an instant.
    public enum State: String, Sendable, Codable, CaseIterable {
        case pending, active, expired
    }

    /// Chosen by consilod.
    public var id: UUID
    /// All must match; at least one.
    public var matchers: [AlertMatcher]
    /// From when on.
    public var startsAt: Timestamp
    /// Until when; after `startsAt`.
    public var endsAt: Timestamp
    /// Who made it, by the name of the actor.
    public var createdBy: String
    /// Why, in the words of who made it.
    public var reason: String
    /// When it was made.
    public var createdAt: Timestamp

    public init(
        id: UUID, matchers: [AlertMatcher], startsAt: Timestamp, endsAt: Timestamp, createdBy: String, reason: String,
        createdAt: Timestamp
    ) {
        self.id = id
        self.matchers = matchers
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.createdBy = createdBy
        self.reason = reason
        self.createdAt = createdAt
    }

    /// Where it stands at `now`.
    public func state(at now: Timestamp) -> State {
        now < startsAt ? .pending : now < endsAt ? .active : .expired
    }

    /// Whether it keeps back an alert with these labels at `now`.
    public func silences(_ labels: AlertLabels, at now: Timestamp) -> Bool {
        state(at: now) == .active && matchers.allSatisfy { $0.matches(labels) }
    }
}

/// All that decides where the alerts of a tenant go.
public struct AlertRouting: Sendable, Hashable {
    /// All channels, in any order.
    public var channels: [AlertChannel]
    /// The root of the routing tree.
    public var root: AlertRoute
    /// Those that have not expired.
    public var silences: [AlertSilence]

    public init(channels: [AlertChannel], root: AlertRoute = AlertRoute(), silences: [AlertSilence] = []) {
        self.channels = channels
        self.root = root
        self.silences = silences
    }
}
