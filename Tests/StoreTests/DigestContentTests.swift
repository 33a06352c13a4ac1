import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// What a digest reads from the store.
@Suite struct DigestContentTests {
    private let start = StoreFixture.start

    /// Commits an analysis of an issue, as the rescorer does.
    private func score(
        _ id: IssueID, _ factors: [Factor.Name: Int], at now: Timestamp, of tenant: TenantID, in fixture: StoreFixture,
        key: IssueKey? = nil, sprint: Sprint? = nil, forecast: IssueForecast? = nil,
        decision: AlertDecision = AlertDecision(), change: (inout Domain.Issue) -> Void = { _ in }
    ) async throws {
        let key = key ?? IssueKey("PAY-\(id)")
        let claim = try await fixture.claim(id, of: tenant, at: now)
        let work = try await fixture.store.loadWork(for: claim)
        var result = StoreFixture.result(work, id: id, key: key, score: 0, now: now, decision: decision)
        let analysis = Analysis.sample(
            id: id, key: key, summary: "Issue \(id)",
            factors: factors.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                Factor(name: $0.key, points: $0.value, cap: 100, explanation: "\($0.key.rawValue) says \($0.value).")
            }, at: now)
        result.analysis = analysis
        result.history = [HistoryRow(analysis: analysis, isOver: false)]
        result.state.fields.key = Versioned(key, Version(at: now, sentAt: now))
        if let sprint { result.state.fields.sprints = Versioned([sprint], Version(at: now, sentAt: now)) }
        result.sprintRecords = try await fixture.store.sprintRecords(
            tenantID: tenant, sprintIDs: sprint.map { [$0.id] } ?? [])
        result.forecast = try forecast.map { try ForecastRecord($0, of: id) }
        if var issue = result.issue {
            issue.summary = "Issue \(id)"
            change(&issue)
            result.issue = issue
        }
        try await fixture.store.commit(result, for: claim)
    }

    private func request(
        of tenant: TenantID, from: Timestamp, to: Timestamp, projects: [String] = [],
        every: DigestSchedule.Period = .day
    ) -> DigestRequest {
        DigestRequest(
            tenantID: tenant, siteURL: "https://acme.example", projectKeys: projects, every: every, timeZone: "UTC",
            from: from, to: to, asOf: to)
    }

    @Test func namesWhatMovedAndWhy() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let later = start.adding(days: 2)
        try await score("1", [.age: 20], at: start, of: tenant, in: fixture)
        try await score("2", [.age: 10, .blockers: 60], at: start, of: tenant, in: fixture)
        try await score("3", [.age: 50], at: start, of: tenant, in: fixture)
        try await score("1", [.age: 25, .blockers: 50], at: later, of: tenant, in: fixture)
        try await score("2", [.age: 15], at: later, of: tenant, in: fixture)
        try await score("4", [.age: 90], at: later, of: tenant, in: fixture)
        try await score("5", [.age: 95], at: later, of: tenant, in: fixture) {
            $0.status = Status(name: "Done", category: .done)
        }
        try await score("6", [.age: 99], at: later, of: other, in: fixture)

        let digest = try await fixture.store.digestContent(
            request(of: tenant, from: start.adding(days: 1), to: later.adding(seconds: 3600)))
        #expect(digest.riskiest.map(\.key) == ["PAY-4", "PAY-1", "PAY-3"])
        #expect(digest.riskiest.map(\.previousScore) == [nil, 20, 50])
        #expect(digest.riskiest.map(\.cause) == ["age says 90.", "blockers says 50.", "age says 50."])
        #expect(digest.riskiest.map(\.summary) == ["Issue 4", "Issue 1", "Issue 3"])
        #expect(digest.risen.map(\.key) == ["PAY-1"])
        #expect(digest.risen.first?.cause == "Blockers 0 → 50: blockers says 50.")
        #expect(digest.fallen.map(\.key) == ["PAY-2"])
        #expect(digest.fallen.first?.previousScore == 70)
        #expect(digest.open == .init(high: 2, medium: 1, low: 1))
        #expect(digest.days.map(\.open).allSatisfy { $0 == .init(high: 1, medium: 1, low: 1) })
        #expect(!digest.isEmpty)

        // Nothing moved since.
        let next = try await fixture.store.digestContent(
            request(of: tenant, from: later.adding(seconds: 3600), to: later.adding(days: 1)))
        #expect(next.risen.isEmpty && next.fallen.isEmpty && next.riskiest.count == 3)
        // What somebody asked for is no part of the history that is compared with.
        let asked = StoreFixture.analysis("3", key: "PAY-3", score: 1, at: start.adding(days: 1))
        try await fixture.store.appendHistory(tenantID: tenant, analysis: asked, newReadings: [:], now: asked.asOf)
        let again = try await fixture.store.digestContent(request(of: tenant, from: later, to: later.adding(days: 1)))
        #expect(!(again.risen.contains { $0.key == "PAY-3" }))
    }

    @Test func isOfTheProjectsThatWereNamedAndSaysWhatIsDue() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let day = start.utcDay
        let late = IssueForecast(
            modelID: "m1", asOf: start, finished: 300,
            answers: [.init(question: .due, deadline: start.adding(days: 1), rung: .own, probability: 0.85)])
        try await score("1", [.age: 10], at: start, of: tenant, in: fixture, forecast: late) { issue in
            (issue.dueDate, issue.securityLevel) = (CalendarDay(daysSinceEpoch: day.daysSinceEpoch + 1), "Board")
        }
        try await score("2", [.age: 10], at: start, of: tenant, in: fixture) { $0.dueDate = day }
        try await score("3", [.age: 80], at: start, of: tenant, in: fixture, key: "APP-3") { issue in
            (issue.projectKey, issue.dueDate) = ("APP", day)
        }
        let now = start.adding(seconds: 60)
        let all = try await fixture.store.digestContent(request(of: tenant, from: start.adding(days: -1), to: now))
        #expect(all.due.map(\.key) == ["APP-3", "PAY-1"] && all.dueCount == 2)
        let own = try await fixture.store.digestContent(
            request(of: tenant, from: start.adding(days: -1), to: now, projects: ["PAY", "XYZ"]))
        #expect(own.due.map(\.key) == ["PAY-1"] && own.riskiest.isEmpty && own.open == .init(low: 2))
        let line = try #require(own.due.first)
        #expect(line.isRestricted && line.forecast?.hasPrefix("85 % likely to be done after its due date") == true)
        let none = try await fixture.store.digestContent(
            request(of: tenant, from: start.adding(days: -1), to: now, projects: ["XYZ"]))
        #expect(none.isEmpty)
    }

    @Test func saysHowTheActiveSprintsWillEnd() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let end = start.adding(days: 3)
        let (sprint, next) = (
            Sprint(id: "7", name: "Sprint 7", state: "active", endDate: end),
            Sprint(id: "8", name: "Sprint 8", state: "future")
        )
        func forecast(_ probability: Double) -> IssueForecast {
            IssueForecast(
                modelID: "m1", asOf: start, finished: 300,
                answers: [.init(question: .sprint, deadline: end, rung: .own, probability: probability)])
        }
        try await score("1", [.age: 80], at: start, of: tenant, in: fixture, sprint: sprint, forecast: forecast(0.9))
        try await score("2", [.age: 10], at: start, of: tenant, in: fixture, sprint: sprint, forecast: forecast(0.7))
        try await score("3", [.age: 10], at: start, of: tenant, in: fixture, sprint: next)
        try await score("4", [.age: 10], at: start, of: tenant, in: fixture, sprint: sprint) { issue in
            issue.status = Status(name: "Done", category: .done)
        }
        let digest = try await fixture.store.digestContent(
            request(of: tenant, from: start.adding(days: -1), to: start.adding(seconds: 60)))
        let line = try #require(digest.sprints.first)
        #expect(digest.sprints.count == 1)
        #expect(line.name == "Sprint 7" && line.endsAt == end && line.open == .init(high: 1, low: 1))
        #expect(line.expectedLate.map { abs($0 - 1.6) < 0.0001 } == true)
        #expect(line.outlook?.hasPrefix("Of 2 open issues about 2 ± ") == true)
        let other = try await fixture.store.digestContent(
            request(of: tenant, from: start.adding(days: -1), to: start.adding(seconds: 60), projects: ["APP"]))
        #expect(other.sprints.isEmpty)
    }

    @Test func saysWhatWasSilencedAndWhatCouldNotBeDelivered() async throws {
        let fixture = try await StoreFixture()
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let tenant = try await fixture.makeTenant(rules: [rule])
        let store = fixture.store
        let channel = AlertChannel(id: UUID(), kind: .slack, name: "#delivery", target: "sealed")
        try await store.saveAlertChannel(tenant, channel, by: .system("test"))
        func alert(_ id: IssueID, at now: Timestamp) async throws -> AlertDecision {
            try await fixture.decision(
                AlertFixture.alert(tenant: tenant, rule: rule, score: 80, at: now, issue: id))
        }
        try await score("1", [.age: 80], at: start, of: tenant, in: fixture, decision: alert("1", at: start))
        let item = try #require(
            try await store.claimDeliveries(limit: 1, now: start, leaseUntil: start.adding(seconds: 30)).first)
        try await store.record(.dead(reason: "the channel answered 404"), for: item, now: start.adding(seconds: 5))
        try await store.addAlertSilence(
            tenant,
            AlertSilence(
                id: UUID(), matchers: [AlertMatcher(name: .kind, values: ["threshold"])],
                startsAt: start.adding(seconds: 10),
                endsAt: start.adding(days: 1), createdBy: "operator", reason: "Release week", createdAt: start),
            by: .system("test"))
        let silenced = start.adding(seconds: 60)
        for id in ["2", "3"] as [IssueID] {
            try await score(id, [.age: 80], at: silenced, of: tenant, in: fixture, decision: alert(id, at: silenced))
        }

        func content(from: Timestamp, to: Timestamp, projects: [String] = []) async throws -> DigestContent {
            try await store.digestContent(request(of: tenant, from: from, to: to, projects: projects))
        }
        let digest = try await content(from: start.adding(seconds: -60), to: start.adding(days: 1))
        #expect(digest.silenced == [.init(reason: "Release week", createdBy: "operator", alerts: 2)])
        #expect(
            digest.undelivered == [.init(channel: "#delivery", reason: "the channel answered 404", deliveries: 1)])
        let ofProject = try await content(from: start, to: start.adding(days: 1), projects: ["APP"])
        #expect(ofProject.silenced.isEmpty)
        // Each is in the period in which it happened.
        let before = try await content(from: start.adding(days: -1), to: start)
        let after = try await content(from: start.adding(days: 1), to: start.adding(days: 2))
        for other in [before, after] { #expect(other.silenced.isEmpty && other.undelivered.isEmpty) }
    }

    @Test func anAnalysisThatCannotBeReadTakesNoDigestWithIt() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for id in ["1", "2"] as [IssueID] { try await score(id, [.age: 80], at: start, of: tenant, in: fixture) }
        try await fixture.store.driver.write {
            try $0.run("UPDATE issue_snapshots SET analysis_json = '{}' WHERE issue_id = '1'", [])
        }
        let digest = try await fixture.store.digestContent(
            request(of: tenant, from: start.adding(days: -1), to: start.adding(seconds: 60)))
        #expect(digest.riskiest.map(\.key) == ["PAY-2"])
        #expect(digest.open.high == 2)
    }
}
