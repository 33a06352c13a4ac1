import ArgumentParser
import Foundation

/// Says what made an issue's score another.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Show what changed an issue's score since an instant, by whom and by how much.",
        discussion: """
            The points sum to the difference. Everything that happened at one instant has one number; "time" is age, \
            silence and approaching dates. Needs a running daemon.
            """)

    @OptionGroup var arguments: TenantArguments

    @Argument(help: "Key of the issue, such as PAY-12.")
    var key: String

    @Option(help: "Since when: how long ago, such as 7d or 24h, or an instant such as 2026-11-24T13:00:00Z.")
    var since = "7d"

    @Flag(help: "Print the JSON answer of the daemon's API.")
    var json = false

    func validate() throws {
        try IssueArgument.check(key)
        guard IssueArgument.instant(since) != nil else {
            throw ValidationError("--since must be how long ago as 7d or 24h, or an instant as 2026-11-24T13:00:00Z")
        }
    }

    func run() async throws {
        let daemon = try arguments.daemon()
        let body = try await daemon.text(
            "/api/analyze/issue/\(key)/diff?from=\(IssueArgument.instant(since) ?? since)", tenant: arguments.tenant)
        guard !json else {
            print(String(decoding: body, as: UTF8.self))
            return
        }
        let difference = try daemon.read(ShownDifference.self, from: body)
        print(WhyTable(difference, ink: .standardOutput).text)
    }
}

/// What made a score another, as the daemon's API shows it.
struct ShownDifference: Decodable, Sendable {
    struct Moment: Decodable, Sendable {
        var at: String
        var riskScore: Int
        var band: String
    }

    struct Event: Decodable, Sendable {
        var kind: String
        var who: String?
        var field: String?
        var from: String?
        var to: String?
        var text: String?
        var issueKey: String?
        var url: String
    }

    struct Part: Decodable, Sendable {
        var at: String
        var points: Int
        var factors: [ShownMove]
        var events: [Event]
    }

    var issueKey: String
    var knownFrom: String?
    var from: Moment
    var to: Moment
    var change: Int
    var parts: [Part]
    var quietEvents: Int
}

/// What made a score another, as text.
struct WhyTable {
    private let difference: ShownDifference
    private let ink: Ink

    init(_ difference: ShownDifference, ink: Ink) {
        self.difference = difference
        self.ink = ink
    }

    var text: String { ([head] + parts + rest).joined(separator: "\n") }

    private var head: String {
        let (from, to) = (difference.from, difference.to)
        let change = ink("(\(Column.signed(difference.change)))", change: difference.change)
        let times = "\(Column.minute(from.at)) to \(Column.minute(to.at)) UTC"
        let scores = [ink("\(from.riskScore)", band: from.band), "to", ink("\(to.riskScore)", band: to.band), change]
        return [
            ink(LogText.safe(difference.issueKey, limit: 100), .strong), scores.joined(separator: " "),
            ink(times, .faint),
        ].joined(separator: "  ")
    }

    private var parts: [String] {
        guard !difference.parts.isEmpty else { return ["  nothing moved a factor"] }
        return difference.parts.flatMap { part -> [String] in
            let points = ink(Column.right(Column.signed(part.points), 4), change: part.points)
            let moves = "(\(part.factors.map(\.text).joined(separator: ", ")))"
            let what = part.events.isEmpty ? ["time"] : part.events.map(\.sentence)
            let first = "  \(points)  \(Column.minute(part.at))  \(what[0])  \(ink(moves, .faint))"
            return [first] + what.dropFirst().map { String(repeating: " ", count: 26) + $0 }
        }
    }

    private var rest: [String] {
        var lines: [String] = []
        if difference.quietEvents > 0 {
            let noun = difference.quietEvents == 1 ? "event" : "events"
            lines.append("  \(difference.quietEvents) more \(noun) moved no factor")
        }
        if let known = difference.knownFrom, known > difference.from.at {
            lines.append("  all changes are known only from \(Column.minute(known)) UTC on")
        }
        return lines
    }
}

extension ShownDifference.Event {
    /// `Ada Nowak: due date none to 2026-11-26`.
    fileprivate var sentence: String {
        let words = (who.map { "\($0): " } ?? "") + what
        return LogText.safe(words, limit: 300)
    }

    private var what: String {
        switch kind {
        case "created": "created"
        case "comment": text.map { "comment \"\(Column.cut($0, 80))\"" } ?? "comment (text withheld)"
        case "comment_edit": "comment edited"
        case "sprint": "sprint \(text ?? "")"
        case "activity": "logged work or other activity"
        case "blocking_issue":
            "own score of \(issueKey ?? "a blocking issue"): \(from ?? "unknown") to \(to ?? "unknown")"
        case "link" where field == nil: "link: \(to ?? "")"
        default: "\(field ?? kind) \(from ?? "none") to \(to ?? "none")"
        }
    }
}
