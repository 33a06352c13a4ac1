/// The pages of the section of alerts, in the order of its navigation. The raw value is path and name of the text.
enum AlertTab: String, Sendable, CaseIterable {
    case alerts, notifications, silences, rules, scorecards, routes, channels

    var path: String { "/dashboard/\(rawValue)" }
    var title: String { PageTexts.english("alert_tabs", rawValue) }
}
