import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The pages, by the real program, as a client without a script sees them.
@Suite struct DashboardTests {
    /// A daemon with a tenant that has issues, one of them with mark-up in its texts.
    private func populated() async throws -> (daemon: DaemonProcess, tenant: DaemonProcess.Tenant) {
        let daemon = try DaemonProcess(configuration: "alerts: {group_wait_seconds: 0, max_attempts: 1}\n")
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        for (path, body) in [
            ("/api/alert-channels", #"{"kind": "email", "name": "<b>leads</b>", "target": "a@example.com"}"#),
            ("/api/alert-rules", #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#),
        ] {
            #expect(try await daemon.request(.post, path, token: tenant.api_key, body: body).status == 201)
        }
        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(1, comments: ["We are blocked by <script>alert(1)</script> & wait for the other team."])
        stream.addIssue(2)
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilSettled(tenant, issues: 2)
        return (daemon, tenant)
    }

    @Test func whoHasTheKeySeesTheirIssuesAndWhyTheyAreAtRisk() async throws {
        let (daemon, tenant) = try await populated()
        let refused = try await Visitor(daemon).post("/dashboard/sign-in", ["api_key": "cslk_wrong"])
        #expect(refused.status == 403 && refused.text.contains("not the API key"))
        #expect(refused.headers.first(name: "set-cookie") == nil)

        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        let overview = try await visitor.get("/dashboard")
        #expect(overview.status == 200 && overview.text.contains("/dashboard/issues/PAY-1"))
        let issues = try await visitor.get("/dashboard/issues?project=pay&sort=forecast")
        #expect(issues.text.contains("PAY-1") && issues.text.contains("PAY-2"))
        let none = try await visitor.get("/dashboard/issues?project=NONE")
        #expect(none.status == 200 && none.text.contains("No issue matches") && !none.text.contains("PAY-1"))
        let issue = try await visitor.get("/dashboard/issues/pay-1")
        #expect(issue.text.contains("&lt;script&gt;alert(1)") && !issue.text.contains("<script>"))
        #expect(issue.text.contains("What would lower it"))
        let alerts = try await visitor.get("/dashboard/alerts")
        #expect(alerts.text.contains("&lt;b&gt;leads&lt;/b&gt;") && !alerts.text.contains("<b>leads"))
        for page in [overview, issues, issue, alerts] {
            #expect(page.status == 200)
            let policy = try #require(page.headers.first(name: "content-security-policy"))
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
            #expect(page.headers.first(name: "cache-control") == "no-store")
            #expect(page.text.contains(" UTC") && !page.text.contains(" style=") && !page.text.contains("{{"))
        }
        let style = try #require(overview.text.firstMatch(of: /href="(\/dashboard\/assets\/[0-9a-f]+\.css)"/))
        #expect(
            try await Visitor(daemon).get(String(style.output.1)).headers.first(name: "content-type")?.hasPrefix(
                "text/css") == true)
    }

    @Test func withoutASessionThereIsNothingToSee() async throws {
        let (daemon, tenant) = try await populated()
        for cookie in [nil, "consilod_session=csls_made-up", "consilod_session="] {
            let answer = try await Visitor(daemon, cookie: cookie).get("/dashboard/issues/PAY-1?x=1")
            #expect(answer.status == 303)
            #expect(answer.location == "/dashboard/sign-in?next=%2Fdashboard%2Fissues%2FPAY-1%3Fx%3D1")
        }
        // Nobody is led to another site after signing in.
        for next in ["//evil.example", "https://evil.example", "/dashboardevil", "/api/issues", "/dashboard/\\evil"] {
            let answer = try await Visitor(daemon).post(
                "/dashboard/sign-in", ["api_key": tenant.api_key, "next": next])
            #expect(answer.location == "/dashboard", "\(next)")
        }
        let other = try await daemon.createTenant("other")
        let stranger = try await Visitor.signedIn(at: daemon, key: other.api_key)
        let foreign = try await stranger.get("/dashboard/issues/PAY-1")
        #expect(foreign.status == 404 && !foreign.text.contains("blocked"))
        #expect(try await !stranger.get("/dashboard").text.contains("PAY-"))
        #expect(try await !stranger.get("/dashboard/alerts").text.contains("PAY-"))
    }

    @Test func aSessionEndsWithItsKeyAndWhenItIsSignedOut() async throws {
        let (daemon, tenant) = try await populated()
        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        let page = try await visitor.get("/dashboard")
        // A form of another site, and one that lacks the session's token, sign nobody out.
        _ = try await visitor.post("/dashboard/sign-out", ["form_token": String(repeating: "0", count: 64)])
        #expect(try await visitor.get("/dashboard").status == 200)
        let out = try await visitor.post("/dashboard/sign-out", ["form_token": try page.formToken])
        #expect(out.location == "/dashboard/sign-in")
        #expect(out.headers.first(name: "set-cookie")?.contains("Max-Age=0") == true)
        #expect(try await visitor.get("/dashboard").status == 303)

        let again = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        let rotated = try await daemon.request(
            .post, "/api/tenants/\(tenant.id)/api-key", token: tenant.api_key, body: "{}")
        #expect(rotated.status < 300, "\(rotated.text)")
        #expect(try await again.get("/dashboard").status == 303)
        #expect(!daemon.log.contains("csls_"))
    }

    @Test func aDeadLetterIsSentAgainByAFormOfTheSessionAlone() async throws {
        let (daemon, tenant) = try await populated()
        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        try await eventually("mail cannot be delivered on this host") {
            try daemon.query("SELECT COUNT(*) FROM notifications WHERE state = 'dead'") == [["1"]]
        }
        let page = try await visitor.get("/dashboard/alerts?state=dead")
        let delivery = try #require(page.text.firstMatch(of: /name="delivery" value="([0-9A-F-]{36})"/)).output.1
        let token = try page.formToken
        for (form, headers) in [
            (["delivery": String(delivery)], [:]),
            (["delivery": String(delivery), "form_token": String(repeating: "0", count: 64)], [:]),
            (["delivery": String(delivery), "form_token": token], ["sec-fetch-site": "cross-site"]),
        ] {
            #expect(try await visitor.post("/dashboard/alerts/retry", form, headers: headers).status == 400)
        }
        let attempts = { try daemon.query("SELECT state, attempts FROM notifications") }
        let before = try attempts()
        let other = try await Visitor.signedIn(at: daemon, key: try await daemon.createTenant("other").api_key)
        let foreign = try await other.get("/dashboard/alerts").formToken
        #expect(
            try await other.post(
                "/dashboard/alerts/retry", ["delivery": String(delivery), "form_token": foreign]
            ).status == 400)
        #expect(try attempts() == before)
        let sent = try await visitor.post(
            "/dashboard/alerts/retry", ["delivery": String(delivery), "form_token": token])
        #expect(sent.status == 303)
        #expect(daemon.log.contains("dead letters"))
    }

