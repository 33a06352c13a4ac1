public import Domain
public import Foundation

/// Silences: alerts whose notifications are kept back for a time. All throw ``QueryError``, ``RequestError``, and what the store
/// throws.
public struct AlertSilences: Sendable {
    /// What a silence is made of, before it is made.
    public struct Draft: Sendable, Hashable {
        /// At least one.
        public var matchers: [AlertMatcher]
        /// From when on.
        public var startsAt: Timestamp
        /// Until when; after `startsAt`.
        public var endsAt: Timestamp
        /// Why, in the words of who makes it.
        public var reason: String
    }

    /// What of the newest alerts a silence would have kept back.
    public struct Preview: Sendable, Hashable {
        /// How many alerts were looked at.
        public var lookedAt: Int
        /// Those that match, newest first.
        public var matching: [Alert]
    }

    /// The longest silence.
    private static let longestDays = 366
    /// Alerts that a preview looks at.
    private static let previewLimit = 200
    /// The reason of a silence that has no other.
    private static let snoozed = "snoozed"

    private let store: any QueryStore

    public init(store: any QueryStore) { self.store = store }

    /// Those that end last first.
    public func page(
        after cursor: String?, limit: Int, for principal: Principal
    ) async throws -> Page<AlertSilence> {
        try await store.alertSilences(try principal.tenant(to: .read).id, after: cursor, limit: limit)
    }

    /// One of them.
    public func silence(_ id: UUID, for principal: Principal) async throws -> AlertSilence {
        guard let silence = try await store.alertSilence(try principal.tenant(to: .read).id, silenceID: id) else {
            throw RequestError.unknownSilence
        }
        return silence
    }

    /// Reads a silence from the fields of a request; saves nothing.
    public func read(_ fields: RequestFields, at now: Timestamp) throws -> Draft {
        var fields = fields
        let matchers = fields.matchers() ?? []
        if matchers.isEmpty { fields.reject("matchers", "must have at least one matcher") }
        let startsAt = fields.optional("starts_at", .timestamp) ?? now
        let endsAt = fields.required("ends_at", .timestamp)
        if let endsAt, endsAt <= max(startsAt, now) {
            fields.reject("ends_at", "must be after starts_at, and in the future")
        } else if let endsAt, endsAt > startsAt.adding(days: Self.longestDays) {
            fields.reject("ends_at", "must be at most \(Self.longestDays) days after starts_at")
        }
        let reason = try fields.required(("reason", .text(1...500)))
        fields.rejectUnread("is unknown")
        try fields.check()
        return Draft(matchers: matchers, startsAt: startsAt, endsAt: try fields.present(endsAt), reason: reason)
    }

    /// Which of the newest alerts match, whatever the time of the silence.
    public func preview(_ draft: Draft, for principal: Principal) async throws -> Preview {
        let alerts = try await store.alerts(
            try principal.tenant(to: .read).id, state: nil, issueKey: nil, after: nil, limit: Self.previewLimit
        ).items.map(\.alert)
        let matching = alerts.filter { alert in
            let labels = AlertLabels(of: alert)
            return draft.matchers.allSatisfy { $0.matches(labels) }
        }
        return Preview(lookedAt: alerts.count, matching: matching)
    }

    /// Makes one.
    public func add(_ fields: RequestFields, by principal: Principal, at now: Timestamp) async throws -> AlertSilence {
        let tenantID = try principal.tenant(to: .manage).id
        let draft = try read(fields, at: now)
        let silence = AlertSilence(
            id: UUID(), matchers: draft.matchers, startsAt: draft.startsAt, endsAt: draft.endsAt,
            createdBy: "\(principal.actor)", reason: draft.reason, createdAt: now)
        try await store.addAlertSilence(tenantID, silence, by: principal.actor)
        return silence
    }

    /// Keeps alerts of an issue back for a time. Doing it twice makes one silence.
    public func snooze(
        _ key: IssueKey, for choice: SnoozeChoice, by principal: Principal, at now: Timestamp
    ) async throws -> AlertSilence {
        let tenantID = try principal.tenant(to: .manage).id
        guard let endsAt = choice.end(after: now, timeZone: nil) else {
            throw RequestError.invalid([FieldError(field: "choice", message: "must be a length of time")])
        }
        let silence = AlertSilence(
            id: UUID(), matchers: [AlertMatcher(name: .issue, values: [key.rawValue])], startsAt: now, endsAt: endsAt,
            createdBy: "\(principal.actor)", reason: Self.snoozed, createdAt: now)
        if let known = try await known(silence, of: tenantID, at: now) { return known }
        try await store.addAlertSilence(tenantID, silence, by: principal.actor)
        return silence
    }

    /// An active silence of the same author with the same matchers that ends no more than a minute earlier: a button that is
    /// pressed twice makes one silence.
    public func known(_ silence: AlertSilence, of tenantID: TenantID, at now: Timestamp) async throws -> AlertSilence? {
        try await store.alertRouting(tenantID, now: now).silences.first {
            $0.matchers == silence.matchers && $0.createdBy == silence.createdBy && $0.state(at: now) == .active
                && $0.endsAt >= silence.endsAt.adding(seconds: -60)
        }
    }

    /// Ends one now; it stays in the list as expired.
    public func end(_ id: UUID, by principal: Principal, at now: Timestamp) async throws -> AlertSilence {
        let tenantID = try principal.tenant(to: .manage).id
        let silence = try await store.expireAlertSilence(tenantID, silenceID: id, by: principal.actor, now: now)
        guard let silence else { throw RequestError.unknownSilence }
        return silence
    }
}
