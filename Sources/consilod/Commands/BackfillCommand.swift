import ArgumentParser
import Foundation
import HTTPTypes

/// Makes the daemon fetch old issues from Jira, and shows the progress.
struct BackfillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Fetch the issues of a project or of a JQL query from Jira into the store.",
        discussion: """
            A project comes with its finished issues, the newest first. The daemon does the work, and continues when \
            this command ends or either is restarted. Run again, it fetches only what has changed. Exits with status 1 \
            if the backfill failed, if Jira refuses the account meanwhile, or if issues could not be fetched.
            """)

    @OptionGroup var arguments: TenantArguments

    @Option(help: "Key of the project.")
    var project: String?

    @Option(help: "JQL query that finds the issues.")
    var jql: String?

    func validate() throws {
        guard (project == nil) != (jql == nil) else { throw ValidationError("give either --project or --jql") }
    }

    func run() async throws {
        let daemon = try arguments.daemon()
        let path = "\(arguments.path)/backfills"
        var backfill: BackfillProgress = try await daemon.post(path, ["project_key": project, "jql": jql])
        var meter = BackfillMeter()
        while backfill.state == "running" {
            let access: AccessProgress = try await daemon.get("\(arguments.path)/jira")
            if let reason = access.stoppedReason {
                meter.finish(backfill)
                throw CommandError(
                    "Jira refuses the account, and the backfill waits until it is changed: \(reason)")
            }
            meter.update(backfill, trouble: access.lastError)
            try await Task.sleep(for: .milliseconds(500))
            backfill = try await daemon.get("\(path)/\(backfill.id)")
        }
        meter.finish(backfill)
        if let error = backfill.error {
            throw CommandError("the backfill failed: \(error)")
        }
        print(
            """
            \(backfill.listed) issues found, \(backfill.fetched) of them fetched; the rest was up to date in the \
            store
            """)
        if backfill.unavailable > 0 {
            throw CommandError(
                """
                \(backfill.unavailable) issues could not be fetched: Jira does not show them to the account, or failed \
                repeatedly; the daemon's log says which and why
                """)
        }
    }
}

/// How the tenant's Jira answers, as the daemon's API shows it.
private struct AccessProgress: Decodable, Sendable {
    var stoppedReason: String?
    var lastError: String?
}

/// A backfill as the daemon's API shows it.
struct BackfillProgress: Decodable, Sendable {
    var id: String
    var state: String
    var listingComplete: Bool
    var listed: Int
    var requested: Int
    var fetched: Int
    var unavailable: Int
    var error: String?
}

/// The progress of a backfill, on stderr: a line that is redrawn on a terminal, a line every 10 s elsewhere.
struct BackfillMeter {
    private var line = StatusLine(every: RateWindow.length)
    private var rate = RateWindow()

    /// - Parameter trouble: why Jira does not answer at the moment.
    mutating func update(_ progress: BackfillProgress, trouble: String?) {
        let now = ContinuousClock.now
        rate.note(progress.fetched, at: now)
        guard line.isDue(at: now) else { return }
        let text = Self.line(progress, issuesPerSecond: rate.perSecond)
        line.show(trouble.map { "\(text); waiting: \($0)" } ?? text)
    }

    func finish(_ progress: BackfillProgress) {
        line.show(Self.line(progress, issuesPerSecond: rate.perSecond))
        line.end()
    }

    /// `fetched 1200 of 2957 issues (40 %), 210/s, 0:08 left`.
    static func line(_ progress: BackfillProgress, issuesPerSecond: Double) -> String {
        let share = progress.requested > 0 ? progress.fetched * 100 / progress.requested : 100
        var line = "fetched \(progress.fetched) of \(progress.requested) issues"
        guard progress.listingComplete else { return line + ", still listing (\(progress.listed) so far)" }
        line += " (\(share) %)"
        if issuesPerSecond >= 1 {
            line += ", \(Int(issuesPerSecond))/s"
            line += RateWindow.timeLeft(progress.requested - progress.fetched, perSecond: issuesPerSecond)
        }
        return line
    }
}
