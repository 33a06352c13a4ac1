import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import IdentityTestSupport

/// People sign in at a real provider, through the doors of the real daemon.
@Suite(.enabled(if: IdentityPeers.hasOpenID, Comment(rawValue: IdentityPeers.noOpenID)))
struct DashboardSignInTests {
    @Test func aPersonSignsInAndSeesTheTenantOfTheClaim() async throws {
        try await SignInStory.running(claims: true) { story in
            let front = try await Visitor(story.daemon).get("/dashboard/sign-in?next=/dashboard/issues")
            #expect(front.text.contains("Sign in with Acme"))
            #expect(front.text.contains("/dashboard/sign-in/acme?next=%2Fdashboard%2Fissues"))
            let claims = #"{"email_verified": true, "name": "Ada", "roles": ["manager"]}"#
            let (visitor, page) = try await story.signIn("ada", claims: claims, next: "/dashboard/issues")
            #expect(page.status == 303 && page.location == "/dashboard/issues", "\(page.text)")
            let cookies = page.headers["set-cookie"]
            #expect(cookies.contains { $0.hasPrefix("consilod_pending=;") && $0.contains("Max-Age=0") })
            let session = try #require(cookies.first { $0.hasPrefix("consilod_session=cslp_") })
            #expect(["HttpOnly", "SameSite=Lax", "Path=/dashboard"].allSatisfy { session.contains($0) })
            let shown = try await visitor.get("/dashboard/issues")
            #expect(shown.status == 200 && shown.text.contains("acme") && shown.text.contains("/dashboard/account"))
            // A manager, and no owner.
            #expect(try await visitor.get("/dashboard/rules/new").status == 200)
            #expect(try await visitor.get("/dashboard/keys").status == 403)
            #expect(try story.actions() == ["membership.create", "session.begin"])
            let actors = try story.daemon.query("SELECT DISTINCT actor FROM audit_log WHERE tenant_id IS NOT NULL")
            #expect(actors.count == 1 && actors[0][0].hasPrefix("user:"))
            #expect(!story.daemon.log.contains("ada@") && !story.daemon.log.contains("cslp_"))

            let out = try await visitor.post("/dashboard/sign-out", ["form_token": try shown.formToken])
            #expect(out.location == "/dashboard/sign-in")
            #expect(try await visitor.get("/dashboard").location == "/dashboard/sign-in")
            #expect(try story.actions().last == "session.end")
        }
    }

    @Test func aResponseIsTakenOnceAndByItsOwnBrowserAlone() async throws {
        try await SignInStory.running(claims: true) { story in
            let claims = #"{"email_verified": true, "roles": ["viewer"]}"#
            let (own, others) = (try await story.begin(), try await story.begin())
            let query = try await story.atProvider("ada", own, claims: claims)
            for cookie in [nil, others.cookie, "consilod_pending=made-up", "consilod_pending="] {
                let refused = try await story.callback(query, cookie: cookie)
                #expect(refused.status == 403 && SignInStory.session(refused) == nil)
                #expect(refused.text.contains("response_state"), "\(cookie ?? "")")
            }
            let state = try #require(query.firstMatch(of: /state=([^&]+)/)).output.1
            let wrong = try await story.callback(
                query.replacing(state, with: String(state.reversed())), cookie: own.cookie)
            #expect(wrong.status == 403 && wrong.text.contains("response_state"))
            let good = try await story.callback(query, cookie: own.cookie)
            #expect(good.status == 303 && SignInStory.session(good) != nil, "\(good.text)")
            let replayed = try await story.callback(query, cookie: own.cookie)
            #expect(replayed.status == 403 && replayed.text.contains("response_used"))
            #expect(SignInStory.session(replayed) == nil)
            #expect(try story.count("sign_ins") == "1")
            let refusals = try story.daemon.query(
                "SELECT COUNT(*) FROM audit_log WHERE action = 'credentials.refuse' AND tenant_id IS NULL")
            #expect(refusals == [["6"]])
        }
    }

