import ArgumentParser
import Foundation

/// Lists the mails about the tenants' accounts, and has one tried again.
struct MailsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mails", abstract: "List the mails about the tenants' accounts, and retry one that was given up.",
        discussion: "Needs a running daemon, and the admin token.",
        subcommands: [MailsListCommand.self, MailsRetryCommand.self])
}

/// A mail as the daemon's API shows it.
private struct ShownMail: Decodable, Sendable {
    var id: String
    var companyName: String
    var kind: String
    var occasion: String
    var recipient: String?
    var state: String
    var createdAt: String
    var reason: String?

    var line: String {
        "\(createdAt)  \(state)  \(kind)  \(occasion)  \(companyName)  \(recipient ?? "-")  \(id)"
            + (reason.map { "  \($0)" } ?? "")
    }
}

struct MailsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the mails, newest first, with what became of each.")

    @Option(help: "Address of the daemon.")
    var url = "http://127.0.0.1:8080"

    @Option(help: "File that holds the admin token.")
    var keyFile: String

    @Option(help: "Only mails in this state: queued, sent, dead or left_out.")
    var state: String?

    func validate() throws {
        guard let state, !["queued", "sent", "dead", "left_out"].contains(state) else { return }
        throw ValidationError("--state must be queued, sent, dead or left_out")
    }

    func run() async throws {
        let daemon = DaemonClient(url: url, key: try SecretFile.read(keyFile))
        let path = "/api/operator/mails" + (state.map { "?state=\($0)" } ?? "")
        for mail in try await daemon.pages(path, of: ShownMail.self) { print(mail.line) }
    }
}

struct MailsRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Queue a mail again that was given up.")

    @Argument(help: "Id of the mail, as 'mails list --state dead' shows it.")
    var id: String

    @Option(help: "Address of the daemon.")
    var url = "http://127.0.0.1:8080"

    @Option(help: "File that holds the admin token.")
    var keyFile: String

    private struct Message: Decodable, Sendable {
        var message: String
    }

    func validate() throws {
        guard UUID(uuidString: id) != nil else { throw ValidationError("the id must be that of a mail") }
    }

    func run() async throws {
        let daemon = DaemonClient(url: url, key: try SecretFile.read(keyFile))
        let answer: Message = try await daemon.post("/api/operator/mails/\(id)/retry", [:])
        print(answer.message)
    }
}
