import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Queries
import Store
import TestSupport
import Testing

@testable import QueryAPI

@Suite struct FailureTests {
    @Test func unknownPathsAndMethodsHaveTheOneShape() async throws {
        try await APIHarness().run { client in
            let unknown = try await client.call(.get, "/api/nothing")
            #expect(unknown.text == #"{"code":"not_found","detail":"Not Found"}"#)
            #expect(unknown.status == .notFound)
            #expect(unknown.headers[.xContentTypeOptions] == "nosniff")
            let wrong = try await client.call(.patch, "/api/alert-rules")
            #expect(wrong.status == .methodNotAllowed)
            #expect(wrong.code == "method_not_allowed")
            #expect(Set((wrong.headers[.allow] ?? "").split(separator: ", ")) == ["GET", "POST"])
        }
    }

    @Test(arguments: ["{", "[]", "null", "\"text\"", "{\"a\": nope}", "\u{1}"])
    func refusesABodyThatIsNotAJSONObject(body: String) async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(.post, "/api/analyze/issue", as: tenant.apiKey, body: body)
            #expect(answer.status == .badRequest)
            #expect(answer.code == "malformed_json")
        }
    }

    @Test func refusesALargeBody() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let padding = String(repeating: " ", count: RequestFields.bodyLimit)
            let answer = try await client.call(
                .post, "/api/analyze/issue", as: tenant.apiKey, body: "{\(padding)}")
            #expect(answer.status == .contentTooLarge)
            #expect(answer.code == "body_too_large")
        }
    }

    @Test func anUnavailableStoreIsWorthAnotherTry() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try api.store.close()
            let answer = try await client.call(.get, "/api/issues", as: tenant.apiKey)
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.code == "unavailable")
            #expect(answer.headers[.retryAfter] == "5")
        }
    }

    @Test func theUnexpectedIsLoggedOnceAndNamedByItsRequest() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(Fixture.listing("ENG-1", score: 30), to: tenant.id)
            try await api.damageAnalyses(of: tenant.id)
            let answer = try await client.call(.get, "/api/issues", as: tenant.apiKey)
            #expect(answer.status == .internalServerError)
            #expect(answer.code == "internal")
            #expect(!answer.text.contains("StorageError"))
            let id = try #require(answer.json["detail"]?.text?.split(separator: " ").last)
            let lines = api.log.lines
            #expect(lines.count == 1)
            #expect(lines[0].hasPrefix("error") && lines[0].contains(id) && lines[0].contains("StorageError"))
        }
    }

    @Test func errorsOfOtherRoutesHaveTheOneShapeToo() async throws {
        let router = try await APIHarness().makeRouter()
        router.get("/teapot") { _, _ -> String in
            throw HTTPError(.unsupportedMediaType, headers: [.retryAfter: "9"], message: "no tea")
        }
        try await Application(router: router).test(.router) { client in
            let answer = try await APIClient(client: client).call(.get, "/teapot")
            #expect(answer.status == .unsupportedMediaType)
            #expect(answer.text == #"{"code":"unsupported_media_type","detail":"no tea"}"#)
            #expect(answer.headers[.retryAfter] == "9")
        }
    }

    @Test(arguments: [(HealthReport.Status.healthy, 200), (.degraded, 200), (.unhealthy, 503)])
    func healthTellsWhetherRequestsCanBeAnswered(status: HealthReport.Status, code: Int) async throws {
        var api = try await APIHarness()
        api.health.status = status
        api.health.figures = StoreFigures(
            pendingEvents: 1, rejectedEvents: 2, dueIssues: 3, parkedIssues: 4, queuedDeliveries: 5,
            deadDeliveries: 6, lastEventAt: nil)
        try await api.run { client in
            for path in ["/health", "/ready"] {
                let answer = try await client.call(.get, path)
                #expect(answer.status.code == code)
                #expect(answer.json["status"]?.text == status.rawValue)
                #expect(answer.json["service"]?.text == "consilod")
                #expect(answer.json["version"]?.text == "1.2.3")
                #expect(answer.json["model"]?.text == "wordlist-1")
                #expect(answer.json["components"]?["store"]?["detail"]?.text == "answers")
                #expect(answer.json["figures"]?["dead_deliveries"]?.number == 6)
            }
            let root = try await client.call(.get, "/")
            #expect(root.json.keys == ["name", "version", "status", "docs"])
        }
    }

    @Test func manyWhoAskForTheHealthAtOnceCostOneLook() async throws {
        let source = CountingHealth(report: try await APIHarness().health)
        let shared = SharedHealth(source, lifetime: .seconds(3600))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = await shared.health() } }
        }
        #expect(await source.looks == 1)
        let fleeting = SharedHealth(source, lifetime: .zero)
        for _ in 0..<2 { _ = await fleeting.health() }
        #expect(await source.looks == 3)
    }

    private actor CountingHealth: HealthReporting {
        private(set) var looks = 0
        private let report: HealthReport
        init(report: HealthReport) { self.report = report }

        func health() async -> HealthReport {
            looks += 1
            await Task.yield()
            return report
        }
    }

    @Test func everyCodeButThatOfAnAwaitedAnswerHasAFailureStatus() {
        for code in APIError.Code.allCases where code != .analysisPending {
            #expect((400...503).contains(code.status.code))
        }
    }

    @Test func aMonthEndsWhereTheNextBegins() {
        for (year, month) in [(2024, 2), (2026, 2), (2026, 11), (2026, 12)] {
            for day in [1, 15, 28] {
                let instant = CalendarDay(year: year, month: month, day: day)?.startUTC.adding(seconds: 5)
                let found = instant.map(CalendarMonth.init(containing:))
                let (nextYear, nextMonth) = month == 12 ? (year + 1, 1) : (year, month + 1)
                #expect(found?.start == CalendarDay(year: year, month: month, day: 1)?.startUTC)
                #expect(found?.end == CalendarDay(year: nextYear, month: nextMonth, day: 1)?.startUTC)
            }
        }
    }
}
