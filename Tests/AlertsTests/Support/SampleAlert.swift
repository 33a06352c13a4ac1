import Domain
import Foundation

extension Alert {
    /// A raised threshold alert with every part filled in.
    static func sample(
        id: UUID = UUID(), event: Event = .raised, summary: String = "Checkout fails for saved cards",
        status: String = "In Progress", assignee: String = "Ana Silva", explanation: String = "Due 3 days ago.",
        ruleName: String = "High risk", factorCount: Int = 2
    ) -> Alert {
        let factors = [
            Factor(
                name: .blockers, points: 30, cap: 30, explanation: "3 comments say that work is blocked.",
                remedy: "Resolve the blockers."),
            Factor(name: .dueDate, points: 20, cap: 20, explanation: explanation, remedy: "Agree on a new due date."),
            Factor(name: .age, points: 12, cap: 20, explanation: explanation),
            Factor(name: .staleness, points: 9, cap: 20, explanation: explanation),
            Factor(name: .churn, points: 8, cap: 10, explanation: explanation),
            Factor(name: .upstream, points: 3, cap: 10, explanation: explanation),
            Factor(name: .sentiment, points: 2, cap: 30, explanation: explanation),
        ].prefix(factorCount)
        return Alert(
            id: id, tenantID: TenantID(UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))),
            event: event, band: event == .raised ? .high : .low,
            headline: event == .raised
                ? "ENG-12 rose from 55 to 84, at or above the threshold of 70"
                : "ENG-12 fell to 35, below the clearing value of 60",
            createdAt: .sampleNow,
            subject: .issue(
                IssueAlert(
                    ruleID: UUID(), ruleName: ruleName, ruleKind: .threshold, issueID: "10012", issueKey: "ENG-12",
                    projectKey: "ENG", summary: summary, status: status, assignee: assignee,
                    url: "https://team.example.net/browse/ENG-12", score: event == .raised ? 84 : 35,
                    previousScore: 55,
                    changes: factors.map {
                        .init(factor: $0.name, before: 0, after: $0.points, explanation: $0.explanation)
                    },
                    factors: Array(factors),
                    remedies: factors.compactMap { factor in
                        factor.remedy.map { .init(action: $0, points: factor.points) }
                    }, model: "lexicon-1")))
    }

    /// Changes what it says of its issue.
    mutating func changeIssue(_ change: (inout IssueAlert) -> Void) {
        guard case .issue(var issue) = subject else { return }
        change(&issue)
        subject = .issue(issue)
    }
}

extension Timestamp {
    /// Tuesday, 24 November 2026, 13:18:00 UTC.
    static let sampleNow = Timestamp(seconds: 1_795_526_280)
}

extension AlertChannel {
    static func slack(_ target: String) -> AlertChannel {
        AlertChannel(id: UUID(), kind: .slack, name: "Team", target: target)
    }

    static func email(_ target: String) -> AlertChannel {
        AlertChannel(id: UUID(), kind: .email, name: "Team", target: target)
    }
}
