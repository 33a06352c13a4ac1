import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The page of the set-up, from a tenant whose token is wrong to the first score, against a simulated Jira.
@Suite struct DashboardSetupTests {
    @Test func setUpLeadsToTheFirstScoreInOneSitting() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(3)) { jira in
            let daemon = try JiraPicture.makeDaemon(
                jira,
                ["CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true", "CONSILOD_ALERTS_ALLOWED_HOSTS": "127.0.0.1"])
            try await daemon.startWithPublicURL()
            let tenant = try await daemon.createTenant(
                jiraURL: jira.url, jiraEmail: SimulatedJira.email, jiraToken: "not-the-right-token")
            let visitor = try await Visitor.signedIn(daemon, tenant.api_key)
            let stranger = try await Visitor.signedIn(daemon, try await daemon.createTenant("other").api_key)

            // The account: what is missing is named, and what was entered is kept but for the token.
            let checked = try await visitor.get("/dashboard/setup?check=1")
            #expect(checked.status == 200 && checked.text.contains("class=\"outcome-failed\">failed"))
            let moved = try await visitor.submit(
                "/dashboard/setup/jira", ["jira_url": "https://elsewhere.example", "jira_email": "x"])
            #expect(moved.status == 422 && moved.text.contains("API token: is required when jira_url changes"))
            #expect(moved.text.contains("value=\"https://elsewhere.example\""))
            let saved = try await visitor.submit(
                "/dashboard/setup/jira",
                ["jira_url": jira.url, "jira_email": SimulatedJira.email, "jira_token": SimulatedJira.token])
            #expect(saved.location == "/dashboard/setup?check=1", "\(saved.text)")
            let good = try await visitor.get("/dashboard/setup?check=1").text
            #expect(good.contains("knows the account as") && good.contains("Jira has no webhook for"), "\(good)")

            // The webhook.
            let registered = try await visitor.submit("/dashboard/setup/webhook")
            #expect(registered.status == 200 && registered.text.contains("was registered"), "\(registered.text)")
            #expect(jira.webhooks.count == 1)
            let tested = try await visitor.submit("/dashboard/setup/webhook-test")
            #expect(tested.text.contains("arrived."), "\(tested.text)")
            let made = try await visitor.submit("/dashboard/setup/secret")
            let page = try await visitor.get("/dashboard/setup").text
            #expect(made.text.contains("It is shown this once.") && !page.contains("It is shown this once."))
            #expect(page.contains("/webhooks/jira/\(tenant.id)") && page.contains("jira:issue_updated"))

            try await backfill(visitor, stranger: stranger, daemon)

            // The first webhook of Jira's own; one of this host's does not count.
            #expect(try await visitor.get("/dashboard/setup").text.contains("Jira sends one when an issue changes."))
            let comment = jira.comment(on: "10001", "Blocked by the vendor.")
            let webhook = try #require(SimulatedWebhook.comment(comment, on: "10001", of: jira))
            #expect(try await daemon.post(webhook, to: tenant).status == 202)

            // A channel; the rules are there from the start.
            #expect(try await !visitor.get("/dashboard/setup").text.contains("Everything is set up."))
            let channel = try await visitor.submit(
                "/dashboard/channels/new",
                ["kind": "slack", "name": "team", "target": "http://127.0.0.1:9/x", "enabled": "true", "alerts": "all"])
            #expect(channel.status == 303, "\(channel.text)")
            try await eventually("everything is set up") {
                try await visitor.get("/dashboard/setup").text.contains("Everything is set up.")
            }
            let complete = try await visitor.get("/dashboard/setup").text
            #expect(jira.violations == [])
            for secret in [SimulatedJira.token, "not-the-right-token"] {
                #expect(!complete.contains(secret) && !daemon.log.contains(secret))
            }
        }
    }

    /// Fetches the issues from before the webhook, and waits for the page that says that they are here.
    private func backfill(_ visitor: Visitor, stranger: Visitor, _ daemon: DaemonProcess) async throws {
        let refused = try await visitor.submit("/dashboard/setup/backfill", ["jql": "", "project_key": ""])
        #expect(refused.status == 422)
        let started = try await visitor.submit("/dashboard/setup/backfill", ["project_key": "pay"])
        let path = try #require(started.location)
        #expect(started.status == 303 && path.hasPrefix("/dashboard/setup/backfills/"), "\(started.text)")
        #expect(try await stranger.get(path).status == 404)
        try await eventually("the page of the backfill is not loaded again any more") {
            let progress = try await visitor.get(path)
            return progress.headers.first(name: "refresh") == nil && progress.text.contains("All issues are here")
        }
        try await daemon.waitUntilApplied()
        #expect(try await visitor.get("/dashboard/issues").text.contains("PAY-1"))
    }

    @Test func aFormOfAnotherSessionChangesNothing() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let visitor = try await Visitor.signedIn(daemon, tenant.api_key)
        let other = try await Visitor.signedIn(daemon, try await daemon.createTenant("other").api_key)
        let foreign = try await other.get("/dashboard").formToken
        let before = try daemon.query("SELECT COUNT(*) FROM webhook_secrets")
        for path in ["jira", "webhook", "webhook-test", "secret", "backfill"] {
            for form in [[:], ["form_token": foreign]] {
                #expect(try await visitor.post("/dashboard/setup/\(path)", form).status == 400, "\(path)")
            }
        }
        #expect(try daemon.query("SELECT COUNT(*) FROM webhook_secrets") == before)
        // A host that makes no calls to Jira says so.
        let page = try await visitor.submit("/dashboard/setup/backfill", ["project_key": "PAY"])
        #expect(page.status == 422 && page.text.contains("makes no calls to Jira"))
    }
}
