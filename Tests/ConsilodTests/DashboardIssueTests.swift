import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The page of an issue and that of the forecasts, by the real program.
@Suite struct DashboardIssueTests {
    @Test func anIssueTellsWhatMovedItsScoreAndHowTwoMomentsDiffer() async throws {
        let story = try await PageStory.started()
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        let page = try await visitor.get("/dashboard/issues/PAY-1")
        #expect(page.status == 200 && !page.text.contains("{{") && !page.hasScript)
        // The comment that says so raised the score, in the words of the table and as an area of the chart.
        #expect(page.text.contains("Bo Ek: We are blocked by the vendor"))
        #expect(page.text.contains("class=\"factor-blockers\"") && page.text.contains("class=\"key-blockers\""))
        // Due tomorrow with five days of work: another date alone brings it below the band.
        #expect(page.text.contains("What would lower it"))
        #expect(page.text.contains("Agree with those who wait for it on "))
        let file = try await visitor.get("/dashboard/issues/PAY-1/history.csv")
        #expect(file.headers.first(name: "content-type") == "text/csv; charset=utf-8")
        let rows = file.text.split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let head = try #require(rows.first).map(String.init)
        #expect(head.prefix(3) == ["analyzed_at", "risk_score", "blocker_count"])
        #expect(head.dropFirst(4).map { $0 } == Factor.Name.allCases.map(\.rawValue))
        // Each score is the sum of its factors.
        for row in rows.dropFirst() {
            #expect(Int(row[1]) == row.dropFirst(4).reduce(0) { $0 + (Int($1) ?? 0) })
        }
        #expect(rows.count > 2)

        // The whole story, from the first to the last moment, whose factors sum to the difference.
        let choices = page.text.matches(of: /<option value="([0-9]+)"/).compactMap { Int64($0.output.1) }
        let (newest, oldest) = (try #require(choices.max()), try #require(choices.min()))
        let compared = try await visitor.get("/dashboard/issues/PAY-1?from=\(oldest)&to=\(newest)")
        let change = try #require(Int(rows[rows.count - 1][1])) - (try #require(Int(rows[1][1])))
        #expect(compared.text.contains("What changed between"))
        #expect(compared.text.contains("<b>\(change < 0 ? "−" : "+")\(abs(change))</b>"))
        // Instants that are no analysis of it compare nothing.
        let other = try await visitor.get("/dashboard/issues/PAY-1?from=1&to=x")
        #expect(other.status == 200 && !other.text.contains("What changed between"))
        #expect(try await visitor.get("/dashboard/issues/PAY-77/history.csv").status == 404)
    }

    @Test func anIssueTellsWhatChangedItsScoreSinceADayAndHowItStoodThen() async throws {
        let story = try await PageStory.started()
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        let page = try await visitor.get("/dashboard/issues/PAY-1")
        #expect(page.text.contains("id=\"since\"") && !page.text.contains("<td colspan=\"2\">"))
        let asked = try await visitor.get("/dashboard/issues/PAY-1?since=2020-01-01")
        #expect(asked.status == 200 && asked.text.contains("From 2020-01-01 00:00 UTC to "), "\(asked.text)")
        #expect(!asked.text.contains("{{") && !asked.hasScript)
        // From nothing to the score of now, and the points of the rows sum to it.
        let total = try #require(asked.text.firstMatch(of: /<td colspan="2">0 → ([0-9]+)<\/td>/)?.output.1)
        #expect(asked.text.contains("<td class=\"number\"><b>+\(total)</b></td>"))
        for query in ["since=x", "since=2999-01-01", "since=2026-02-03&until=2026-02-01"] {
            let wrong = try await visitor.get("/dashboard/issues/PAY-1?\(query)")
            #expect(wrong.status == 200 && wrong.text.contains("The days must be dates"), "\(query)")
        }
        let link = try #require(page.text.firstMatch(of: /href="(\/dashboard\/issues\/PAY-1\/past\?at=[0-9]+)"/))
        let past = try await visitor.get(String(link.output.1))
        #expect(past.status == 200 && past.text.contains("As it stood at "), "\(past.text)")
        #expect(past.text.contains("PAY-1?since=") && !past.text.contains("{{") && !past.hasScript)
        #expect(try await visitor.get("/dashboard/issues/PAY-1/past?at=1").status == 422)
        #expect(try await visitor.get("/dashboard/issues/PAY-77/past").status == 404)
    }

    @Test func anotherTenantsIssueHasNoHistory() async throws {
        let story = try await PageStory.started()
        let stranger = try await story.daemon.createTenant("stranger")
        let visitor = try await Visitor.signedIn(at: story.daemon, key: stranger.api_key)
        #expect(try await visitor.get("/dashboard/issues/PAY-1/history.csv").status == 404)
        #expect(try await visitor.get("/dashboard/issues/PAY-1/past").status == 404)
        #expect(try await visitor.get("/dashboard/issues/PAY-1").status == 404)
    }

    @Test func aBacktestIsAskedForOnThePageOfTheForecasts() async throws {
        let story = try await PageStory.started()
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        let page = try await visitor.get("/dashboard/forecast")
        #expect(page.status == 200 && !page.text.contains("{{"))
        #expect(page.text.contains("Late for its due date?") && page.text.contains("Start a backtest"))
        let token = try page.formToken
        let refused = try await visitor.post(
            "/dashboard/forecast/backtest", ["form_token": token, "cuts": "99", "horizon_days": "30"])
        #expect(refused.status == 422 && refused.text.contains("has to be 1 to 24"))
        #expect(try await visitor.post("/dashboard/forecast/backtest", ["cuts": "2"]).status == 400)
        let asked = try await visitor.post(
            "/dashboard/forecast/backtest", ["form_token": token, "cuts": "2", "horizon_days": "30"])
        #expect(asked.status == 303 && asked.location == "/dashboard/forecast")
        // Too little has happened here to learn from, which the page says in the end.
        try await eventually("the backtest has ended") {
            let page = try await visitor.get("/dashboard/forecast")
            return page.status == 200 && page.text.contains("The backtest of ")
        }
    }
}