    @Test func aLinkSignsInOnceAndIsNotUsedUpByLookingAtIt() async throws {
        let (daemon, tenant) = try await populated()
        let made = try await daemon.run(["login-link"], as: tenant)
        #expect(made.status == 0, "\(made.output)")
        let link = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let path = try #require(URLComponents(string: link)?.path)
        #expect(path.hasPrefix("/dashboard/links/csls_"))
        for _ in 0..<2 {
            let looked = try await Visitor(daemon).get(path)
            #expect(looked.status == 200 && looked.headers.first(name: "set-cookie") == nil)
        }
        let first = try await Visitor(daemon).post(path, [:])
        #expect(first.status == 303)
        let cookie = try #require(first.headers.first(name: "set-cookie"))
        #expect(try await Visitor(daemon, cookie: String(cookie.prefix { $0 != ";" })).get("/dashboard").status == 200)
        #expect(try await Visitor(daemon).post(path, [:]).status == 403)
        // What the browser holds is no link, and what the link held is no session.
        let token = String(path.dropFirst("/dashboard/links/".count))
        #expect(try await Visitor(daemon, cookie: "consilod_session=\(token)").get("/dashboard").status == 303)
        #expect(!daemon.log.contains(token))
    }

    @Test func wrongKeysAreLookedUpInBoundedNumber() async throws {
        let (daemon, tenant) = try await populated()
        var statuses: [UInt] = []
        for attempt in 0..<35 {
            let answer = try await Visitor(daemon).post("/dashboard/sign-in", ["api_key": "cslk_\(attempt)"])
            statuses.append(answer.status)
            if answer.status == 429 { #expect(answer.headers.first(name: "retry-after").flatMap(Int.init) != nil) }
        }
        #expect(statuses.count { $0 == 403 } == 30 && statuses.suffix(5).allSatisfy { $0 == 429 })
        // Who is signed in is not concerned; the API is not either.
        #expect(try await daemon.request(.get, "/api/issues", token: tenant.api_key).status == 200)
    }
}
