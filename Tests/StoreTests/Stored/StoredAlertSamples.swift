import Domain
import Foundation

extension StoredSamples {
    static let thresholdAlert = Alert(
        id: uuid(31), tenantID: tenant, event: .raised, band: .high,
        headline: "PAY-1 rose from 40 to 71, at or above the threshold of 70", createdAt: at,
        channelIDs: [uuid(21), uuid(22)],
        subject: .issue(
            IssueAlert(
                ruleID: uuid(10), ruleName: "High risk", ruleKind: .threshold, issueID: "10001", issueKey: "PAY-1",
                projectKey: "PAY", summary: "Refund button does nothing", status: "In Progress",
                assignee: "Ada Nowak", url: "https://acme.atlassian.net/browse/PAY-1", score: 71, previousScore: 40,
                changes: [.init(factor: .dueDate, before: 0, after: 14, explanation: "It is due in 2 days.")],
                factors: [
                    Factor(
                        name: .blockers, points: 21, cap: 25, explanation: "It is blocked by PAY-2.",
                        remedy: "Resolve PAY-2.",
                        evidence: [Evidence(kind: .link, id: "501", at: at, note: "PAY-2")])
                ], remedies: [.init(action: "Resolve PAY-2.", points: 21)], model: "finbert-4556d130")))

    static let resolvedAlert = Alert(
        id: uuid(32), tenantID: tenant, event: .resolved, band: .low, headline: "PAY-1 is done", createdAt: later,
        subject: .issue(
            IssueAlert(
                ruleID: uuid(10), ruleName: "High risk", ruleKind: .threshold, issueID: "10001", issueKey: "PAY-1",
                projectKey: "PAY", summary: "Refund button does nothing", status: "Done", assignee: "Unassigned",
                url: "https://acme.atlassian.net/browse/PAY-1", score: 12, previousScore: 71, changes: [], factors: [],
                remedies: [], model: "wordlist-2")))

    static let spikeAlert = Alert(
        id: uuid(33), tenantID: tenant, event: .raised, band: .medium,
        headline: "PAY-2 gained 30 points within 24 hours, now at 55", createdAt: at,
        subject: .issue(
            IssueAlert(
                ruleID: uuid(11), ruleName: "Sudden rise", ruleKind: .spike, issueID: "10002", issueKey: "PAY-2",
                projectKey: "PAY", summary: "Provider answers 502", status: "Unknown", assignee: "Ben \"B\" Öztürk",
                url: "https://acme.atlassian.net/browse/PAY-2", score: 55, previousScore: nil, changes: [],
                factors: [Factor(name: .age, points: 55, cap: 60, explanation: "It is old.")], remedies: [],
                model: "wordlist-2")))

    /// One with all that its labels are made of; rows of before routes lack that.
    static let labelledAlert = {
        var alert = spikeAlert
        guard case .issue(var issue) = alert.subject else { return alert }
        (issue.issueType, issue.labels, issue.components) = ("Bug", ["legal", "q3"], ["Checkout"])
        (issue.sprints, issue.isRestricted) = (["Sprint 7"], true)
        alert.subject = .issue(issue)
        return alert
    }()

    static let forecastAlert = {
        var alert = spikeAlert
        guard case .issue(var issue) = alert.subject else { return alert }
        (issue.ruleKind, issue.forecast) = (.forecast, forecast.answers[0])
        alert.subject = .issue(issue)
        return alert
    }()

    static let forecast = IssueForecast(
        modelID: "m1", asOf: at, finished: 212, agePercentile: 80,
        answers: [
            .init(
                question: .due, deadline: day(25, month: 9), rung: .own, probability: 0.8125,
                tenth: .init(issues: 41, late: 33), later: [.init(days: 7, percent: 60)],
                blockersClosed: .init(percent: 70, samples: 143, late: 87),
                explanation: .init(
                    typical: 55, parts: [.init(group: "age", points: 30, text: "open for 80 days")], other: -5)),
            .init(
                question: .sprint, deadline: day(20, month: 9), rung: .prior, missing: missing(120, of: 200),
                probability: 1, lateByDays: 2),
        ], p50At: day(1, month: 10), p85At: day(1, month: 11))

    static let bareForecast = IssueForecast(
        modelID: "prior", asOf: at, finished: 3, isPastUnknown: true, missing: missing(3, of: 50))

    private static func day(_ day: Int, month: Int) -> Timestamp {
        CalendarDay(year: 2026, month: month, day: day)?.startUTC ?? at
    }

    private static func missing(_ have: Int, of need: Int) -> [MissingEvidence] {
        [MissingEvidence(.finishedIssues, have: have, need: need)].compactMap(\.self)
    }

