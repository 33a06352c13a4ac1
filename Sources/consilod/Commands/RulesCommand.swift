import ArgumentParser
import Foundation

/// Lists a tenant's alert rules, and tries rules on its history.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "List alert rules, and try a rule on the stored history before you save it.",
        discussion: "Needs a running daemon.", subcommands: [RulesListCommand.self, RulesTryCommand.self])
}

/// A rule as the daemon's API shows it.
private struct ShownRule: Decodable, Sendable {
    var id: String
    var name: String
    var enabled: Bool
    var kind: String
    var raiseAt: Int?
    var clearBelow: Int?
    var points: Int?
    var windowSeconds: Int?
    var question: String?
    var projectKeys: [String]

    var line: String {
        var words = [id, enabled ? "enabled" : "disabled", kind]
        if let question { words.append("of \(question)") }
        if let raiseAt { words.append("at \(raiseAt)") }
        if let clearBelow { words.append("clears below \(clearBelow)") }
        if let points, let windowSeconds {
            words.append("\(points) points within \(Span.text(seconds: windowSeconds))")
        }
        if !projectKeys.isEmpty { words.append("in \(projectKeys.joined(separator: ","))") }
        words.append(name)
        return LogText.safe(words.joined(separator: "  "), limit: 1000)
    }
}

struct RulesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the alert rules, by name.")

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        let rules = try await arguments.daemon().pages(
            "/api/alert-rules", of: ShownRule.self, tenant: arguments.tenant)
        for rule in rules { print(rule.line) }
    }
}

struct RulesTryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "Show how often a rule would have fired, for which issues, and what it would have sent.",
        discussion: """
            Name a stored rule, or describe a new one: --threshold 60 --clear-below 50, or --spike 15 --within 24h. \
            Without either, every stored rule on the score is tried. Nothing is saved or sent.
            """)

    @OptionGroup var arguments: TenantArguments

    @Option(help: "How far back, such as 90d (1d to 365d).")
    var last = "90d"

    @Option(help: "Name or id of a stored rule.")
    var rule: String?

    @Option(help: "Fire when the score reaches this value (1 to 100).")
    var threshold: Int?

    @Option(help: "With --threshold: clear below this value. Default: the value of --threshold.")
    var clearBelow: Int?

    @Option(help: "Fire when the score rises by this many points (1 to 100).")
    var spike: Int?

    @Option(help: "With --spike: within this time, such as 24h or 7d (1h to 31d).")
    var within = "24h"

    @Option(help: "With --threshold and --spike: only issues of this project (key); may be given several times.")
    var project: [String] = []

    @Flag(help: "Print the JSON answer of the daemon's API.")
    var json = false

    private var days: Int? {
        Span.seconds(last).flatMap { seconds in
            last.hasSuffix("d") && (1...365).contains(seconds / 86_400) ? seconds / 86_400 : nil
        }
    }

    private var windowSeconds: Int? { Span.seconds(within).flatMap { (3600...31 * 86_400).contains($0) ? $0 : nil } }

    func validate() throws {
        guard days != nil else { throw ValidationError("--last must be 1d to 365d") }
        guard windowSeconds != nil else { throw ValidationError("--within must be 1h to 31d") }
        guard [rule != nil, threshold != nil, spike != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("give one of --rule, --threshold and --spike")
        }
        guard clearBelow == nil || threshold != nil else {
            throw ValidationError("--clear-below goes with --threshold")
        }
        guard project.isEmpty || threshold != nil || spike != nil else {
            throw ValidationError("--project goes with --threshold and --spike")
        }
        guard !json || rule != nil || threshold != nil || spike != nil else {
            throw ValidationError("--json needs one of --rule, --threshold and --spike")
        }
    }

    private struct Request: Encodable {
        var lastDays: Int
        var ruleId: String?
        var kind: String?
        var raiseAt: Int?
        var clearBelow: Int?
        var points: Int?
        var windowSeconds: Int?
        var projectKeys: [String]?
    }

    func run() async throws {
        let daemon = try arguments.daemon()
        let requests = try await requests(daemon)
        for (index, (name, request)) in requests.enumerated() {
            let body = try await daemon.text("/api/alert-rules/try", posting: request, tenant: arguments.tenant)
            if json {
                print(String(decoding: body, as: UTF8.self))
            } else {
                let trial = try daemon.read(ShownTrial.self, from: body)
                print((index > 0 ? "\n" : "") + TrialTable(trial, name: name).text)
            }
        }
    }

    /// What to try, with its name for people.
    private func requests(_ daemon: DaemonClient) async throws -> [(name: String, request: Request)] {
        let lastDays = days ?? 90
        let projects = project.isEmpty ? nil : project
        let place = projects.map { " in \($0.joined(separator: ","))" } ?? ""
        if let threshold {
            let request = Request(
                lastDays: lastDays, kind: "threshold", raiseAt: threshold, clearBelow: clearBelow,
                projectKeys: projects)
            return [("at \(threshold), clears below \(clearBelow ?? threshold)\(place)", request)]
        }
        if let spike, let windowSeconds {
            let request = Request(
                lastDays: lastDays, kind: "spike", points: spike, windowSeconds: windowSeconds, projectKeys: projects)
            return [("\(spike) points within \(Span.text(seconds: windowSeconds))\(place)", request)]
        }
        let stored = try await daemon.pages("/api/alert-rules", of: ShownRule.self, tenant: arguments.tenant)
        let chosen = stored.filter { stored in
            guard let rule else { return stored.kind != "forecast" }
            return stored.id == rule.lowercased() || stored.name.lowercased() == rule.lowercased()
        }
        guard !chosen.isEmpty else {
            throw CommandError(
                rule.map { "there is no rule with the name or id \($0); consilod rules list shows them" }
                    ?? "there is no rule on the score; give --threshold or --spike")
        }
        return chosen.map { ("\($0.name) (\($0.id))", Request(lastDays: lastDays, ruleId: $0.id)) }
    }
}

/// Times as commands take and print them.
enum Span {
    /// `90d` and `24h` in seconds; nil for anything else.
    static func seconds(_ text: String) -> Int? {
        guard let match = text.wholeMatch(of: /([1-9][0-9]{0,4})([dh])/), let count = Int(match.output.1) else {
            return nil
        }
        return count * (match.output.2 == "d" ? 86_400 : 3600)
    }

    /// `7d`, `24h` or `90s`.
    static func text(seconds: Int) -> String {
        if seconds % 86_400 == 0, seconds > 86_400 { return "\(seconds / 86_400)d" }
        return seconds % 3600 == 0 ? "\(seconds / 3600)h" : "\(seconds)s"
    }
}
