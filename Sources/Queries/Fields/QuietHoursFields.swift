public import Domain
import Foundation

extension RequestFields {
    /// The quiet hours of a channel; nil when the field is absent, null or invalid.
    public mutating func quietHours() -> QuietHours? {
        object("quiet_hours") { fields in
            let zone = fields.required("time_zone", .timeZone)
            let spans = fields.objects("spans", limit: 20) { Self.span(from: &$0) }
            let dates = fields.optional("dates", .list(.date)) ?? []
            let breakthrough = fields.optional("breakthrough", .choice([RiskBand.high, .medium]))
            fields.rejectUnread("is unknown")
            guard let zone else { return nil }
            return QuietHours(
                timeZone: zone, spans: spans ?? [], dates: Set(dates), breakthrough: breakthrough)
        }
    }

    private static func span(from fields: inout RequestFields) -> QuietHours.Span? {
        let weekdays = fields.optional("weekdays", .list(.integer(1...7))) ?? Array(1...7)
        let from = fields.required("from", .timeOfDay)
        let to = fields.required("to", .timeOfDay)
        fields.rejectUnread("is unknown")
        if let from, from == 1440 { fields.reject("from", "must be before 24:00") }
        if to == 0 { fields.reject("to", "must be after 00:00; 24:00 is the end of the day") }
        guard let from, let to else { return nil }
        return QuietHours.Span(weekdays: Set(weekdays), from: from, to: to)
    }
}

extension FieldParser where Value == String {
    /// The IANA name of a time zone that this host knows.
    public static var timeZone: FieldParser {
        FieldParser { value throws(Mismatch) in
            let name = try FieldParser.text(1...100).parse(value)
            guard TimeZone(identifier: name) != nil else {
                throw Mismatch(message: "must be a time zone such as Europe/Warsaw")
            }
            return name
        }
    }
}

extension FieldParser where Value == Int {
    /// `HH:MM` from 00:00 to 24:00, as minutes after midnight.
    static var timeOfDay: FieldParser {
        FieldParser { value throws(Mismatch) in
            guard case .string(let text) = value, let match = text.wholeMatch(of: /([0-9]{2}):([0-9]{2})/),
                let hour = Int(match.output.1), let minute = Int(match.output.2), minute < 60,
                hour * 60 + minute <= 1440
            else { throw Mismatch(message: "must be a time such as 18:30") }
            return hour * 60 + minute
        }
    }
}
