import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// Lists of issues by their filters, compared with a list that is made in memory.
@Suite struct IssueListTests {
    private let start = StoreFixture.start
    private static let words = ["Refund", "button", "refunds", "Überweisung", "the", "login", "log"]
    private static let people = ["Ada Lovelace", "Grace Hopper", "ada lovelace"]
    private static let labels = ["api", "API", "tech-debt", "ui"]

    private struct Sample {
        var listing: IssueListing
        var isDone: Bool
    }

    private func sample(_ number: Int, _ generator: inout SeededGenerator) -> Sample {
        func pick(_ values: [String]) -> String { values.randomElement(using: &generator) ?? "" }
        let project = pick(["PAY", "APP"])
        let key = IssueKey("\(project)-\(number)")
        let isDone = Int.random(in: 0..<4, using: &generator) == 0
        let score = Int.random(in: 0...100, using: &generator)
        var issue = Issue(
            id: IssueID("\(10_000 + number)"), key: key, projectKey: project,
            summary: "\(pick(Self.words)) \(pick(Self.words))", created: start,
            updated: start.adding(seconds: Int64.random(in: 0..<5, using: &generator)))
        issue.status = Status(
            id: nil, name: isDone ? "Done" : pick(["To Do", "In Progress"]), category: isDone ? .done : .indeterminate)
        if Bool.random(using: &generator) {
            issue.assignee = Person(id: pick(["1", "2"]), displayName: pick(Self.people))
        }
        if Bool.random(using: &generator) {
            issue.dueDate = CalendarDay(year: 2025, month: 10, day: Int.random(in: 1...4, using: &generator))
        }
        issue.labels = Self.labels.filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
        if Bool.random(using: &generator) {
            issue.sprints = [Sprint(id: pick(["7", "8"]), name: pick(["Sprint 7", "Sprint 8"]), state: "active")]
        }
        if Bool.random(using: &generator) {
            issue.parent = ParentIssue(id: "1", key: IssueKey(pick(["PAY-900", "APP-9"])))
        }
        return Sample(
            listing: IssueListing(
                issue: issue, analysis: StoreFixture.analysis(issue.id, key: key, score: score, at: start)),
            isDone: isDone)
    }

    private func filter(_ generator: inout SeededGenerator) -> IssueFilter {
        func maybe(_ values: [String]) -> String? {
            Int.random(in: 0..<4, using: &generator) == 0 ? values.randomElement(using: &generator) : nil
        }
        return IssueFilter(
            projectKey: maybe(["PAY", "APP", "NONE"]), minimumScore: maybe(["0", "40", "90"]).flatMap(Int.init),
            band: maybe(["high", "medium", "low"]).flatMap(RiskBand.init),
            assignee: maybe(["ADA LOVELACE", "Grace Hopper", IssueFilter.unassigned, "Nobody"]),
            status: maybe(["to do", "Done", "In Progress"]), label: maybe(["api", "Tech-Debt", "x"]),
            sprint: maybe(["7", "sprint 8", "9"]), epic: maybe(["PAY-900", "APP-9"]),
            text: maybe(["refund", "REF but", "uberw", "log", "PAY-1", "the", "?"]),
            includesDone: Bool.random(using: &generator),
            order: IssueOrder.allCases.randomElement(using: &generator) ?? .risk)
    }

    private func model(_ samples: [Sample], _ filter: IssueFilter) -> [String] {
        let found = samples.filter { matches($0, filter) }.map(\.listing)
        func rank(_ listing: IssueListing) -> Double {
            switch filter.order {
            case .risk: -Double(listing.analysis.riskScore)
            case .due: listing.issue.dueDate.map { Double($0.daysSinceEpoch) } ?? .infinity
            case .updated: -Double(listing.issue.updated.milliseconds)
            case .key: 0
            case .forecast, .forecastDue, .forecastSprint:
                listing.forecast.flatMap { record in filter.order.question.flatMap { record[$0] } }.map { -$0 } ?? 1
            }
        }
        return found.sorted { (rank($0), $0.issue.key.rawValue) < (rank($1), $1.issue.key.rawValue) }
            .map(\.issue.key.rawValue)
    }

