import Domain
import Foundation
import Queries
import Store

/// The tables of docs/alerts.md, as Markdown: what `script/alert-tables` puts there.
struct AlertTables {
    private let team: ScoredTeam
    private let sent: AlertReplay.Sent
    private let rules: [AlertRule]

    init(_ team: ScoredTeam, _ sent: AlertReplay.Sent) async throws {
        (self.team, self.sent) = (team, sent)
        rules = try await team.store.alertRules(team.tenant.id)
    }

    func run() async throws {
        printYears()
        print("")
        printSizes()
        print("")
        try await printScorecards()
    }

    // MARK: Notifications

    private func printYears() {
        let names = rules.map { "“\($0.name)”" }.joined(separator: " | ")
        print(
            "| year | webhooks | alerts | \(names) | notifications | a week | most in a week | alerts each | groups | of several issues |"
        )
        print("|---|---|---|\(rules.map { _ in "---|" }.joined())---|---|---|---|---|---|")
        let years = Set(team.webhooks.map(Self.year)).sorted()
        for year in years { printRow("\(year)") { Self.year($0) == year } }
        printRow("all") { _ in true }
    }

    private func printRow(_ title: String, of isIn: (Timestamp) -> Bool) {
        let webhooks = team.webhooks.filter(isIn)
        let (alerts, messages) = (sent.alerts.filter { isIn($0.createdAt) }, sent.messages.filter { isIn($0.at) })
        guard let first = webhooks.first, let last = webhooks.last else { return }
        let weeks = max(1, Double(last.milliseconds - first.milliseconds) / (7 * 86_400_000))
        let busiest = Dictionary(grouping: messages) { Self.week($0.at) }.values.map(\.count).max() ?? 0
        let carried = messages.reduce(0) { $0 + $1.alerts.count }
        let byRule = rules.map { rule in "\(alerts.count { $0.issue?.ruleID == rule.id })" }
        let several = messages.filter { $0.issues.count > 1 }
        let groups = Set(messages.flatMap(\.issues)).count
        let cells =
            [title, "\(webhooks.count)", "\(alerts.count)"] + byRule + [
                "\(messages.count)", Self.one(Double(messages.count) / weeks), "\(busiest)",
                messages.isEmpty ? "–" : Self.two(Double(carried) / Double(messages.count)), "\(groups)",
                "\(several.count)",
            ]
        print("| \(cells.joined(separator: " | ")) |")
    }

    private func printSizes() {
        print("| a notification stands for | notifications | alerts |")
        print("|---|---|---|")
        for (name, sizes) in [
            ("1 alert", 1...1), ("2 alerts", 2...2), ("3 to 5", 3...5), ("6 to 20", 6...20), ("more", 21...Int.max),
        ] {
            let messages = sent.messages.filter { sizes.contains($0.alerts.count) }
            print("| \(name) | \(messages.count) | \(messages.reduce(0) { $0 + $1.alerts.count }) |")
        }
    }

    // MARK: Scorecards

    private func printScorecards() async throws {
        let days = Int((team.end.milliseconds - team.from.milliseconds) / 86_400_000) + 1
        let scorecards = Scorecards(
            store: team.store, analyst: team.analyst, turns: TenantTurns(), executor: { _ in nil })
        let cards = try await scorecards.run(
            lastDays: days, for: .hostOwner(actingFor: team.tenant), at: team.end)
        print("| of | raised | late | reopened | precision | pending | no deadline | lead, days | noise | recall |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for rule in cards.rules { printCard("“\(rule.rule.name)”", rule.card) }
        for channel in cards.channels { printCard("the channel", channel.card) }
        print("")
        for rule in cards.rules { print("- `\(rule.advice.kind.rawValue)`: \(rule.advice.sentence)") }
    }

    private func printCard(_ title: String, _ card: AlertScorecard) {
        let cells = [
            title, "\(card.raised)", "\(card.late)", "\(card.reopened)", Self.share(card.precision), "\(card.pending)",
            "\(card.withoutDeadline)", card.leadDays.map(Self.one) ?? "–", Self.share(card.noise),
            Self.share(card.recall),
        ]
        print("| \(cells.joined(separator: " | ")) |")
    }

    // MARK: Figures

    /// `12 of 40, 30 % (18–45)`.
    private static func share(_ share: Proportion) -> String {
        guard let value = share.share else { return "–" }
        func percent(_ value: Double) -> String { String(format: "%.0f", 100 * value) }
        let interval = share.interval
        return """
            \(share.count) of \(share.total), \(percent(value)) % (\(percent(interval.lowerBound))–\
            \(percent(interval.upperBound)))
            """
    }

    private static func year(_ instant: Timestamp) -> Int { instant.utcDay.components.year }
    /// Weeks since 1970, from Monday on.
    private static func week(_ instant: Timestamp) -> Int { (instant.utcDay.daysSinceEpoch + 3) / 7 }
    private static func one(_ value: Double) -> String { String(format: "%.1f", value) }
    private static func two(_ value: Double) -> String { String(format: "%.2f", value) }
}
