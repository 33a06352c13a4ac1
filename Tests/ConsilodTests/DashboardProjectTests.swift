import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The pages of issues, projects, portfolios and sprints, by the real program.
@Suite struct DashboardProjectTests {
    /// The keys of the issues in a table.
    private func keys(_ page: Visitor.Page) -> [String] {
        page.text.matches(of: /<th scope="row"><a href="\/dashboard\/issues\/[^"]+">([A-Z]+-[0-9]+)<\/a>/)
            .map { String($0.output.1) }
    }

    private func isPlain(_ page: Visitor.Page) -> Bool {
        page.status == 200 && !page.text.contains("{{") && !page.text.contains(" style=")
            && !page.hasScript && page.text.contains(" UTC")
            && page.headers.first(name: "content-security-policy")?.contains("default-src 'none'") == true
    }

    @Test func issuesAreFilteredAndSortedByTheAddress() async throws {
        let story = try await PageStory.started()
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        for (query, expected) in [
            ("sort=key", ["OPS-9", "PAY-1", "PAY-2", "PAY-3"]), ("sort=key&project=ops", ["OPS-9"]),
            ("sort=key&assignee=ada+nowak", ["OPS-9", "PAY-1", "PAY-3"]),
            ("sort=key&assignee=unassigned&include_done=true", ["PAY-2", "PAY-4"]),
            ("status=done&include_done=true", ["PAY-4"]), ("label=release", ["PAY-1"]),
            ("sort=key&sprint=7", ["PAY-1", "PAY-2"]), ("sort=key&sprint=Sprint+7", ["PAY-1", "PAY-2"]),
            ("sort=key&epic=pay-900&project=PAY", ["PAY-1", "PAY-2", "PAY-3"]),
            ("sort=key&text=sto", ["PAY-1", "PAY-2", "PAY-3"]),
            ("text=pay-3", ["PAY-3"]), ("sort=due", ["PAY-1", "PAY-2", "PAY-3", "OPS-9"]),
            ("sort=updated", ["OPS-9", "PAY-3", "PAY-2", "PAY-1"]), ("label=nothing", []),
        ] {
            let page = try await visitor.get("/dashboard/issues?\(query)")
            #expect(isPlain(page))
            #expect(
                query.contains("sort=updated") ? Set(keys(page)) == Set(expected) : keys(page) == expected, "\(query)")
            let file = try await visitor.get("/dashboard/issues.csv?\(query)").rows
            #expect(file.first?.prefix(3) == ["issue_key", "project_key", "summary"])
            #expect(file.dropFirst().map { $0[0] } == keys(page), "\(query)")
        }
        let page = try await visitor.get("/dashboard/issues?sort=due&assignee=Ada+Nowak")
        #expect(page.text.contains("aria-sort=\"ascending\"") && page.text.contains("value=\"Ada Nowak\""))
        #expect(page.text.contains("/dashboard/issues.csv?assignee=Ada%20Nowak&amp;sort=due"))
        #expect(page.text.contains("<option value=\"unassigned\">") && page.text.contains("<option value=\"Release\">"))
    }

    @Test func textsOfIssuesAreNeitherMarkupNorFormulas() async throws {
        let story = try await PageStory.started()
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        let page = try await visitor.get("/dashboard/issues?project=OPS")
        // By bytes: with its mark the end of what stands for a quotation mark is another character.
        #expect(Array(page.text.utf8).contains(Array("&quot;quoted&quot;".utf8)) && !page.text.contains("<b>bold"))
        let typed = try await visitor.get("/dashboard/issues?text=%22%CC%81%3E%3Cscript%3E")
        #expect(isPlain(typed) && Array(typed.text.utf8).contains(Array("value=\"&quot;".utf8)))
        let file = try await visitor.get("/dashboard/issues.csv?project=OPS")
        #expect(file.headers.first(name: "content-type") == "text/csv; charset=utf-8")
        #expect(file.headers.first(name: "content-disposition") == "attachment; filename=\"issues.csv\"")
        let read = try file.rows
        #expect(Array((read.last?[2] ?? "").utf8) == Array("'\(PageStory.formula)".utf8))
        #expect(Set(read.map(\.count)).count == 1)
    }

    @Test func theOverviewHasTheWeekTheBlockersAndThePastOnceTheyAreMade() async throws {
        let story = try await PageStory.started()
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        let first = try await visitor.get("/dashboard")
        #expect(first.headers.first(name: "refresh") != nil || first.text.contains("Risk over time"))
        try await eventually("a worker makes the figures") {
            try await visitor.get("/dashboard").text.contains("Risk over time")
        }
        let page = try await visitor.get("/dashboard")
        #expect(isPlain(page) && page.headers.first(name: "refresh") == nil)
        #expect(page.text.contains("<svg class=\"chart bands-chart\"") && page.text.contains("heat-4"))
        #expect(page.text.contains("Last webhook "))
        let risk = try await visitor.get("/dashboard/risk.csv").rows
        #expect(risk.first == ["day", "high", "medium", "low", "open"])
        // All five were open six days ago; one was done since.
        #expect(risk.last?.last == "4" && risk.dropFirst().contains { $0.last == "4" || $0.last == "5" })
        let blockers = try await visitor.get("/dashboard/blockers.csv").rows
        #expect(blockers.first?.first == "project_key" && blockers.last?.first == "PAY")
    }

    @Test func aProjectShowsItsFiguresAndItsIssuesAlone() async throws {
        let story = try await PageStory.started()
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        let list = try await visitor.get("/dashboard/projects")
        #expect(
            isPlain(list) && list.text.contains("/dashboard/projects/PAY")
                && list.text.contains("/dashboard/projects/OPS"))
        try await eventually("a worker makes the figures") {
            try await visitor.get("/dashboard/projects/pay").text.contains("a day.")
        }
        let page = try await visitor.get("/dashboard/projects/PAY?sort=key&assignee=Ada+Nowak")
        #expect(isPlain(page) && keys(page) == ["PAY-1", "PAY-3"])
        #expect(page.text.contains("Open blockers") && page.text.contains("sound negative"))
        #expect(page.text.contains("action=\"/dashboard/projects/PAY\""))
        #expect(page.text.contains("/dashboard/issues.csv?project=PAY&amp;assignee=Ada%20Nowak&amp;sort=key"))
        #expect(try await visitor.get("/dashboard/projects/NONE").status == 404)
        let file = try await visitor.get("/dashboard/projects/PAY/risk.csv").rows
        #expect(file.last?.last == "3")
    }

    @Test func aPortfolioIsMadeWhenSomebodyAsksForItAndCountsThen() async throws {
        let story = try await PageStory.started(configuration: "jira: {enabled: false}\n")
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        let uses = { try story.daemon.query("SELECT COUNT(*) FROM usage_logs") }
        let form = try await visitor.get("/dashboard/projects")
        let token = try form.formToken
        #expect(try uses() == [["0"]])
        for (slices, problem) in [
            ("NOPE", "Nothing is known of the project of NOPE"), ("a b c", "neither the key of a project"),
            ("", "at least one"),
        ] {
            let refused = try await visitor.post("/dashboard/projects", ["form_token": token, "slices": slices])
            #expect(refused.status == 422 && refused.text.contains(problem), "\(slices): \(refused.status)")
        }
        #expect(try await visitor.post("/dashboard/projects", ["slices": "PAY"]).status == 400)
        #expect(try uses() == [["0"]])
        let answer = try await visitor.post(
            "/dashboard/projects", ["form_token": token, "slices": "PAY\nEverything: project in (PAY, OPS)"])
        #expect(isPlain(answer) && answer.text.contains("Everything") && answer.text.contains("All, each issue once"))
        #expect(try uses() == [["1"]])
    }

    @Test func aSprintShowsItsScopeAndWhatIsLeft() async throws {
        let story = try await PageStory.started()
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        let list = try await visitor.get("/dashboard/sprints")
        #expect(isPlain(list) && list.text.contains("<a href=\"/dashboard/sprints/7\">Sprint 7</a>"))
        let page = try await visitor.get("/dashboard/sprints/7")
        #expect(isPlain(page) && Set(keys(page)) == ["PAY-1", "PAY-2"])
        func part(_ name: String) -> Substring {
            let rest = page.text.components(separatedBy: "<th scope=\"row\">\(name)</th>").dropFirst().first ?? ""
            return rest.prefix { $0 != "\n" }
        }
        for (name, count, keys) in [
            ("At the start", 3, ["PAY-1", "PAY-3", "PAY-4"]), ("Added", 1, ["PAY-2"]), ("Removed", 1, ["PAY-3"]),
            ("Done", 1, ["PAY-4"]), ("Not done", 2, ["PAY-1", "PAY-2"]),
        ] {
            #expect(part(name).contains("<td class=\"number\">\(count)</td>"), "\(name)")
            for key in keys { #expect(part(name).contains(">\(key)</a>"), "\(name) \(key)") }
        }
        #expect(page.text.contains("<svg class=\"chart\""))
        let left = try await visitor.get("/dashboard/sprints/7/burn-down.csv").rows
        #expect(left.first == ["at", "issues", "story_points"])
        // Three at the start; one came, one went and one was done since.
        #expect(left[1][1] == "3" && left.last?[1] == "2" && left.last?[2] == "13")
        #expect(try story.daemon.query("SELECT COUNT(*) FROM usage_logs") == [["0"]])
        #expect(try await visitor.get("/dashboard/sprints/8").status == 404)
    }

    @Test func nothingOfAnotherTenantIsShown() async throws {
        let story = try await PageStory.started()
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        try await eventually("a worker makes the figures") {
            try await visitor.get("/dashboard").text.contains("Risk over time")
        }
        let other = try await Visitor.signedIn(
            at: story.daemon, key: try await story.daemon.createTenant("other").api_key)
        for path in [
            "/dashboard/projects/PAY", "/dashboard/projects/PAY/risk.csv", "/dashboard/sprints/7",
            "/dashboard/sprints/7/burn-down.csv",
        ] {
            let page = try await other.get(path)
            #expect(page.status == 404 && !page.text.contains("Story"), "\(path)")
        }
        for path in [
            "/dashboard", "/dashboard/issues?include_done=true", "/dashboard/issues.csv?include_done=true",
            "/dashboard/projects", "/dashboard/projects.csv", "/dashboard/sprints", "/dashboard/sprints.csv",
            "/dashboard/risk.csv", "/dashboard/blockers.csv", "/dashboard/issues?sprint=7",
            "/dashboard/issues?text=story",
        ] {
            let page = try await other.get(path)
            #expect(page.status == 200, "\(path)")
            for text in ["PAY-", "/projects/PAY", "OPS", "Story", "Ada Nowak", "value=\"Release", "Sprint 7"] {
                #expect(!page.text.contains(text), "\(path): \(text)")
            }
            #expect(try await Visitor(story.daemon).get(path).status == 303)
        }
        let token = try await other.get("/dashboard/projects").formToken
        let portfolio = try await other.post("/dashboard/projects", ["form_token": token, "slices": "PAY"])
        #expect(portfolio.status == 422 && !portfolio.text.contains("Story"))
    }
}
