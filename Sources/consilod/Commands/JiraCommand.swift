import ArgumentParser
import Foundation

/// What is written into a tenant's Jira.
struct JiraCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jira",
        abstract: "Show and change what is written into a tenant's Jira, and post a comment there.",
        discussion: "The daemon does the work, with the tenant's account. Nothing is written unless it is switched on.",
        subcommands: [JiraWriteBackCommand.self, JiraCommentCommand.self])
}

struct JiraWriteBackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write-back",
        abstract: "Show, switch on or off that score, band, forecast date and top cause are written into Jira.",
        subcommands: [WriteBackShowCommand.self, WriteBackSetCommand.self, WriteBackOffCommand.self],
        defaultSubcommand: WriteBackShowCommand.self)
}

/// What is written, as the daemon's API shows it.
private struct ShownWriteBack: Decodable, Sendable {
    struct Settings: Decodable, Sendable {
        var target: String
        var propertyKey: String
        var scoreField: String?
        var bandField: String?
        var forecastDateField: String?
        var causeField: String?
        var stepPoints: Int
        var stepDays: Int
        var intervalMinutes: Int
    }

    var enabled: Bool
    var settings: Settings?
    var stoppedUntil: String?
    var stoppedReason: String?
    var writtenIssues: Int
    var refusedIssues: Int
    var lastRefusal: String?
    var lastWrittenAt: String?

    func show() {
        guard enabled, let settings else { return print("off        nothing is written into Jira") }
        switch settings.target {
        case "fields":
            let fields = [
                ("score", settings.scoreField), ("band", settings.bandField),
                ("forecast date", settings.forecastDateField), ("cause", settings.causeField),
            ]
            print("on         custom fields")
            for (name, id) in fields { if let id { print("field      \(name): \(LogText.safe(id, limit: 100))") } }
        case "property": print("on         issue property \(LogText.safe(settings.propertyKey, limit: 200))")
        default: print("on         comments on request only")
        }
        print(
            "again      when the band changes, the score by \(settings.stepPoints) or the forecast by \(settings.stepDays) days; "
                + "\(settings.intervalMinutes) minutes apart at least")
        print("written    \(writtenIssues) issues, the last at \(lastWrittenAt ?? "no time yet")")
        if let lastRefusal {
            print("refused    \(refusedIssues) issues: \(LogText.safe(lastRefusal, limit: 400))")
        }
        if let stoppedReason, let stoppedUntil {
            print("stopped    until \(stoppedUntil): \(LogText.safe(stoppedReason, limit: 400))")
        }
    }
}

struct WriteBackShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what is written into Jira, and how that stands.")

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        let shown: ShownWriteBack = try await arguments.daemon().get(arguments.writeBackPath)
        shown.show()
    }
}

struct WriteBackSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Switch writing into Jira on, or change it; all that is not given takes its default.",
        discussion: """
            With custom fields the account needs EDIT_ISSUES and, so that no watcher gets a mail, ADMINISTER_PROJECTS; the \
            fields must be on the edit screens. 'consilod doctor --tenant' checks both.
            """)

    @OptionGroup var arguments: TenantArguments

    @Option(help: "Where the values go: property, fields or none (comments on request only).")
    var target: String

    @Option(help: "Name of the issue property. Default: consilod.risk")
    var propertyKey: String?

    @Option(help: "Number field for the score, as customfield_10100.")
    var scoreField: String?

    @Option(help: "Short text field for the band: high, medium or low.")
    var bandField: String?

    @Option(help: "Date field for the forecast: done by then with 85 %.")
    var forecastDateField: String?

    @Option(help: "Short text field for the top cause.")
    var causeField: String?

    @Option(help: "By how many points the score must differ to be written again. Default: 5")
    var stepPoints: Int?

    @Option(help: "By how many days the forecast must differ to be written again. Default: 3")
    var stepDays: Int?

    @Option(help: "Least time between two writes to one issue, in minutes. Default: 10")
    var intervalMinutes: Int?

    private struct Request: Encodable {
        var target: String
        var propertyKey: String?
        var scoreField: String?
        var bandField: String?
        var forecastDateField: String?
        var causeField: String?
        var stepPoints: Int?
        var stepDays: Int?
        var intervalMinutes: Int?
    }

    func run() async throws {
        let shown: ShownWriteBack = try await arguments.daemon().put(
            arguments.writeBackPath,
            object: Request(
                target: target, propertyKey: propertyKey, scoreField: scoreField, bandField: bandField,
                forecastDateField: forecastDateField, causeField: causeField, stepPoints: stepPoints,
                stepDays: stepDays, intervalMinutes: intervalMinutes))
        shown.show()
    }
}

struct WriteBackOffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "off", abstract: "Switch writing into Jira off; what was written stays there.")

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        try await arguments.daemon().delete(arguments.writeBackPath)
        print("off        nothing is written into Jira any more; what was written stays")
    }
}

/// Posts a comment on an issue that says what consilod says of it.
struct JiraCommentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "comment",
        abstract: "Post a comment on an issue with its score, its causes and what would help.")

    @OptionGroup var arguments: TenantArguments

    @Argument(help: "Key of the issue, as PAY-12.")
    var key: String

    func validate() throws { try IssueArgument.check(key) }

    func run() async throws {
        struct Posted: Decodable, Sendable {
            var id: String
            var url: String
        }
        struct Nothing: Encodable {}
        let posted: Posted = try await arguments.daemon().post(
            "/api/analyze/issue/\(key)/comment", object: Nothing(), tenant: arguments.tenant)
        print("posted     \(LogText.safe(posted.url, limit: 500))")
    }
}

extension TenantArguments {
    fileprivate var writeBackPath: String { "\(path)/jira/write-back" }
}
