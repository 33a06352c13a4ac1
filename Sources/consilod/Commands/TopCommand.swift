import ArgumentParser
import Foundation

/// Lists the riskiest open issues.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "List the riskiest open issues with their causes.",
        discussion: "Needs a running daemon.")

    @OptionGroup var arguments: TenantArguments

    @Option(help: "Number of issues (1 to 200).")
    var limit = 20

    @Option(help: "Only issues of this project (key).")
    var project: String?

    @Flag(help: "On a terminal, refresh every five seconds until Ctrl-C.")
    var watch = false

    @Flag(help: "Print the JSON answer of the daemon's API.")
    var json = false

    func validate() throws {
        guard (1...200).contains(limit) else { throw ValidationError("--limit must be 1 to 200") }
        guard project.map({ $0.wholeMatch(of: /[A-Za-z][A-Za-z0-9_]{0,254}/) != nil }) ?? true else {
            throw ValidationError("--project must be the key of a project")
        }
        guard !watch || !json else { throw ValidationError("give one of --watch and --json") }
    }

    func run() async throws {
        let daemon = try arguments.daemon()
        let path = "/api/issues?limit=\(limit)" + (project.map { "&project=\($0)" } ?? "")
        if json {
            print(String(decoding: try await daemon.text(path, tenant: arguments.tenant), as: UTF8.self))
            return
        }
        // What is read by a program is written once.
        guard watch, Ink.isTerminal else {
            print(try await table(daemon, path))
            return
        }
        while !Task.isCancelled {
            let shown: String
            do {
                shown = try await table(daemon, path)
            } catch let error as DaemonUnreachable {
                shown = "\(error)"
            }
            // To the upper left corner, on an empty screen.
            print("\u{1B}[H\u{1B}[2J\(shown)\n")
            try await Task.sleep(for: .seconds(5))
        }
    }

    private func table(_ daemon: DaemonClient, _ path: String) async throws -> String {
        let body = try await daemon.text(path, tenant: arguments.tenant)
        return TopTable(try daemon.read([ShownIssue].self, from: body), ink: .standardOutput).text
    }
}

/// An issue of a list as the daemon's API shows it.
struct ShownIssue: Decodable, Sendable {
    struct Reason: Decodable, Sendable {
        var factor: String
        var points: Int
    }

    var issueKey: String
    var summary: String
    var status: String?
    var assignee: String?
    var riskScore: Int
    var band: String
    var reasons: [Reason]
}

/// The riskiest issues as text.
struct TopTable {
    private let issues: [ShownIssue]
    private let ink: Ink

    init(_ issues: [ShownIssue], ink: Ink) {
        self.issues = issues
        self.ink = ink
    }

    var text: String {
        guard !issues.isEmpty else { return "There are no open issues." }
        let key = width("Issue", \.issueKey, 20)
        let status = width("Status", \.shownStatus, 20)
        let assignee = width("Assignee", \.shownAssignee, 20)
        let causes = width("Causes", \.causes, 40)
        let head = [
            "Score", Column.left("Issue", key), Column.left("Status", status), Column.left("Assignee", assignee),
            Column.left("Causes", causes), "Summary",
        ]
        var lines = [ink(head.joined(separator: "  "), .faint)]
        for issue in issues {
            let cells = [
                ink(Column.right("\(issue.riskScore)", 5), band: issue.band), cell(issue.issueKey, key),
                cell(issue.shownStatus, status), cell(issue.shownAssignee, assignee), cell(issue.causes, causes),
                Column.cut(LogText.safe(issue.summary, limit: 400), 60),
            ]
            lines.append(cells.joined(separator: "  "))
        }
        return lines.joined(separator: "\n")
    }

    private func width(_ head: String, _ text: (ShownIssue) -> String, _ most: Int) -> Int {
        let longest = issues.map { LogText.safe(text($0), limit: 400).count }.max() ?? 0
        return max(head.count, min(most, longest))
    }

    private func cell(_ text: String, _ width: Int) -> String {
        Column.left(Column.cut(LogText.safe(text, limit: 400), width), width)
    }
}

extension ShownIssue {
    fileprivate var shownStatus: String { status ?? "" }
    fileprivate var shownAssignee: String { assignee ?? "unassigned" }

    /// The largest, as many as fit a column.
    fileprivate var causes: String {
        reasons.prefix(3).map { "\($0.factor.replacing("_", with: " ")) \($0.points)" }.joined(separator: ", ")
    }
}
