import Domain

/// A condition of a route or a silence.
struct StoredAlertMatcher: StoredForm {
    let value: AlertMatcher

    init(_ value: AlertMatcher) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case name, isEqual, values
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = AlertMatcher(
            name: try row.read(.name), isEqual: try row.read(.isEqual), values: try row.read(.values))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.name, .name)
        try row.write(value.isEqual, .isEqual)
        try row.write(value.values, .values)
    }
}

/// `alert_routes.route_json`: the root of a tenant's routing tree.
struct StoredAlertRoute: StoredRow {
    static let version = 1

    let value: AlertRoute

    init(_ value: AlertRoute) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case version = "v"
    }

    init(from decoder: any Decoder) throws {
        _ = try Self.version(of: try decoder.container(keyedBy: CodingKeys.self), .version)
        value = try StoredRouteNode(from: decoder).value
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(Self.version, .version)
        try StoredRouteNode(value).encode(to: encoder)
    }
}

/// A node of the tree.
private struct StoredRouteNode: StoredForm {
    let value: AlertRoute

    init(_ value: AlertRoute) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case matchers, channelIDs, groupBy, groupWait, groupInterval, repeatInterval, continues, routes
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = AlertRoute(
            matchers: try row.readList(.matchers, of: StoredAlertMatcher.self), channelIDs: try row.read(.channelIDs),
            groupBy: try row.readIfPresent(.groupBy), groupWait: try row.readIfPresent(.groupWait),
            groupInterval: try row.readIfPresent(.groupInterval),
            repeatInterval: try row.readIfPresent(.repeatInterval), continues: try row.read(.continues),
            routes: try row.readList(.routes, of: StoredRouteNode.self))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.writeList(value.matchers, .matchers, of: StoredAlertMatcher.self)
        try row.write(value.channelIDs, .channelIDs)
        try row.writeIfPresent(value.groupBy, .groupBy)
        try row.writeIfPresent(value.groupWait, .groupWait)
        try row.writeIfPresent(value.groupInterval, .groupInterval)
        try row.writeIfPresent(value.repeatInterval, .repeatInterval)
        try row.write(value.continues, .continues)
        try row.writeList(value.routes, .routes, of: StoredRouteNode.self)
    }
}

/// `alert_silences.silence_json`.
struct StoredAlertSilence: StoredRow {
    static let version = 1

    let value: AlertSilence

    init(_ value: AlertSilence) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case id, matchers, startsAt, endsAt, createdBy, reason, createdAt
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        _ = try Self.version(of: row, .version)
        value = AlertSilence(
            id: try row.read(.id), matchers: try row.readList(.matchers, of: StoredAlertMatcher.self),
            startsAt: try row.read(.startsAt), endsAt: try row.read(.endsAt), createdBy: try row.read(.createdBy),
            reason: try row.read(.reason), createdAt: try row.read(.createdAt))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(Self.version, .version)
        try row.write(value.id, .id)
        try row.writeList(value.matchers, .matchers, of: StoredAlertMatcher.self)
        try row.write(value.startsAt, .startsAt)
        try row.write(value.endsAt, .endsAt)
        try row.write(value.createdBy, .createdBy)
        try row.write(value.reason, .reason)
        try row.write(value.createdAt, .createdAt)
    }
}

/// `alert_channels.quiet_json`.
struct StoredQuietHours: StoredRow {
    static let version = 1

    let value: QuietHours

    init(_ value: QuietHours) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case timeZone, spans, dates, breakthrough
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        _ = try Self.version(of: row, .version)
        let dates: [CalendarDay] = try row.read(.dates)
        value = QuietHours(
            timeZone: try row.read(.timeZone), spans: try row.readList(.spans, of: StoredQuietSpan.self),
            dates: Set(dates), breakthrough: try row.readIfPresent(.breakthrough))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(Self.version, .version)
        try row.write(value.timeZone, .timeZone)
        try row.writeList(value.spans, .spans, of: StoredQuietSpan.self)
        try row.write(value.dates.sorted(), .dates)
        try row.writeIfPresent(value.breakthrough, .breakthrough)
    }
}

private struct StoredQuietSpan: StoredForm {
    let value: QuietHours.Span

    init(_ value: QuietHours.Span) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case weekdays, from, to
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        let weekdays: [Int] = try row.read(.weekdays)
        value = QuietHours.Span(weekdays: Set(weekdays), from: try row.read(.from), to: try row.read(.to))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.weekdays.sorted(), .weekdays)
        try row.write(value.from, .from)
        try row.write(value.to, .to)
    }
}