    private func matches(_ sample: Sample, _ filter: IssueFilter) -> Bool {
        let (issue, score) = (sample.listing.issue, sample.listing.analysis.riskScore)
        func isSame(_ a: String?, _ b: String) -> Bool { a?.lowercased() == b.lowercased() }
        if sample.isDone, !filter.includesDone { return false }
        if let project = filter.projectKey, issue.projectKey != project { return false }
        if let minimum = filter.minimumScore, score < minimum { return false }
        if let band = filter.band, RiskBand(score: score) != band { return false }
        if let name = filter.assignee {
            let own = issue.assignee?.displayName
            guard name == IssueFilter.unassigned ? own == nil : isSame(own, name) else { return false }
        }
        if let name = filter.status, !isSame(issue.status?.name, name) { return false }
        if let label = filter.label, !issue.labels.contains(where: { isSame($0, label) }) { return false }
        if let sprint = filter.sprint, !issue.sprints.contains(where: { $0.id == sprint || isSame($0.name, sprint) }) {
            return false
        }
        if let epic = filter.epic, issue.parent?.key?.rawValue != epic { return false }
        if let text = filter.text {
            func words(_ text: String) -> [String] { IssueWords.words(in: text, limit: 500) }
            let own = words(issue.summary)
            let hasWords =
                !words(text).isEmpty && words(text).allSatisfy { word in own.contains { $0.hasPrefix(word) } }
            let hasKey = text.contains("-") && issue.key.rawValue.hasPrefix(text)
            guard hasWords || hasKey else { return false }
        }
        return true
    }

    private func keys(
        _ fixture: StoreFixture, _ tenant: TenantID, _ filter: IssueFilter, pages limit: Int, few: Int
    ) async throws -> [String] {
        var (keys, cursor): ([String], String?) = ([], nil)
        repeat {
            let page = try await fixture.store.issues(tenant, filter: filter, after: cursor, limit: limit, few: few)
            #expect(page.items.count <= limit)
            keys += page.items.map(\.issue.key.rawValue)
            cursor = page.nextCursor
        } while cursor != nil
        return keys
    }

