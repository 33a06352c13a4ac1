import ArgumentParser
import Foundation

/// Shows one issue: its score, why, how it came, and its forecast.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an issue's score with its causes, its history and its forecast.",
        discussion: "An issue that is not in the store is fetched from Jira. Needs a running daemon.")

    @OptionGroup var arguments: TenantArguments

    @Argument(help: "Key of the issue, such as PAY-12.")
    var key: String

    @Flag(help: "Print the JSON answer of the daemon's API.")
    var json = false

    func validate() throws { try IssueArgument.check(key) }

    func run() async throws {
        let daemon = try arguments.daemon()
        let body = try await daemon.text("/api/analyze/issue/\(key)/raw", tenant: arguments.tenant)
        guard !json else {
            print(String(decoding: body, as: UTF8.self))
            return
        }
        let analysis = try daemon.read(ShownAnalysis.self, from: body)
        let history = try await daemon.text(
            "/api/analyze/history/\(key)?limit=\(ShowTable.historyLimit)", tenant: arguments.tenant)
        let rows = try daemon.read([ShownHistoryRow].self, from: history)
        print(ShowTable(analysis, history: rows.reversed(), ink: .standardOutput).text)
    }
}

/// A row of an issue's history as the daemon's API shows it.
struct ShownHistoryRow: Decodable, Sendable {
    var riskScore: Int
    var analyzedAt: String
}

/// An issue as text.
struct ShowTable {
    /// Rows of the history that are shown.
    static let historyLimit = 60

    private let analysis: ShownAnalysis
    private let history: [ShownHistoryRow]
    private let ink: Ink

    /// - Parameter history: oldest first.
    init(_ analysis: ShownAnalysis, history: [ShownHistoryRow], ink: Ink) {
        self.analysis = analysis
        self.history = history
        self.ink = ink
    }

    var text: String {
        var lines = [analysis.head(ink), facts, ""]
        lines += analysis.causes(ink)
        lines.append("")
        lines += past
        lines += forecast
        return lines.joined(separator: "\n")
    }

    private var facts: String {
        let words = [
            analysis.timeline.currentStatus, analysis.capacity.assignee, analysis.predictions.recommendedAction,
        ]
        return LogText.safe(words.joined(separator: "  "), limit: 500)
    }

    private var past: [String] {
        guard let first = history.first, let last = history.last else { return ["History    nothing is stored"] }
        let (low, high) = (history.map(\.riskScore).min() ?? 0, history.map(\.riskScore).max() ?? 0)
        let from = "\(first.analyzedAt.prefix(10)) to \(last.analyzedAt.prefix(10)), \(low) to \(high)"
        return ["History    \(Column.bars(history.map(\.riskScore)))  \(ink(from, .faint))"]
    }

    private var forecast: [String] {
        guard let forecast = analysis.forecast else { return [] }
        var sentences = forecast.answers.map(\.sentence)
        if let age = forecast.ageSentence { sentences.append(age) }
        if sentences.isEmpty { sentences = [forecast.state.replacing("_", with: " ")] }
        return sentences.enumerated().map { index, sentence in
            (index == 0 ? "Forecast   " : "           ") + LogText.safe(sentence, limit: 500)
        }
    }
}