    @Test func aSignInThatBeganAtOneProviderDoesNotEndAtAnother() async throws {
        try await OpenIDProvider.running { (second: ChildServer) async throws -> Void in
            let more = """
                    - {name: second, issuer: "\(second.address)", client_id: consilod, client_authentication: none}
                """
            try await SignInStory.running(claims: true, more: { _ in more }) { story in
                let begun = try await story.begin()
                let query = try await story.atProvider(
                    "ada", begun, claims: #"{"email_verified": true, "roles": ["owner"]}"#)
                let mixed = try await story.callback(query, cookie: begun.cookie, at: "second")
                #expect(mixed.status == 403 && mixed.text.contains("response_other_provider"))
                #expect(SignInStory.session(mixed) == nil)
                // No code went to the other one.
                #expect(try await second.tell("{}", story.client)["/oauth2/token"] == nil)
                #expect(try await story.callback(query, cookie: begun.cookie).status == 303)
            }
        }
    }

    @Test func theProvidersKeysMayChangeInTheMiddle() async throws {
        try await SignInStory.running(claims: true) { story in
            let begun = try await story.begin()
            try await story.provider.tell(#"{"rotate": "drop"}"#, story.client)
            let query = try await story.atProvider("ada", begun, claims: #"{"roles": ["viewer"]}"#)
            #expect(try await story.callback(query, cookie: begun.cookie).status == 303)
        }
    }

    @Test func aProviderThatIsDownIsSaidToBe() async throws {
        try await SignInStory.running { story in
            try await story.provider.tell(#"{"down": ["/.well-known/openid-configuration"]}"#, story.client)
            let answer = try await Visitor(story.daemon).get("/dashboard/sign-in/acme")
            #expect(answer.status == 503 && answer.text.contains("provider_unavailable"))
            #expect(try await Visitor(story.daemon).get("/dashboard/sign-in/unknown").status == 404)
        }
    }

    @Test func whatAnOwnerTakesAwayIsGoneWithTheNextRequest() async throws {
        try await SignInStory.running { story in
            let link = try await story.invite("bob@acme.example", "owner")
            let (bob, landed) = try await story.signIn("bob", next: link)
            #expect(landed.location == link)
            _ = try await bob.post(link, ["form_token": try await bob.get(link).formToken])
            #expect(try await bob.get("/dashboard/keys").status == 200)
            let id = try #require(try await story.members().first?.id)
            func set(_ role: String) async throws -> UInt {
                try await story.daemon.request(
                    .put, "/api/members/\(id)", token: story.tenant.api_key, body: #"{"role": "\#(role)"}"#
                ).status
            }
            // By the API and by the page of the members, which the last owner cannot leave.
            #expect(try await set("viewer") == 409)
            let page = try await bob.get("/dashboard/members")
            let form = ["form_token": try page.formToken, "id": id]
            let kept = try await bob.post("/dashboard/members/remove", form)
            #expect(kept.status == 422 && kept.text.contains("This is the last owner."))
            let demoted = try await bob.post("/dashboard/members/role", form.merging(["role": "viewer"]) { $1 })
            #expect(demoted.status == 422 && demoted.text.contains("This is the last owner."))

            let second = try await story.invite("ada@acme.example", "manager")
            let (ada, _) = try await story.signIn("ada", next: second)
            _ = try await ada.post(second, ["form_token": try await ada.get(second).formToken])
            #expect(try await ada.get("/dashboard/keys").status == 403)
            let adas = try #require(try await story.members().first { $0.email == "ada@acme.example" }?.id)
            let token = try await bob.get("/dashboard/members").formToken
            func change(_ fields: [String: String], at path: String) async throws -> UInt {
                try await bob.post(
                    "/dashboard/members/\(path)", ["form_token": token, "id": adas].merging(fields) { $1 }
                ).status
            }
            // A role that rises holds at once; one that falls ends the session.
            #expect(try await change(["role": "owner"], at: "role") == 303)
            #expect(try await ada.get("/dashboard/keys").status == 200)
            #expect(try await change(["role": "viewer"], at: "role") == 303)
            #expect(try await ada.get("/dashboard").status == 303)
            let (again, _) = try await story.signIn("ada")
            #expect(try await again.get("/dashboard").status == 200)
            #expect(try await again.get("/dashboard/rules/new").status == 403)
            #expect(try await change([:], at: "remove") == 303)
            let gone = try await again.get("/dashboard")
            #expect(gone.status == 303 && gone.location == "/dashboard/sign-in")
            let stranger = try await story.signIn("ada").page
            #expect(stranger.status == 403 && stranger.text.contains("no access here"))
        }
    }

    @Test func aClaimThatGoesTakesTheMembershipWithIt() async throws {
        try await SignInStory.running(claims: true) { story in
            let (ada, _) = try await story.signIn("ada", claims: #"{"roles": ["owner"]}"#)
            #expect(try await ada.get("/dashboard/keys").status == 200)
            let id = try #require(try await story.members().first?.id)
            let refused = try await story.daemon.request(
                .put, "/api/members/\(id)", token: story.tenant.api_key, body: #"{"role": "viewer"}"#)
            #expect(refused.status == 409 && refused.text.contains("role_from_claim"))
            let gone = try await story.signIn("ada", claims: #"{"roles": []}"#).page
            #expect(gone.status == 403 && SignInStory.session(gone) == nil)
            #expect(try await ada.get("/dashboard").status == 303)
            #expect(try await story.members().isEmpty)
        }
    }

    @Test func anInvitationIsAcceptedOnceByItsAddress() async throws {
        try await SignInStory.running { story in
            let link = try await story.invite("ada@acme.example", "viewer")
            let looked = try await Visitor(story.daemon).get(link)
            #expect(looked.status == 200 && looked.text.contains("acme invites you"))
            #expect(looked.text.contains("/dashboard/sign-in/acme?next=%2Fdashboard%2Finvitations%2F"))
            let (eve, _) = try await story.signIn("eve", next: link)
            let other = try await eve.post(link, ["form_token": try await eve.get(link).formToken])
            #expect(other.status == 403 && other.text.contains("another mail address"))
            #expect(try await eve.get("/dashboard").location?.hasPrefix("/dashboard/tenants") == true)

            // Without the link, by the address that the provider vouches for.
            let (ada, landed) = try await story.signIn("ada")
            #expect(landed.location?.hasPrefix("/dashboard/tenants?next=") == true)
            let page = try await ada.get("/dashboard/tenants")
            let id = try #require(page.text.firstMatch(of: /name="invitation" value="([0-9a-f-]{36})"/)).output.1
            #expect(try await ada.post("/dashboard/tenants/accept", ["invitation": String(id)]).status == 400)
            let form = ["form_token": try page.formToken, "invitation": String(id)]
            #expect(try await ada.post("/dashboard/tenants/accept", form).location == "/dashboard")
            #expect(try await ada.get("/dashboard").status == 200)
            #expect(try await ada.post("/dashboard/tenants/accept", form).status == 404)
            #expect(try await Visitor(story.daemon).get(link).status == 404)
            #expect(try await eve.get(link).status == 404)
            #expect(try await Visitor(story.daemon).get("/dashboard/invitations/csli_made-up").status == 404)
            #expect(!story.daemon.log.contains("csli_"))
            #expect(try story.actions() == ["invitation.create", "membership.create", "invitation.accept"])
        }
    }

    @Test func whoHasNoTenantMakesOneWhereTheHostLetsThem() async throws {
        try await SignInStory.running { story in
            let stranger = try await story.signIn("eve").page
            #expect(stranger.status == 403 && SignInStory.session(stranger) == nil)
            #expect(try story.count("users") == "0")
        }
        try await SignInStory.running(isSelfService: true) { story in
            let (eve, landed) = try await story.signIn("eve")
            #expect(landed.location?.hasPrefix("/dashboard/tenants") == true)
            let page = try await eve.get("/dashboard/tenants")
            var form = [
                "form_token": try page.formToken, "company_name": "Eve & Co", "jira_url": "https://eve.atlassian.net",
                "jira_email": "eve@acme.example", "jira_token": "",
            ]
            let wrong = try await eve.post("/dashboard/tenants/new", form)
            #expect(wrong.status == 422 && wrong.text.contains("API token") && wrong.text.contains("Eve &amp; Co"))
            form["jira_token"] = "jira-token-of-eve"
            let made = try await eve.post("/dashboard/tenants/new", form)
            #expect(made.status == 303 && made.location == "/dashboard/setup", "\(made.text)")
            #expect(try await eve.get("/dashboard/keys").status == 200)
            let rows = try story.daemon.query(
                "SELECT status FROM tenants WHERE company_name = 'Eve & Co' AND trial_ends_at IS NOT NULL "
                    + "AND owner_user_id IS NOT NULL")
            #expect(rows == [["trial"]])
            form["jira_url"] = "https://eve2.atlassian.net"
            #expect(try await eve.post("/dashboard/tenants/new", form).location == "/dashboard/tenants")
            #expect(try story.count("tenants") == "3")
            #expect(!story.daemon.log.contains("jira-token-of-eve"))
        }
    }

    @Test func whoHasSeveralTenantsChoosesAndSwitches() async throws {
        try await SignInStory.running { story in
            _ = try await story.invite("ada@acme.example", "owner")
            let (first, _) = try await story.signIn("ada")
            func join(_ visitor: Visitor) async throws {
                let page = try await visitor.get("/dashboard/tenants")
                let id = try #require(page.text.firstMatch(of: /name="invitation" value="([0-9a-f-]{36})"/)).output.1
                _ = try await visitor.post(
                    "/dashboard/tenants/accept", ["form_token": try page.formToken, "invitation": String(id)])
            }
            try await join(first)
            _ = try await story.invite("ada@acme.example", "viewer", to: story.other)
            try await join(first)
            let (ada, landed) = try await story.signIn("ada", next: "/dashboard/issues")
            #expect(landed.location == "/dashboard/tenants?next=%2Fdashboard%2Fissues")
            #expect(try await ada.get("/dashboard").location == "/dashboard/tenants?next=%2Fdashboard")
            let token = try await ada.get("/dashboard/tenants").formToken
            func choose(_ id: String) async throws -> Visitor.Page {
                try await ada.post(
                    "/dashboard/tenants", ["form_token": token, "tenant": id, "next": "/dashboard/issues"])
            }
            #expect(try await choose(story.tenant.id).location == "/dashboard/issues")
            #expect(try await ada.get("/dashboard/keys").status == 200)
            #expect(try await choose(story.other.id).status == 303)
            #expect(try await ada.get("/dashboard/keys").status == 403)
            #expect(try await ada.get("/dashboard").text.contains("<span class=\"company\">other</span>"))
            #expect(try await choose(UUID().uuidString).status == 404)
            let page = try await ada.get("/dashboard/account")
            #expect(page.text.split(separator: "name=\"session\"").count == 3)
            #expect(
                try await ada.post("/dashboard/account/end-all", ["form_token": try page.formToken]).location
                    == "/dashboard/sign-in")
            for visitor in [first, ada] { #expect(try await visitor.get("/dashboard").status == 303) }
        }
    }

    @Test func aSessionEndsWithItsProviderAndRefusalsAreCountedByAddress() async throws {
        try await SignInStory.running(claims: true) { story in
            let (ada, _) = try await story.signIn("ada", claims: #"{"roles": ["viewer"]}"#)
            #expect(try await ada.get("/dashboard").status == 200)
            var statuses: [UInt] = []
            for _ in 0..<31 {
                let answer = try await Visitor(story.daemon).get(
                    "/dashboard/sign-in/acme/callback?state=x", headers: ["x-forwarded-for": "192.0.2.7"])
                statuses.append(answer.status)
            }
            #expect(statuses == Array(repeating: 403, count: 30) + [429])
            let elsewhere = try await Visitor(story.daemon).get(
                "/dashboard/sign-in/acme/callback?state=x", headers: ["x-forwarded-for": "192.0.2.8"])
            #expect(elsewhere.status == 403)
            #expect(try await ada.get("/dashboard").status == 200)

            story.daemon.signal(SIGTERM)
            _ = try await story.daemon.waitForExit()
            try story.daemon.rewriteConfiguration(#"http: {public_url: "http://localhost:8080"}"#)
            try await story.daemon.restart()
            #expect(try await ada.get("/dashboard").location == "/dashboard/sign-in")
        }
    }
}