    @Test func everyFilterAndOrderShowsWhatAListInMemoryShowsAPageAtATime() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        var generator = SeededGenerator(seed: 19)
        var samples: [Sample] = []
        for number in 1...36 {
            var sample = sample(number, &generator)
            try await fixture.commit(sample.listing, of: tenant, at: start, toldAt: start)
            if number % 6 == 0 { try await fixture.commit(sample.listing, of: other, at: start, toldAt: start) }
            // What is finished has no forecast.
            if number % 2 == 0, !sample.isDone {
                func late() -> Double? {
                    Bool.random(using: &generator) ? Double.random(in: 0...1, using: &generator) : nil
                }
                let forecast = ForecastRecord(
                    issueID: sample.listing.issue.id, modelID: "m", asOf: start, lateUsual: late(), lateDue: late(),
                    lateSprint: late(), payload: "{}")
                try await fixture.store.saveForecasts([forecast], of: tenant)
                sample.listing.forecast = forecast
            }
            samples.append(sample)
        }
        for round in 0..<160 {
            let filter = filter(&generator)
            let expected = model(samples, filter)
            // Through the index of the order, and through the filter that finds the fewest.
            for few in [0, 2000] {
                let found = try await keys(fixture, tenant, filter, pages: [1, 5, 50][round % 3], few: few)
                #expect(found == expected, "\(filter), few: \(few)")
            }
        }
        #expect(try await keys(fixture, other, IssueFilter(includesDone: true), pages: 50, few: 0).count == 6)
    }

    @Test func filtersFollowTheIssueAsItChanges() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        var generator = SeededGenerator(seed: 1)
        var sample = sample(1, &generator)
        sample.listing.issue.assignee = Person(id: "1", displayName: "Ada")
        sample.listing.issue.labels = ["ui", "api"]
        sample.listing.issue.status = Status(id: nil, name: "Open", category: .new)
        try await fixture.commit(sample.listing, of: tenant, at: start, toldAt: start)
        func found(_ filter: IssueFilter) async throws -> Int {
            try await fixture.store.issues(tenant, filter: filter, after: nil, limit: 9).items.count
        }
        #expect(try await found(IssueFilter(assignee: "ada", label: "API")) == 1)
        let before = try await fixture.store.issueChoices(tenant, limit: 10)
        #expect(before.assignees == ["Ada"] && before.labels == ["api", "ui"] && before.statuses == ["Open"])

        sample.listing.issue.assignee = nil
        sample.listing.issue.labels = ["ui"]
        let later = start.adding(seconds: 60)
        try await fixture.commit(sample.listing, of: tenant, at: later, toldAt: later)
        #expect(try await found(IssueFilter(assignee: "ada")) == 0)
        #expect(try await found(IssueFilter(assignee: IssueFilter.unassigned, label: "ui")) == 1)
        #expect(try await found(IssueFilter(label: "api")) == 0)
        let after = try await fixture.store.issueChoices(tenant, limit: 10)
        #expect(after.assignees == [] && after.labels == ["ui"])
        #expect(try await fixture.store.issueChoices(other, limit: 10) == IssueChoices())
    }

    @Test func choicesAreTheFirstOfTheAlphabetAndNoMoreThanAskedFor() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        var generator = SeededGenerator(seed: 2)
        for (number, label) in ["delta", "Alpha", "charlie", "bravo", "alpha"].enumerated() {
            var sample = sample(number + 1, &generator)
            sample.listing.issue.labels = [label, String(repeating: "x", count: 400)]
            try await fixture.commit(sample.listing, of: tenant, at: start, toldAt: start)
        }
        let labels = try await fixture.store.issueChoices(tenant, limit: 3).labels
        #expect(labels.map { $0.lowercased() } == ["alpha", "bravo", "charlie"])
        let long = IssueFilter(label: String(repeating: "X", count: 400), includesDone: true)
        #expect(try await fixture.store.issues(tenant, filter: long, after: nil, limit: 9).items.count == 5)
    }

    @Test(arguments: IssueOrder.allCases)
    func aCursorOfAnotherListIsRefused(order: IssueOrder) async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for parts in [["x", "PAY-1"], ["1"], ["NaN", "PAY-1"]] {
            let cursor = try Cursor(parts).encoded()
            await #expect(throws: StorageError.self) {
                try await fixture.store.issues(tenant, filter: IssueFilter(order: order), after: cursor, limit: 1)
            }
        }
    }

    @Test func theIndexesOfTheOrdersAreUsed() async throws {
        let fixture = try await StoreFixture()
        // PostgreSQL's planner goes by what is stored.
        guard !StoreFixture.isShared else { return }
        let plans = try await fixture.store.driver.read { connection in
            try IssueOrder.allCases.map { order in
                let filter = IssueFilter(minimumScore: 70, order: order)
                let list = IssueList(tenantID: TenantID(UUID()), filter: filter, few: 0, connection: connection)
                let query = list.query(
                    isRanked: true, through: nil,
                    others: IssueFilterStatements.queries(filter, list.tenantID, connection.dialect), after: nil,
                    limit: 1)
                return try connection.query("EXPLAIN QUERY PLAN \(query.sql)", query.arguments)
                    .map { try $0.text(3) }.joined(separator: "; ")
            }
        }
        let indexes = [
            "risk", "forecasts_usual", "forecasts_due", "forecasts_sprint", "snapshots_due", "snapshots_updated",
            "snapshots_key",
        ]
        for (plan, index) in zip(plans, indexes) { #expect(plan.contains(index), "\(plan)") }
        let listing = try await fixture.store.driver.read { connection in
            let query = ListingStatements.select(TenantID(UUID()), of: ["1"], connection.dialect)
            return try connection.query("EXPLAIN QUERY PLAN \(query.sql)", query.arguments)
                .map { try $0.text(3) }.joined(separator: "; ")
        }
        #expect(listing.contains("sqlite_autoindex_issue_snapshots"), "\(listing)")
    }
}
