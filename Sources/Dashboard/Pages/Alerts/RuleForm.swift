import Domain
import Foundation
import Queries

/// A rule in a form, as it is saved or as it was entered.
struct RuleForm: Sendable {
    /// Windows to choose from, in seconds.
    private static let windows = [3600, 21_600, 43_200, 86_400, 172_800, 259_200, 604_800]

    var name: String
    var kinds: [FormChoice]
    var raiseAt: String
    var clearBelow: String
    var points: String
    var windows: [FormChoice]
    var questions: [FormChoice]
    var projects: String
    var channels: [FormChoice]
    var isEnabled: Bool
    var notifiesResolved: Bool
    var days: String

    /// What a new rule starts with.
    init(channels: [AlertChannels.Shown]) {
        self.init(
            AlertRule(
                id: UUID(), name: "", condition: .threshold(raiseAt: 70, clearBelow: 60), notifiesResolved: false),
            channels: channels)
    }

    init(_ rule: AlertRule, channels: [AlertChannels.Shown]) {
        name = rule.name
        kinds = FormChoice.all(
            AlertRule.Kind.self, chosen: rule.condition.kind.rawValue, texts: "rules", prefix: "kind_")
        (raiseAt, clearBelow, points) = ("", "", "")
        var (window, question) = (86_400, ForecastQuestion.due)
        switch rule.condition {
        case .threshold(let raise, let clear): (raiseAt, clearBelow) = ("\(raise)", "\(clear)")
        case .spike(let least, let seconds): (points, window) = ("\(least)", seconds)
        case .forecast(let asked, let raise, let clear):
            (question, raiseAt, clearBelow) = (asked, "\(raise)", "\(clear)")
        }
        windows = Self.choices(of: "\(window)")
        questions = FormChoice.all(
            ForecastQuestion.self, chosen: question.rawValue, texts: "rules", prefix: "question_")
        projects = rule.projectKeys.joined(separator: ", ")
        self.channels = FormChoice.channels(channels, chosen: Set(rule.channelIDs.map(\.canonicalText)))
        isEnabled = rule.isEnabled
        notifiesResolved = rule.notifiesResolved
        days = "\(RuleTrials.standardDays)"
    }

    /// As it was entered.
    init(_ form: PostedForm, channels: [AlertChannels.Shown]) {
        name = form["name"] ?? ""
        kinds = FormChoice.all(AlertRule.Kind.self, chosen: form["kind"], texts: "rules", prefix: "kind_")
        raiseAt = form["raise_at"] ?? ""
        clearBelow = form["clear_below"] ?? ""
        points = form["points"] ?? ""
        windows = Self.choices(of: form["window_seconds"] ?? "")
        questions = FormChoice.all(ForecastQuestion.self, chosen: form["question"], texts: "rules", prefix: "question_")
        projects = form["project_keys"] ?? ""
        self.channels = FormChoice.channels(channels, chosen: Set(form.all("channel_ids")))
        isEnabled = form["enabled"] != nil
        notifiesResolved = form["notify_resolved"] != nil
        days = form["last_days"] ?? ""
    }

    /// The fields of a rule of the kind that was chosen; the form shows those of all kinds.
    static func fields(_ form: PostedForm) -> RequestFields {
        var fields = FormFields(form)
        fields.text("name", "kind")
        switch form["kind"].flatMap(AlertRule.Kind.init(rawValue:)) {
        case .threshold: fields.text("raise_at", "clear_below")
        case .spike: fields.text("points", "window_seconds")
        case .forecast: fields.text("question", "raise_at", "clear_below")
        case nil: break
        }
        fields.words("project_keys")
        fields.choices("channel_ids")
        fields.flag("enabled", "notify_resolved")
        return fields.fields
    }

    private static func choices(of chosen: String) -> [FormChoice] {
        let own = Int(chosen).flatMap { windows.contains($0) ? nil : $0 }
        return (windows + [own].compactMap(\.self)).sorted().map {
            FormChoice(value: "\($0)", label: PageText.duration($0), isChosen: "\($0)" == chosen)
        }
    }

    /// A rule's condition in a sentence.
    static func sentence(_ condition: AlertRule.Condition) -> String {
        switch condition {
        case .threshold(let raise, let clear):
            PageTexts.english("rules", "threshold", ["raise": "\(raise)", "clear": "\(clear)"])
        case .spike(let points, let seconds):
            PageTexts.english("rules", "spike", ["points": "\(points)", "time": PageText.duration(seconds)])
        case .forecast(let question, let raise, let clear):
            PageTexts.english(
                "rules", "forecast",
                [
                    "question": PageTexts.english("rules", "question_\(question.rawValue)"), "raise": "\(raise)",
                    "clear": "\(clear)",
                ])
        }
    }
}

/// What a trial found, for the page.
struct TrialContent: Sendable {
    struct Week: Sendable {
        var start: String
        var raised: Int
    }
    struct Rung: Sendable {
        var path: String
        var key: String
        var summary: String?
        var raised: Int
        var firstAt: String
        var lastAt: String
        var highest: Int
    }
    struct Channel: Sendable {
        var name: String
        var alerts: Int
        var notifications: Int
    }

    var sentence: String
    var really: String?
    var most: Int
    var weeks: [Week]
    var issues: [Rung]
    var hasIssues: Bool
    var more: String?
    var channels: [Channel]
    var hasChannels: Bool

    init(_ answer: RuleTrialAnswer, days: Int) {
        sentence = PageTexts.english(
            "rules", "trial",
            [
                "raised": "\(answer.raised)", "rung": "\(answer.rungIssueCount)", "issues": "\(answer.issues)",
                "days": "\(days)",
            ])
        really = answer.reallyRaised.map { PageTexts.english("rules", "really", ["count": "\($0)"]) }
        most = max(1, answer.weeks.map(\.raised).max() ?? 1)
        weeks = answer.weeks.map { Week(start: $0.start.description, raised: $0.raised) }
        issues = answer.rungIssues.map {
            Rung(
                path: PageText.issuePath($0.key), key: $0.key.rawValue, summary: $0.summary, raised: $0.raised,
                firstAt: PageText.instant($0.firstAt), lastAt: PageText.instant($0.lastAt), highest: $0.highestScore)
        }
        hasIssues = !issues.isEmpty
        let rest = answer.rungIssueCount - answer.rungIssues.count
        more = rest > 0 ? PageTexts.english("rules", "more", ["count": "\(rest)"]) : nil
        channels = (answer.channels ?? []).map {
            Channel(name: $0.name, alerts: $0.alerts, notifications: $0.notifications)
        }
        hasChannels = !channels.isEmpty
    }
}
