import ArgumentParser
import Foundation

/// Shows and erases what is stored of a person of Jira.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people",
        abstract: "Export and erase the stored data of a person of Jira.",
        discussion: """
            A person is named by the account id, as Jira shows it in the address of the person's profile. Needs a \
            running daemon, and the API key of an owner or the admin token.
            """,
        subcommands: [PeopleExportCommand.self, PeopleEraseCommand.self])
}

/// Whom a command is about.
struct PersonArguments: ParsableArguments {
    @Argument(help: "Account id of the person.")
    var accountID: String

    /// Where the daemon's API has the person.
    var path: String {
        get throws {
            let unreserved = CharacterSet(
                charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:")
            guard let id = accountID.addingPercentEncoding(withAllowedCharacters: unreserved), !id.isEmpty else {
                throw CommandError("that is not an account id")
            }
            return "/api/people/\(id)"
        }
    }
}

struct PeopleExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print the stored data of a person as JSON, one row of the store per line.")

    @OptionGroup var person: PersonArguments
    @OptionGroup var arguments: TenantArguments

    /// A row as it is shown; its names are the store's.
    private struct Record: Codable, Sendable {
        var table: String
        var key: [String: String]
        var values: [String: String]
    }

    func run() async throws {
        let daemon = try arguments.daemon()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var next: String? = try person.path
        while let target = next {
            let (body, following) = try await daemon.page(target, tenant: arguments.tenant)
            do {
                for record in try JSONDecoder().decode([Record].self, from: body) {
                    try FileHandle.standardOutput.write(contentsOf: encoder.encode(record) + Data("\n".utf8))
                }
            } catch is DecodingError {
                throw DaemonFailure("\(daemon.url) does not answer as consilod does")
            }
            next = following
        }
    }
}

struct PeopleEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase a person: deletes names, texts and account id; keeps scores and history.",
        discussion: """
            An erasure cannot be undone. Backups and sent messages are not changed, and on PostgreSQL the old rows \
            stay in the files until they are vacuumed (docs/operations.md).
            """)

    @OptionGroup var person: PersonArguments
    @OptionGroup var arguments: TenantArguments

    @Flag(name: .customLong("yes-erase-this-person"), help: "Confirm the erasure; without this flag nothing is done.")
    var isConfirmed = false

    private struct Erasure: Decodable, Sendable {
        var state: String
        var pseudonym: String
        var rows: [String: Int]
    }

    func validate() throws {
        guard isConfirmed else {
            throw ValidationError("an erasure cannot be undone: confirm it with --yes-erase-this-person")
        }
    }

    func run() async throws {
        let (daemon, path) = (try arguments.daemon(), try person.path)
        while true {
            let erasure: Erasure = try await daemon.delete(path, tenant: arguments.tenant)
            guard erasure.state == "finished" else {
                print("in progress: \(erasure.rows.values.reduce(0, +)) rows changed so far")
                continue
            }
            print("erased     now \(LogText.safe(erasure.pseudonym, limit: 100))")
            for (table, count) in erasure.rows.sorted(by: { $0.key < $1.key }) {
                print("\(LogText.safe(table, limit: 100)): \(count) rows")
            }
            return
        }
    }
}
