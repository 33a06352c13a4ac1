import Domain
import Foundation
import Queries

/// A channel in a form, as it is saved or as it was entered. What it posts to is never shown.
struct ChannelForm: Sendable {
    struct Span: Sendable {
        var number: Int
        var days: [FormChoice]
        var from: String
        var to: String
    }

    /// Rows of quiet times beyond those that are filled in.
    private static let spareSpans = 1
    private static let mostSpans = 20

    var name: String
    var isEnabled: Bool
    var showsRestricted: Bool
    var takesAlerts: Bool
    var target: String
    var quietZone: String
    var spans: [Span]
    var quietDates: String
    var breakthroughs: [FormChoice]
    var periods: [FormChoice]
    var digestTime: String
    var digestZone: String
    var weekdays: [FormChoice]
    var digestProjects: String
    var saysWhenEmpty: Bool

    /// What a new channel starts with.
    init() {
        self.init(AlertChannel(id: UUID(), kind: .slack, name: "", target: ""), target: "")
    }

    /// - Parameter target: what may be shown of it: a mail channel's addresses.
    init(_ channel: AlertChannel, target: String) {
        let (quiet, digest) = (channel.quietHours, channel.digest)
        name = channel.name
        isEnabled = channel.isEnabled
        showsRestricted = channel.showsRestricted
        takesAlerts = channel.takesAlerts
        self.target = target
        quietZone = quiet?.timeZone ?? ""
        spans = Self.padded(
            (quiet?.spans ?? []).map {
                Span(
                    number: 0, days: Self.days(Set($0.weekdays.map(String.init))), from: Self.time($0.from),
                    to: Self.time($0.to))
            })
        quietDates = (quiet?.dates ?? []).sorted().map(\.description).joined(separator: ", ")
        breakthroughs = Self.breakthroughs(quiet?.breakthrough?.rawValue)
        periods = FormChoice.all(
            DigestSchedule.Period.self, chosen: digest?.every.rawValue, texts: "channels", prefix: "every_")
        digestTime = digest.map { Self.time($0.minute) } ?? ""
        digestZone = digest?.timeZone ?? ""
        weekdays = FormChoice.all(
            DigestSchedule.Weekday.self, chosen: digest?.weekday?.rawValue, texts: "channels", prefix: "day_")
        digestProjects = digest?.projectKeys.joined(separator: ", ") ?? ""
        saysWhenEmpty = digest?.saysWhenEmpty ?? false
    }

    /// As it was entered. Addresses of mail are shown again, and URLs are not, which are secrets.
    init(_ form: PostedForm, kind: AlertChannel.Kind) {
        name = form["name"] ?? ""
        isEnabled = form["enabled"] != nil
        showsRestricted = form["show_restricted"] != nil
        takesAlerts = form["alerts"] != nil
        target = kind == .email ? form["target"] ?? "" : ""
        quietZone = form["quiet_zone"] ?? ""
        spans = Self.padded(
            Self.enteredSpans(form).map {
                Span(number: 0, days: Self.days(Set($0.days)), from: $0.from, to: $0.to)
            })
        quietDates = form["quiet_dates"] ?? ""
        breakthroughs = Self.breakthroughs(form["breakthrough"])
        periods = FormChoice.all(
            DigestSchedule.Period.self, chosen: form["every"], texts: "channels", prefix: "every_")
        digestTime = form["digest_at"] ?? ""
        digestZone = form["digest_zone"] ?? ""
        weekdays = FormChoice.all(
            DigestSchedule.Weekday.self, chosen: form["weekday"], texts: "channels", prefix: "day_")
        digestProjects = form["digest_projects"] ?? ""
        saysWhenEmpty = form["when_empty"] != nil
    }

    static func fields(_ form: PostedForm, kind: AlertChannel.Kind) -> RequestFields {
        var fields = FormFields(form)
        fields["kind"] = .string(kind.rawValue)
        fields.text("name", "target")
        fields.flag("enabled", "show_restricted")
        fields["alerts"] = .string(form["alerts"] == nil ? "none" : "all")
        if form["rotate_secret"] != nil { fields["rotate_secret"] = .bool(true) }
        fields["quiet_hours"] = quietHours(form)
        fields["digest"] = digest(form)
        return fields.fields
    }

    private static func quietHours(_ form: PostedForm) -> FieldValue? {
        let spans = enteredSpans(form).map { span -> FieldValue in
            var fields: [String: FieldValue] = [
                "from": span.from.isEmpty ? .null : .string(span.from),
                "to": span.to.isEmpty ? .null : .string(span.to),
            ]
            if !span.days.isEmpty { fields["weekdays"] = .array(span.days.map { .string($0) }) }
            return .object(fields)
        }
        let dates = FieldValue.words(form["quiet_dates"])
        guard !spans.isEmpty || dates != nil else { return nil }
        return .object([
            "time_zone": form["quiet_zone"].map { .string($0) } ?? .null, "spans": .array(spans),
            "dates": dates ?? .null, "breakthrough": form["breakthrough"].map { .string($0) } ?? .null,
        ])
    }

    private static func digest(_ form: PostedForm) -> FieldValue? {
        guard let every = form["every"] else { return nil }
        func text(_ name: String) -> FieldValue { form[name].map { .string($0) } ?? .null }
        return .object([
            "every": .string(every), "at": text("digest_at"), "time_zone": text("digest_zone"),
            "weekday": every == DigestSchedule.Period.week.rawValue ? text("weekday") : .null,
            "projects": .words(form["digest_projects"]) ?? .null,
            "when_empty": .string(form["when_empty"] == nil ? "nothing" : "line"),
        ])
    }

    private static func enteredSpans(_ form: PostedForm) -> [(days: [String], from: String, to: String)] {
        (1...mostSpans).compactMap { number in
            let (from, to) = (form["span_from_\(number)"] ?? "", form["span_to_\(number)"] ?? "")
            let days = (1...7).map(String.init).filter { form["span_day_\(number)_\($0)"] != nil }
            return from.isEmpty && to.isEmpty ? nil : (days, from, to)
        }
    }

    private static func padded(_ spans: [Span]) -> [Span] {
        let spare = Span(number: 0, days: days([]), from: "", to: "")
        let all = spans + Array(repeating: spare, count: max(0, min(spareSpans, mostSpans - spans.count)))
        return all.enumerated().map { index, span in
            Span(number: index + 1, days: span.days, from: span.from, to: span.to)
        }
    }

    /// Monday is 1.
    private static func days(_ chosen: Set<String>) -> [FormChoice] {
        DigestSchedule.Weekday.allCases.enumerated().map { index, day in
            FormChoice(
                value: "\(index + 1)", label: PageTexts.english("channels", "short_\(day.rawValue)"),
                isChosen: chosen.contains("\(index + 1)"))
        }
    }

    private static func breakthroughs(_ chosen: String?) -> [FormChoice] {
        [RiskBand.high, .medium].map {
            FormChoice(
                value: $0.rawValue, label: PageTexts.english("channels", "breakthrough_\($0.rawValue)"),
                isChosen: $0.rawValue == chosen)
        }
    }

    private static func time(_ minutes: Int) -> String {
        [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
