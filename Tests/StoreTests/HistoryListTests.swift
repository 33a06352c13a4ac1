import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// The history of all issues, compared with a list that is made in memory.
@Suite struct HistoryListTests {
    private static let keys: [IssueKey] = ["PAY-1", "PAY-10", "PAY-2", "PAYX-1", "PA-1", "PAY2-7", "OPS-3"]
    private let start = StoreFixture.start

    private struct Sample: Hashable {
        var key: IssueKey
        var at: Timestamp
        var score: Int
    }

    /// Rows under all keys, each of an instant of its own.
    private func samples(_ count: Int) -> [Sample] {
        var generator = SeededGenerator(seed: 21)
        return (0..<count).map { number in
            Sample(
                key: Self.keys.randomElement(using: &generator) ?? "PAY-1",
                at: start.adding(seconds: Int64((number * 7919) % 10_007)),
                score: Int.random(in: 0...100, using: &generator))
        }
    }

    private func add(_ sample: Sample, to tenant: TenantID, of fixture: StoreFixture) async throws {
        try await fixture.store.appendHistory(
            tenantID: tenant,
            analysis: StoreFixture.analysis(
                IssueID("id-\(sample.key)"), key: sample.key, score: sample.score, at: sample.at),
            newReadings: [:], now: sample.at)
    }

    private func model(_ samples: [Sample], _ filter: HistoryFilter) -> [Sample] {
        samples.filter { sample in
            let isOfProject = filter.projectKey.map { sample.key.rawValue.hasPrefix("\($0)-") } ?? true
            return isOfProject && filter.from.map { sample.at >= $0 } ?? true
                && filter.to.map { sample.at < $0 } ?? true
        }.sorted { ($0.key.rawValue, $0.at) < ($1.key.rawValue, $1.at) }
    }

    private func list(
        _ fixture: StoreFixture, _ tenant: TenantID, _ filter: HistoryFilter, pages limit: Int
    ) async throws -> [Sample] {
        var (found, cursor): ([Sample], String?) = ([], nil)
        repeat {
            let page = try await fixture.store.history(tenant, filter: filter, after: cursor, limit: limit)
            #expect(page.items.count <= limit)
            found += page.items.map { Sample(key: $0.issueKey, at: $0.analyzedAt, score: $0.riskScore) }
            cursor = page.nextCursor
        } while cursor != nil
        return found
    }

    @Test func everyFilterShowsWhatAListInMemoryShowsAPageAtATime() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let samples = samples(60)
        for (number, sample) in samples.enumerated() {
            try await add(sample, to: tenant, of: fixture)
            if number % 7 == 0 { try await add(sample, to: other, of: fixture) }
        }
        let middle = start.adding(seconds: 5000)
        let filters = [nil, "PAY", "PA", "OPS", "NONE"].flatMap { project in
            [
                HistoryFilter(projectKey: project), HistoryFilter(projectKey: project, from: middle),
                HistoryFilter(projectKey: project, to: middle),
                HistoryFilter(projectKey: project, from: samples[9].at, to: samples[9].at.adding(milliseconds: 1)),
            ]
        }
        for filter in filters {
            let expected = model(samples, filter)
            for limit in [1, 7, 100] {
                #expect(try await list(fixture, tenant, filter, pages: limit) == expected, "\(filter) \(limit)")
            }
        }
        #expect(try await list(fixture, other, HistoryFilter(), pages: 100).count == 9)
    }

    @Test func aCursorOfAnotherListIsRefused() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for sample in samples(20) { try await add(sample, to: tenant, of: fixture) }
        let page = try await fixture.store.history(tenant, filter: HistoryFilter(), after: nil, limit: 1)
        let cursor = try #require(page.nextCursor)
        #expect(page.items.first.map { !$0.issueKey.rawValue.hasPrefix("PAY-") } == true)
        await #expect(throws: StorageError.self) {
            try await fixture.store.history(tenant, filter: HistoryFilter(projectKey: "PAY"), after: cursor, limit: 1)
        }
        for forged in ["x", try Cursor(["PAY-1", "now", "\(UUID())"]).encoded(), try Cursor(["PAY-1"]).encoded()] {
            await #expect(throws: StorageError.self) {
                try await fixture.store.history(tenant, filter: HistoryFilter(), after: forged, limit: 1)
            }
        }
    }

    @Test func everyPageComesFromTheIndexInItsOrder() async throws {
        let fixture = try await StoreFixture()
        // PostgreSQL's planner goes by what is stored.
        guard !StoreFixture.isShared else { return }
        let after = try Cursor(Cursor(["PAY-1", "\(start)", "\(UUID())"]).encoded(), parts: 3)
        let plans = try await fixture.store.driver.read { connection in
            try [nil, "PAY"].flatMap { project in
                try [nil, after].map { after in
                    let filter = HistoryFilter(projectKey: project, from: start, to: start.adding(days: 1))
                    let query = try HistoryStatements.select(TenantID(UUID()), filter: filter, after: after, limit: 3)
                    return try connection.query("EXPLAIN QUERY PLAN \(query.sql)", query.arguments)
                        .map { try $0.text(3) }.joined(separator: "; ")
                }
            }
        }
        for plan in plans {
            #expect(plan.contains("analysis_history_key (tenant_id=?") && !plan.contains("TEMP B-TREE"), "\(plan)")
        }
        // Nothing before the place of the cursor is read.
        for plan in [plans[1], plans[3]] { #expect(plan.contains("issue_key,analyzed_at,id)>"), "\(plan)") }
    }
}
