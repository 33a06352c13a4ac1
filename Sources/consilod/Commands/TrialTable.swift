import Foundation

/// The trial of a rule as the daemon's API shows it.
struct ShownTrial: Decodable, Sendable {
    struct Week: Decodable, Sendable {
        var start: String
        var raised: Int
    }

    struct RungIssue: Decodable, Sendable {
        var key: String
        var summary: String?
        var raised: Int
        var firstAt: String
        var lastAt: String
        var highestScore: Int
    }

    struct Channel: Decodable, Sendable {
        var name: String
        var kind: String?
        var alerts: Int
        var notifications: Int
    }

    var from: String
    var to: String
    var issuesLookedAt: Int
    var raised: Int
    var resolved: Int
    var perWeek: [Week]
    var issueCount: Int
    var issues: [RungIssue]
    var channels: [Channel]?
    var reallyRaised: Int?
}

/// The trial of a rule as text: how often, when, for which issues, and what the channels would have got.
struct TrialTable {
    /// Issues that are shown; `--json` has more.
    private static let issueLimit = 20

    private let trial: ShownTrial
    private let name: String

    init(_ trial: ShownTrial, name: String) {
        self.trial = trial
        self.name = name
    }

    var text: String {
        ([head, counts] + weeks + issues + channels).map { LogText.safe($0, limit: 500) }.joined(separator: "\n")
    }

    private var head: String {
        "\(name), \(trial.from.prefix(10)) to \(trial.to.prefix(10)): "
            + "\(Self.counted(trial.issuesLookedAt, "issue")) looked at"
    }

    private var counts: String {
        let (times, issues) = (Self.counted(trial.raised, "time"), Self.counted(trial.issueCount, "issue"))
        var text = "would have fired \(times), for \(issues); \(trial.resolved) ended"
        if let raised = trial.reallyRaised { text += "; really raised \(raised)" }
        return text
    }

    private var weeks: [String] {
        let most = max(1, trial.perWeek.map(\.raised).max() ?? 0)
        return ["", "Week        Raised"]
            + trial.perWeek.map {
                let bar = String(repeating: "#", count: $0.raised * 40 / most)
                return "\($0.start)  \(Column.right("\($0.raised)", 6))  \(bar)".trimmingCharacters(in: .whitespaces)
            }
    }

    private var issues: [String] {
        guard !trial.issues.isEmpty else { return [] }
        let shown = trial.issues.prefix(Self.issueLimit)
        let width = shown.map(\.key.count).max() ?? 0
        let rest = trial.issueCount - shown.count
        return ["", "Fired  Highest  Issue"]
            + shown.map {
                let key = $0.key.padding(toLength: width, withPad: " ", startingAt: 0)
                return "\(Column.right("\($0.raised)", 5))  \(Column.right("\($0.highestScore)", 7))  \(key)  "
                    + ($0.summary ?? "(not known any more)")
            } + (rest > 0 ? ["… and \(rest) more"] : [])
    }

    private var channels: [String] {
        guard let channels = trial.channels else {
            return ["", "There are too many alerts to work out their grouping."]
        }
        guard !channels.isEmpty else { return ["", "No channel would have got a notification."] }
        return ["", "Alerts  Notifications  Channel"]
            + channels.map {
                "\(Column.right("\($0.alerts)", 6))  \(Column.right("\($0.notifications)", 13))  \($0.name) "
                    + "(\($0.kind ?? "deleted"))"
            }
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
