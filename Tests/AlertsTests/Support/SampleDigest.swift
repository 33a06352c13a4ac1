import Domain
import Foundation

@testable import Alerts

extension DigestContent {
    /// A weekly digest with every part filled in, one issue of which has a security level.
    static func sample(summary: String = "Checkout fails for saved cards") -> DigestContent {
        let to = Timestamp.sampleNow
        let (top, secret) = (
            Line(
                key: "ENG-12", summary: summary, score: 84, previousScore: 55,
                cause: "3 comments say that work is blocked.",
                forecast: "85 % likely to be done after its due date (2026-11-27)",
                dueDate: CalendarDay("2026-11-27")),
            Line(
                key: "ENG-9", summary: "Merger with Globex", score: 71, cause: "The board has not decided.",
                dueDate: CalendarDay("2026-11-26"), isRestricted: true)
        )
        return DigestContent(
            every: .week, timeZone: "Europe/Berlin", from: to.adding(days: -7), to: to, asOf: to,
            siteURL: "https://team.example.net", projectKeys: ["ENG"], open: .init(high: 2, medium: 1, low: 4),
            riskiest: [top, secret],
            risen: [
                Line(
                    key: "ENG-12", summary: summary, score: 84, previousScore: 55,
                    cause: "Blockers 0 → 30: 3 comments say that work is blocked.")
            ], fallen: [Line(key: "ENG-3", summary: "Old report", score: 20, previousScore: 61)], due: [secret, top],
            dueCount: 12,
            sprints: [
                .init(
                    name: "Sprint 7", endsAt: to.adding(days: 3), open: .init(high: 1, medium: 1, low: 2),
                    expectedLate: 1.6,
                    outlook: "Of 4 open issues about 2 ± 1 will not be done by the end")
            ], silenced: [.init(reason: "Release week", createdBy: "operator", alerts: 3)],
            undelivered: [.init(channel: "#delivery", reason: "the channel answered 404", deliveries: 2)],
            days: (1...6).reversed().map { .init(at: to.adding(days: -$0), open: .init(high: 1, medium: 2, low: $0)) },
            rules: RuleReview(
                lastDays: 90,
                changes: [
                    RuleLine(
                        name: "High risk",
                        advice: RuleAdvice(
                            kind: .raise, field: "raise_at", value: 80,
                            sentence: "24 of 40 alerts of “High risk” cleared within a day with nothing done."),
                        raised: 40, precision: Proportion(5, of: 20), noise: Proportion(24, of: 40),
                        recall: Proportion(0, of: 0))
                ]))
    }

    /// One with nothing to say.
    static var nothing: DigestContent {
        let to = Timestamp.sampleNow
        return DigestContent(
            every: .day, timeZone: "UTC", from: to.adding(days: -1), to: to, asOf: to,
            siteURL: "https://team.example.net", open: .init(low: 40))
    }

    /// The alert that carries it, as it is queued for a channel.
    var alert: Alert {
        get throws {
            let channel = AlertChannel(id: UUID(named: "leads"), kind: .email, name: "leads", target: "sealed")
            let decision = DigestPlanner().decide(self, for: channel, of: TenantID(UUID(named: "tenant")))
            return decision.alerts[0]
        }
    }
}
