import ArgumentParser
import Foundation

/// Has an issue scored as it stood at an earlier instant.
struct RescoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rescore",
        abstract: "Score an issue as it stood at an earlier instant, and compare the result with what was stored then.",
        discussion: """
            The daemon undoes later changes and scores the issue with today's rules and model. Nothing is stored. \
            Needs a running daemon.
            """)

    @OptionGroup var arguments: TenantArguments

    @Option(help: "Key of the issue, such as PAY-12.")
    var issue: String

    @Option(help: "The instant, such as 2026-11-24T13:00:00Z; or how long ago, such as 7d or 24h.")
    var asOf: String

    @Flag(help: "Print the JSON answer of the daemon's API.")
    var json = false

    func validate() throws {
        try IssueArgument.check(issue)
        guard IssueArgument.instant(asOf) != nil else {
            throw ValidationError("--as-of must be an instant as 2026-11-24T13:00:00Z, or how long ago as 7d or 24h")
        }
    }

    func run() async throws {
        let daemon = try arguments.daemon()
        let body = try await daemon.text(
            "/api/analyze/issue/\(issue)/raw?as_of=\(IssueArgument.instant(asOf) ?? asOf)", tenant: arguments.tenant)
        guard !json else {
            print(String(decoding: body, as: UTF8.self))
            return
        }
        let analysis = try daemon.read(ShownAnalysis.self, from: body)
        print(RescoreTable(analysis, ink: .standardOutput).text)
    }
}

/// An analysis of an earlier instant as text, with the stored one beside it.
struct RescoreTable {
    private let analysis: ShownAnalysis
    private let ink: Ink

    init(_ analysis: ShownAnalysis, ink: Ink) {
        self.analysis = analysis
        self.ink = ink
    }

    var text: String {
        var lines = ["\(analysis.head(ink)) \(ink("as of \(Column.minute(analysis.asOf)) UTC", .faint))"]
        lines += analysis.causes(ink)
        lines.append("")
        lines += stored
        lines += known
        return lines.joined(separator: "\n")
    }

    private var stored: [String] {
        guard let stored = analysis.past?.stored else { return ["Nothing is stored of that instant."] }
        let speaks = "Stored: \(stored.riskScore), of \(Column.minute(stored.asOf)) UTC"
        if stored.isEqual { return ["\(speaks); equal."] }
        var lines = ["\(speaks); differs in \(stored.differs.joined(separator: ", "))."]
        lines += stored.factors.map { move in
            "  \(Column.left(move.name.replacing("_", with: " "), 10))  stored \(move.before), now \(move.after)"
        }
        if stored.isOtherEngine {
            lines += ["  stored by \(stored.engine.text)", "  now by    \(analysis.engine.text)"]
                .map { LogText.safe($0, limit: 300) }
        }
        return lines
    }

    private var known: [String] {
        guard let from = analysis.past?.knownFrom else {
            return ["From when on all changes are known cannot be told."]
        }
        return from > analysis.asOf ? ["All changes are known only from \(Column.minute(from)) UTC on."] : []
    }
}
