public import Domain

extension RequestFields {
    /// The digest of a channel of this kind, nil when the field is absent, null or invalid, and whether alerts go there too.
    public mutating func digest(on kind: AlertChannel.Kind?) -> (schedule: DigestSchedule?, takesAlerts: Bool) {
        let hadErrors = errors.count
        let schedule = object("digest") { Self.schedule(from: &$0) }
        let takesAlerts = optional("alerts", .choice(AlertsOnChannel.allCases)) != AlertsOnChannel.none
        if schedule != nil, let kind, !kind.takesDigests {
            reject("digest", "cannot be sent to a channel of the kind \(kind.rawValue)")
        }
        if !takesAlerts, schedule == nil, errors.count == hadErrors {
            reject("alerts", "can be none only on a channel with a digest")
        }
        return (schedule, takesAlerts)
    }

    private static func schedule(from fields: inout RequestFields) -> DigestSchedule? {
        let every = fields.required("every", .choice(DigestSchedule.Period.allCases))
        let minute = fields.required("at", .timeOfDay)
        let zone = fields.required("time_zone", .timeZone)
        let errorCount = fields.errors.count
        let weekday = fields.optional("weekday", .choice(DigestSchedule.Weekday.allCases))
        let isReadable = fields.errors.count == errorCount
        let projects = fields.optional("projects", .list(.projectKey)) ?? []
        let whenEmpty = fields.optional("when_empty", .choice(EmptyDigest.allCases)) ?? .nothing
        fields.rejectUnread("is unknown")
        if minute == 1440 { fields.reject("at", "must be before 24:00") }
        switch (every, weekday) {
        case (.week, nil) where isReadable: fields.reject("weekday", "is required for a weekly digest")
        case (.day, .some): fields.reject("weekday", "is for a weekly digest")
        default: break
        }
        guard let every, let minute, let zone else { return nil }
        return DigestSchedule(
            every: every, minute: minute, timeZone: zone, weekday: weekday, projectKeys: projects,
            saysWhenEmpty: whenEmpty == .line)
    }
}

/// What comes where a digest has nothing to say.
public enum EmptyDigest: String, Encodable, CaseIterable, Sendable {
    case nothing, line
}

/// Which alerts go to a channel.
public enum AlertsOnChannel: String, Encodable, CaseIterable, Sendable {
    case all, none
}
