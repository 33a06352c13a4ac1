import Domain
import Foundation
import HTTPTypes
import Logging
import Queries
import RiskEngine
import Store
import StoreTestSupport
import Synchronization
import Testing

@testable import QueryAPI

/// Analyses of issues that the store lacks, with a Jira that answers as told.
@Suite struct FetchedAnalysisTests {
    private let raw = "/api/analyze/issue/ENG-7/raw"

    private func run(
        _ api: APIHarness, fetching fetch: @escaping @Sendable (TenantID, IssueKey) async throws -> IssueKey?,
        _ body: @Sendable (APIClient, TestTenant) async throws -> Void
    ) async throws {
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            api.jira.fetch.withLock { $0 = { try await fetch(tenant.id, $0) } }
            try await body(client, tenant)
        }
    }

    private func analyze(_ client: APIClient, _ tenant: TestTenant, _ key: String = "eng-7") async throws -> APIAnswer {
        try await client.call(.post, "/api/analyze/issue", as: tenant.apiKey, body: #"{"issue_key": "\#(key)"}"#)
    }

    @Test func anIssueThatTheStoreLacksIsFetchedOnceAndCharged() async throws {
        let api = try await APIHarness()
        try await run(api) { id, key in
            try await api.add(Fixture.listing(key, score: 72), to: id)
            return key
        } _: { client, tenant in
            #expect(try await client.call(.get, raw, as: tenant.apiKey).json["issue_key"]?.text == "ENG-7")
            #expect(try await api.uses(of: tenant.id).issue == 0)
            let report = try await analyze(client, tenant)
            #expect(report.status == .ok)
            #expect(try await api.uses(of: tenant.id).issue == 1)
            #expect(api.jira.fetchedKeys.withLock { $0 } == ["ENG-7"])
        }
    }

    @Test func aMovedIssueIsAnalyzedUnderItsPresentKey() async throws {
        let api = try await APIHarness()
        try await run(api) { id, _ in
            try await api.add(Fixture.listing("OPS-3", score: 72), to: id)
            return "OPS-3"
        } _: { client, tenant in
            let report = try await analyze(client, tenant)
            let whole = try await client.call(.get, raw, as: tenant.apiKey)
            #expect(report.json["issue_key"]?.text == "OPS-3" && whole.json["issue_key"]?.text == "OPS-3")
        }
    }

    @Test func whatJiraDoesNotKnowIs404WithTheReasonAndNotCharged() async throws {
        let api = try await APIHarness()
        try await run(api) { _, _ in
            nil
        } _: { client, tenant in
            let answer = try await analyze(client, tenant)
            #expect(answer.status == .notFound && answer.code == "issue_not_found")
            #expect(answer.json["detail"]?.text == "Jira does not know issue ENG-7, or the account cannot see it.")
            #expect(try await api.uses(of: tenant.id).issue == 0)
        }
    }

    @Test(arguments: ["ENG", "ENG-", "-7", "ENG-7x", "7", "E NG-7", "ENG-7/comment", "ÄNG-7"])
    func jiraIsNotAskedAboutWhatCannotBeAKey(key: String) async throws {
        let api = try await APIHarness()
        try await run(api) { _, key in
            key
        } _: { client, tenant in
            let answer = try await analyze(client, tenant, key)
            #expect(answer.code == "issue_not_found")
            #expect(api.jira.fetchedKeys.withLock { $0 } == [])
        }
    }

    @Test func withoutJiraThe404SaysSo() async throws {
        let api = try await APIHarness()
        try await run(api) { _, _ in
            throw JiraSearchError.notConfigured
        } _: { client, tenant in
            let answer = try await client.call(.get, raw, as: tenant.apiKey)
            #expect(answer.status == .notFound && answer.code == "issue_not_found")
            #expect(answer.json["detail"]?.text?.contains("jira.enabled") == true)
        }
    }

    @Test(arguments: [
        (JiraSearchError.credentialsRefused, 502, "jira_credentials_refused"),
        (.unreachable(retryAfterSeconds: 7), 503, "jira_unreachable"),
    ])
    func aJiraThatCannotBeAskedIsToldAsForPortfolios(
        error: JiraSearchError, status: Int, code: String
    ) async throws {
        let api = try await APIHarness()
        try await run(api) { _, _ in
            throw error
        } _: { client, tenant in
            let answer = try await analyze(client, tenant)
            #expect(answer.status.code == status && answer.code == code)
            #expect(answer.headers[.retryAfter] == (status == 503 ? "7" : nil))
            #expect(try await api.uses(of: tenant.id).issue == 0)
        }
    }

    @Test func aUsedUpQuotaIsToldBeforeJiraIsAsked() async throws {
        var api = try await APIHarness()
        api.defaultPlan = .free
        try await run(api) { _, _ in
            nil
        } _: { [api] client, tenant in
            try await api.add(Fixture.listing("ENG-1", score: 72), to: tenant.id)
            for _ in 0..<10 { #expect(try await analyze(client, tenant, "ENG-1").status == .ok) }
            #expect(try await analyze(client, tenant).status == .tooManyRequests)
            #expect(api.jira.fetchedKeys.withLock { $0 } == [])
        }
    }

    @Test func whatTakesTooLongIsAwaitedAndNotCharged() async throws {
        let api = try await APIHarness()
        let made = try await api.addTenant("acme")
        let tenant = try #require(try await api.store.tenant(made.id))
        let principal = Principal.hostOwner(actingFor: tenant)
        let wasCancelled = Mutex(false)
        api.jira.fetch.withLock {
            $0 = { _ in
                do {
                    try await Task.sleep(for: .seconds(3600))
                } catch {
                    wasCancelled.withLock { $0 = true }
                }
                return nil
            }
        }
        let analyses = IssueAnalyses(
            store: api.store, jira: api.jira, analyst: api.analyst, forecasts: api.forecaster,
            quota: MonthlyQuota(store: api.store, logger: Logger(label: "test", factory: { _ in api.log })),
            currency: "$", timeLimit: .milliseconds(50))
        await #expect(throws: QueryError.issueAwaited("ENG-7")) {
            _ = try await analyses.report(
                on: "ENG-7", template: .executive, storesHistory: true, for: principal, at: testNow)
        }
        #expect(wasCancelled.withLock { $0 })
        #expect(try await api.uses(of: made.id).issue == 0)
    }

    @Test func anAwaitedIssueIs202WithWhereToLook() throws {
        let answer = APIError(QueryError.issueAwaited("ENG-7"))
        #expect(answer.code.status == .accepted && answer.code.rawValue == "analysis_pending")
        #expect(answer.headers[.location] == raw && answer.headers[.retryAfter] == "5")
        #expect(answer.detail.contains(raw))
    }
}
