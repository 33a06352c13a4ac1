import ArgumentParser
import Foundation

/// Adds, lists and ends silences of a tenant's alerts.
struct SilenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silence",
        abstract: "Add, list and end silences: matching alerts are listed, but not sent to any channel.",
        discussion: "When a silence ends, alerts that still hold are sent. Needs a running daemon.",
        subcommands: [SilenceAddCommand.self, SilenceListCommand.self, SilenceExpireCommand.self])
}

/// A silence as the daemon's API shows it.
private struct ShownSilence: Decodable, Sendable {
    struct Matcher: Codable, Sendable {
        var name: String
        var isEqual: Bool
        var values: [String]
    }

    var id: String
    var state: String
    var matchers: [Matcher]
    var endsAt: String
    var createdBy: String
    var reason: String

    var line: String {
        let conditions = matchers.map { "\($0.name)\($0.isEqual ? "=" : "!=")\($0.values.joined(separator: ","))" }
        let words = [id, state, "until \(endsAt)", conditions.joined(separator: " "), "by \(createdBy):", reason]
        return LogText.safe(words.joined(separator: "  "), limit: 1000)
    }
}

struct SilenceAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Silence the alerts that match all conditions.",
        discussion: """
            A condition is NAME=VALUE[,VALUE…] or NAME!=VALUE[,VALUE…]. Names are project, issue, rule, kind, event, \
            band, label, component, assignee, sprint and issue_type. Example: consilod silence add project=PAY --hours 8 \
            --reason Migration
            """)

    @OptionGroup var arguments: TenantArguments

    @Argument(help: "Conditions, such as project=PAY,OPS.")
    var conditions: [String]

    @Option(help: "How long, in hours (1 to 8784).")
    var hours: Int

    @Option(help: "Reason, shown in the list.")
    var reason: String

    func validate() throws {
        guard (1...8784).contains(hours) else { throw ValidationError("--hours must be 1 to 8784") }
        guard !conditions.isEmpty else { throw ValidationError("name at least one condition, as project=PAY") }
        _ = try matchers()
    }

    private struct Request: Encodable {
        struct Matcher: Encodable {
            var name: String
            var isEqual: Bool
            var values: [String]
        }
        var matchers: [Matcher]
        var endsAt: String
        var reason: String
    }

    private func matchers() throws -> [Request.Matcher] {
        try conditions.map { condition in
            guard let match = condition.wholeMatch(of: /([a-z_]+)(!?=)(.+)/) else {
                throw ValidationError("\(condition) is not a condition such as project=PAY")
            }
            return Request.Matcher(
                name: String(match.output.1), isEqual: match.output.2 == "=",
                values: match.output.3.split(separator: ",").map(String.init))
        }
    }

    func run() async throws {
        let end = Date().addingTimeInterval(Double(hours) * 3600).ISO8601Format()
        let silence: ShownSilence = try await arguments.daemon().post(
            "/api/alert-silences", object: Request(matchers: try matchers(), endsAt: end, reason: reason),
            tenant: arguments.tenant)
        print(silence.line)
    }
}

struct SilenceListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List silences, latest end first.")

    @OptionGroup var arguments: TenantArguments

    @Flag(help: "Include expired silences.")
    var all = false

    func run() async throws {
        let silences = try await arguments.daemon().pages(
            "/api/alert-silences", of: ShownSilence.self, tenant: arguments.tenant)
        for silence in silences where all || silence.state != "expired" { print(silence.line) }
    }
}

struct SilenceExpireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "expire", abstract: "End a silence now.")

    @OptionGroup var arguments: TenantArguments

    @Argument(help: "Id of the silence.")
    var id: String

    func validate() throws {
        guard UUID(uuidString: id) != nil else { throw ValidationError("\(id) is not the id of a silence") }
    }

    func run() async throws {
        let silence: ShownSilence = try await arguments.daemon().delete(
            "/api/alert-silences/\(id)", tenant: arguments.tenant)
        print(silence.line)
    }
}
