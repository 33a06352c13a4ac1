public import Domain

/// What is written into a tenant's Jira, and when. All throw ``QueryError``, ``RequestError``, and what the store throws.
public struct WriteBacks: Sendable {
    private let store: any WriteBackSettingsStore
    private let isEnabled: Bool
    private let configuredFields: CustomFields
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - isEnabled: whether this host calls Jira at all.
    ///   - configuredFields: the custom fields that are read of sites where none were discovered.
    ///   - wakeUps: wakes who writes.
    public init(
        store: any WriteBackSettingsStore, isEnabled: Bool, configuredFields: CustomFields, wakeUps: WakeUps,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.isEnabled = isEnabled
        self.configuredFields = configuredFields
        self.wakeUps = wakeUps
        self.now = now
    }

    /// How the writes stand; nil for an unknown tenant.
    public func status(for principal: Principal) async throws -> WriteBackStatus? {
        try await store.writeBackStatus(try principal.tenant(to: .read).id)
    }

    /// Switches them on, or replaces all that was set; nil for an unknown tenant.
    public func set(_ fields: RequestFields, by principal: Principal) async throws -> WriteBackStatus? {
        let id = try principal.tenant(to: .administer).id
        guard isEnabled else { throw RequestError.jiraDisabled }
        let settings = try Self.settings(fields, read: try await store.jiraFields(id) ?? configuredFields)
        guard try await store.setWriteBack(id, settings, by: principal.actor, now: now()) else { return nil }
        wakeUps.jira()
        return try await store.writeBackStatus(id)
    }

    /// Switches them off; what was written stays in Jira. False where they are off.
    public func end(by principal: Principal) async throws -> Bool {
        let id = try principal.tenant(to: .administer).id
        return try await store.endWriteBack(id, by: principal.actor, now: now())
    }

    private static func settings(_ fields: RequestFields, read: CustomFields) throws -> WriteBackSettings {
        var fields = fields
        let target = fields.required("target", .choice(WriteBackSettings.Target.allCases))
        let key = fields.optional("property_key", .propertyKey)
        let targets = WriteBackSettings.Fields(
            score: fields.optional("score_field", .customField), band: fields.optional("band_field", .customField),
            forecastDate: fields.optional("forecast_date_field", .customField),
            cause: fields.optional("cause_field", .customField))
        let standard = WriteBackSettings(target: .none)
        let points = fields.optional("step_points", .integer(1...100)) ?? standard.stepPoints
        let days = fields.optional("step_days", .integer(1...365)) ?? standard.stepDays
        let minutes = fields.optional("interval_minutes", .integer(1...1440))
        if target == .fields, targets.ids.isEmpty {
            fields.reject(
                "target", "needs at least one of score_field, band_field, forecast_date_field and cause_field")
        }
        if Set(targets.ids).count != targets.ids.count {
            fields.reject("target", "needs a field of its own for each value")
        }
        let named = [
            ("score_field", targets.score), ("band_field", targets.band),
            ("forecast_date_field", targets.forecastDate), ("cause_field", targets.cause),
        ]
        for case (let name, let id?) in named {
            if let use = read.use(of: id) {
                fields.reject(name, "names \(id), which is read as \(use): it must be a field of its own")
            }
        }
        if let target, target != .fields {
            fields.rejectPresent(
                ["score_field", "band_field", "forecast_date_field", "cause_field"], "is for the target fields")
        }
        try fields.check()
        return WriteBackSettings(
            target: try fields.present(target), propertyKey: key ?? standard.propertyKey, fields: targets,
            stepPoints: points, stepDays: days,
            intervalSeconds: minutes.map { Int64($0) * 60 } ?? standard.intervalSeconds)
    }
}

extension FieldParser where Value == String {
    /// The id of a custom field of Jira.
    fileprivate static var customField: FieldParser {
        FieldParser { value throws(Mismatch) in
            let id = try FieldParser.text(1...40).parse(value)
            guard id.wholeMatch(of: /customfield_[0-9]{1,12}/) != nil else {
                throw Mismatch(message: "must be the id of a custom field, as customfield_10100")
            }
            return id
        }
    }

    /// The name of an issue's property; Jira takes at most 255 characters.
    fileprivate static var propertyKey: FieldParser {
        FieldParser { value throws(Mismatch) in
            let key = try FieldParser.text(1...100).parse(value)
            guard key.wholeMatch(of: /[A-Za-z][A-Za-z0-9._-]*/) != nil else {
                throw Mismatch(message: "must be letters, digits, periods, hyphens and underscores, a letter first")
            }
            return key
        }
    }
}
