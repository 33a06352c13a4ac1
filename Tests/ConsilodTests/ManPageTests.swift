import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The page that `man consilod` shows.
@Suite struct ManPageTests {
    /// What the program says of itself as JSON.
    private struct Described: Decodable {
        struct Command: Decodable {
            var commandName: String
            var subcommands: [Command]?

            /// The commands that do something, by their words without the program's name.
            func paths(after words: [String] = []) -> [String] {
                let own = (subcommands ?? []).filter { $0.commandName != "help" }
                guard !own.isEmpty else { return [words.joined(separator: " ")] }
                return own.flatMap { $0.paths(after: words + [$0.commandName]) }
            }
        }

        var command: Command
    }

    @Test func namesEveryCommandAndNoOther() throws {
        let said = try TestSupport.run([DaemonProcess.program.path, "--experimental-dump-help"])
        let commands = try JSONDecoder().decode(Described.self, from: Data(said.utf8)).command.paths()
        #expect(commands.contains("store backup") && commands.contains("serve"))
        #expect(try Self.documented().sorted() == commands.sorted())
    }

    /// The headings of the section on commands.
    private static func documented() throws -> [String] {
        let lines = try String(contentsOfFile: "debian/consilod.8", encoding: .utf8).split(separator: "\n")
        let section = lines.drop { $0 != ".SH COMMANDS" }.dropFirst().prefix { !$0.hasPrefix(".SH ") }
        return zip(section, section.dropFirst()).compactMap { line, next in
            guard line == ".TP", next.hasPrefix(".B ") else { return nil }
            return String(next.dropFirst(3)).replacing("\\-", with: "-")
        }
    }
}