    static let route = AlertRoute(
        channelIDs: [uuid(21)], groupBy: .project, groupWait: 60, groupInterval: 600,
        routes: [
            AlertRoute(
                matchers: [AlertMatcher(name: .issueType, isEqual: false, values: ["Bug", "Task"])],
                channelIDs: [uuid(22)], continues: true)
        ])

    /// One whose notifications are repeated; trees of before lack that.
    static let repeatedRoute = AlertRoute(groupBy: .project, repeatInterval: 14_400)

    static let silence = AlertSilence(
        id: uuid(41), matchers: [AlertMatcher(name: .sprint, values: ["Sprint 7"])], startsAt: at, endsAt: later,
        createdBy: "operator", reason: "Release week", createdAt: at)

    static let quietHours = QuietHours(
        timeZone: "Europe/Warsaw", spans: [.init(weekdays: [7, 6], from: 0, to: 1440)],
        dates: [CalendarDay(daysSinceEpoch: 20_812)], breakthrough: .high)

    static let digestSchedule = DigestSchedule(
        every: .week, minute: 480, timeZone: "Europe/Berlin", weekday: .monday, projectKeys: ["PAY", "APP"],
        saysWhenEmpty: true)

    static let digestAlert = {
        let line = DigestContent.Line(
            key: "PAY-1", summary: "Refund button does nothing", score: 71, previousScore: 40,
            cause: "It is blocked by PAY-2.", forecast: "85 % likely to be done after its due date (2026-09-24)",
            dueDate: CalendarDay(daysSinceEpoch: 20_720), isRestricted: true)
        let open = RiskCounts(high: 1, medium: 2, low: 3)
        return Alert(
            id: uuid(35), tenantID: tenant, event: .raised, band: .high,
            headline: "Weekly digest of PAY, APP for 2026-09-21: 1 of 6 open issues at high risk, 2 at medium",
            createdAt: later, channelIDs: [uuid(21)],
            subject: .digest(
                DigestContent(
                    every: .week, timeZone: "Europe/Berlin", from: at, to: later, asOf: later, isRequested: true,
                    siteURL: "https://acme.atlassian.net", projectKeys: ["PAY", "APP"], open: open, riskiest: [line],
                    risen: [line], fallen: [line], due: [line], dueCount: 1,
                    sprints: [
                        .init(
                            name: "Sprint 7 / Zahlungen", endsAt: later, open: open, expectedLate: 1.5,
                            outlook: "Of 6 open issues about 2 ± 1 will not be done by the end")
                    ], silenced: [.init(reason: "Release week", createdBy: "operator", alerts: 2)],
                    undelivered: [.init(channel: "#delivery", reason: "the channel answered 404", deliveries: 3)],
                    days: [.init(at: at, open: open)])))
    }()

    /// One with what the scorecards say; rows of before lack that.
    static let reviewedDigestAlert = digestAlert(
        with: DigestContent.RuleReview(
            lastDays: 90,
            changes: [
                .init(
                    name: "High risk",
                    advice: RuleAdvice(
                        kind: .raise, field: "raise_at", value: 80,
                        sentence: "24 of 40 alerts of “High risk” cleared within a day with nothing done."),
                    raised: 40, precision: Proportion(5, of: 20), noise: Proportion(24, of: 40),
                    recall: Proportion(1, of: 3)),
                .init(
                    name: "Sudden rise",
                    advice: RuleAdvice(kind: .narrow, field: nil, value: nil, sentence: "Limit it."), raised: 12,
                    precision: Proportion(0, of: 0), noise: Proportion(0, of: 9), recall: Proportion(0, of: 3)),
            ]))

    static let unreviewedDigestAlert = digestAlert(
        with: DigestContent.RuleReview(lastDays: 90, failure: "they took too long"))

    private static func digestAlert(with review: DigestContent.RuleReview) -> Alert {
        var alert = digestAlert
        guard case .digest(var digest) = alert.subject else { return alert }
        digest.rules = review
        alert.subject = .digest(digest)
        return alert
    }

    static let accessAlert = Alert(
        id: uuid(34), tenantID: tenant, event: .raised, band: .medium,
        headline: "Jira refuses consilod's account: risk follows webhooks alone, and what they miss stays missed",
        createdAt: at,
        subject: .access(
            AccessAlert(
                siteURL: "https://acme.atlassian.net", reason: "401 Unauthorized",
                steps: [
                    "Make a new API token for it@acme.example at id.atlassian.com, and give it as "
                        + "jira_token with PUT /api/tenants/\(tenant)",
                    "Or, when the account was given its permissions back: POST /api/tenants/\(tenant)/jira/sweep",
                ])))
}
