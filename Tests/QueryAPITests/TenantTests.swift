import Domain
import Foundation
import HTTPTypes
import Store
import Synchronization
import TestSupport
import Testing
import Vault

@testable import QueryAPI

@Suite struct TenantTests {
    private static let valid = """
        {"company_name": " Acme ", "jira_url": "HTTPS://Acme.Example/jira/", "jira_email": "it@acme.example",
         "jira_token": "0123456789"}
        """

    /// The stored Jira token, which is sealed.
    private func jiraToken(of tenantID: TenantID, _ api: APIHarness) async throws -> String {
        let sealed = try #require(try await api.store.jiraCredentials(tenantID)).sealedToken
        let token = try api.vault.open(sealed)
        #expect(!sealed.contains(token))
        return token
    }

    @Test func answersTheOriginalFieldsAndTheSecretsOnce() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let answer = try await client.call(.post, "/api/tenants/", as: APIHarness.adminToken, body: Self.valid)
            #expect(answer.status == .created)
            #expect(
                answer.json.keys == [
                    "id", "company_name", "jira_url", "jira_email", "plan", "status", "created_at", "updated_at",
                    "monthly_issue_limit", "monthly_sprint_limit", "monthly_portfolio_limit", "own_limits",
                    "trial_ends_at",
                    "daily_rate_per_person", "deletes_at", "api_key", "webhook_secret", "webhook_url",
                ])
            let id = try #require(answer.json["id"]?.text)
            #expect(answer.json["company_name"]?.text == "Acme")
            #expect(answer.json["jira_url"]?.text == "https://acme.example/jira")
            #expect(answer.json["plan"]?.text == "starter")
            #expect(answer.json["status"]?.text == "trial")
            #expect(answer.json["daily_rate_per_person"]?.number == 2500)
            #expect(answer.json["monthly_issue_limit"]?.number == 200)
            #expect(answer.json["created_at"]?.text == "2026-11-24T13:00:00.000Z")
            #expect(answer.json["trial_ends_at"]?.text == "2026-12-08T13:00:00.000Z")
            #expect(answer.json["webhook_url"]?.text == "https://risk.example/webhooks/jira/\(id)")

            let again = try await client.call(.get, "/api/tenants/\(id)", as: answer.json["api_key"]?.text)
            #expect(again.status == .ok)
            #expect(answer.json.keys.subtracting(again.json.keys) == ["api_key", "webhook_secret", "webhook_url"])

            let tenantID = try #require(TenantID(id))
            #expect(api.signals.changedTenants.withLock { $0 } == [tenantID])
            #expect(try await jiraToken(of: tenantID, api) == "0123456789")
            let rules = try await api.store.alertRules(tenantID)
            #expect(
                rules.map(\.condition) == [
                    .threshold(raiseAt: 70, clearBelow: 60), .spike(points: 20, windowSeconds: 86_400),
                ])
            #expect(rules.map(\.name) == ["High risk", "Risk spike"])
        }
    }

    @Test func unlimitedPlansAndEndlessTrialsAreNull() async throws {
        var api = try await APIHarness()
        api.defaultPlan = .enterprise
        api.trialDays = 0
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let shown = try await client.call(.get, "/api/tenants/\(tenant.id)", as: tenant.apiKey).json
            #expect(shown["monthly_issue_limit"]?.isNull == true)
            #expect(shown["trial_ends_at"]?.isNull == true)
            let usage = try await client.call(.get, "/api/tenants/\(tenant.id)/usage", as: tenant.apiKey).json
            #expect(usage["issue_remaining"]?.isNull == true)
        }
    }

    @Test func takesTheHostHeaderWithoutAPublicURL() async throws {
        var api = try await APIHarness()
        api.publicURL = nil
        try await api.run { client in
            let answer = try await client.call(.post, "/api/tenants", as: APIHarness.adminToken, body: Self.valid)
            #expect(answer.json["webhook_url"]?.text?.hasPrefix("http://localhost/webhooks/jira/") == true)
        }
    }

    @Test func namesEveryInvalidField() async throws {
        try await APIHarness().run { client in
            let answer = try await client.call(
                .post, "/api/tenants", as: APIHarness.adminToken,
                body: """
                    {"company_name": "", "jira_url": 7, "jira_token": "short", "daily_rate_per_person": 1e308}
                    """)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.code == "validation_failed")
            #expect(
                Set(answer.invalidFields) == [
                    "company_name", "jira_url", "jira_email", "jira_token", "daily_rate_per_person",
                ])
        }
    }

    @Test(arguments: [
        "acme.example", "ftp://acme.example", "https://", "https://user:pw@acme.example", "https://acme.example?x=1",
        "https://acme.example/#top", "https://acme.exa mple", "javascript:alert(1)", "",
    ])
    func refusesAnAddressThatIsNotASite(url: String) async throws {
        try await APIHarness().run { client in
            let body = """
                {"company_name": "Acme", "jira_url": "\(url)", "jira_email": "it@acme.example",
                 "jira_token": "0123456789"}
                """
            let answer = try await client.call(.post, "/api/tenants", as: APIHarness.adminToken, body: body)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.invalidFields == ["jira_url"])
        }
    }

    @Test(arguments: ["nobody", "@acme.example", "it@", "a@b@c", "it @acme.example", "it@acme.example, x@y.example"])
    func refusesAnImplausibleMailAddress(email: String) async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(
                .put, "/api/tenants/\(tenant.id)", as: tenant.apiKey, body: #"{"jira_email": "\#(email)"}"#)
            #expect(answer.invalidFields == ["jira_email"])
        }
    }

    @Test func refusesASecondTenantWithTheSameSite() async throws {
        try await APIHarness().run { client in
            let first = try await client.call(.post, "/api/tenants", as: APIHarness.adminToken, body: Self.valid)
            let second = try await client.call(.post, "/api/tenants", as: APIHarness.adminToken, body: Self.valid)
            #expect(first.status == .created)
            #expect(second.status == .badRequest)
            #expect(second.code == "duplicate_jira_url")
            #expect(second.json["detail"]?.text?.contains("already exists") == true)

            let other = try await client.createTenant("other")
            let moved = try await client.call(
                .put, "/api/tenants/\(other.id)", as: other.apiKey,
                body: #"{"jira_url": "https://acme.example/jira", "jira_token": "0123456789"}"#)
            #expect(moved.status == .badRequest)
            #expect(moved.code == "duplicate_jira_url")
        }
    }

    @Test func changesOnlyWhatIsSent() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(
                .put, "/api/tenants/\(tenant.id)", as: tenant.apiKey,
                body: #"{"company_name": "Acme Two", "daily_rate_per_person": 1800, "jira_email": null}"#)
            #expect(answer.status == .ok)
            #expect(answer.json["company_name"]?.text == "Acme Two")
            #expect(answer.json["daily_rate_per_person"]?.number == 1800)
            #expect(answer.json["jira_email"]?.text == "it@acme.example")
            #expect(api.signals.changedTenants.withLock { $0 } == [tenant.id, tenant.id])
        }
    }

    @Test func whatAnUpdateCannotChangeIsNamed() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(
                .put, "/api/tenants/\(tenant.id)", as: tenant.apiKey,
                body: #"{"company_name": "New", "colour": 1}"#)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.invalidFields == ["colour"])
            #expect(try await api.store.tenant(tenant.id)?.companyName == "acme")
        }
    }

    @Test func aNewSiteNeedsItsOwnToken() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let path = "/api/tenants/\(tenant.id)"
            let stolen = try await client.call(
                .put, path, as: tenant.apiKey, body: #"{"jira_url": "https://evil.example"}"#)
            #expect(stolen.status == .unprocessableContent)
            #expect(stolen.invalidFields == ["jira_token"])
            #expect(try await api.store.tenant(tenant.id)?.jiraURL == "https://acme.example")

            let same = try await client.call(
                .put, path, as: tenant.apiKey, body: #"{"jira_url": "https://ACME.example/"}"#)
            #expect(same.status == .ok)

            let moved = try await client.call(
                .put, path, as: tenant.apiKey,
                body: #"{"jira_url": "https://new.example", "jira_token": "another-token"}"#)
            #expect(moved.json["jira_url"]?.text == "https://new.example")
            #expect(try await jiraToken(of: tenant.id, api) == "another-token")
        }
    }

    @Test func listsTenantsInPagesToTheHostsOwner() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            for name in ["a", "b", "c"] {
                _ = try await client.createTenant(name)
                api.clock.now = api.clock.now.adding(seconds: 1)
            }
            let first = try await client.call(.get, "/api/tenants?limit=2", as: APIHarness.adminToken)
            #expect(first.json.items.compactMap { $0["company_name"]?.text } == ["a", "b"])
            let next = try #require(first.nextPage)
            let last = try await client.call(.get, next, as: APIHarness.adminToken)
            #expect(last.json.items.compactMap { $0["company_name"]?.text } == ["c"])
            #expect(last.nextPage == nil)
        }
    }

    @Test func aTenantIsDeletedUnderItsNameAndRestoredUntilThen() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let path = "/api/tenants/\(tenant.id)"
            _ = try await client.call(.put, path, as: tenant.apiKey, body: #"{"company_name": "acme & co"}"#)
            for query in ["", "?company_name=acme", "?company_name="] {
                let refused = try await client.call(.delete, path + query, as: tenant.apiKey)
                #expect(refused.code == "validation_failed", "\(query)")
                #expect(try await api.store.tenant(tenant.id)?.deletesAt == nil)
            }
            let deleted = try await client.call(.delete, "\(path)?company_name=acme%20%26+co", as: tenant.apiKey)
            #expect(deleted.status == .ok)
            #expect(deleted.json["deletes_at"]?.text == testNow.adding(days: 7).description)
            #expect(try await client.call(.get, "/api/issues", as: tenant.apiKey).code == "tenant_inactive")
            let shown = try await client.call(.get, path, as: tenant.apiKey)
            #expect(shown.json["deletes_at"] == deleted.json["deletes_at"])
            let restored = try await client.call(.post, "\(path)/restore", as: tenant.apiKey)
            #expect(restored.status == .ok && restored.json["deletes_at"] == .null)
            #expect(try await client.call(.get, "/api/issues", as: tenant.apiKey).status == .ok)
        }
    }

    @Test func aHostWithoutADelayDeletesATenantWithAllItHasAtOnce() async throws {
        var api = try await APIHarness()
        api.deletionDays = 0
        try await api.run { [api] client in
            let tenant = try await client.createTenant("acme")
            let deleted = try await client.call(
                .delete, "/api/tenants/\(tenant.id)/?company_name=acme", as: tenant.apiKey)
            #expect(deleted.status == .ok)
            #expect(deleted.json.keys == ["deletes_at", "message"])
            #expect(try await api.store.tenants(after: nil, limit: 10).items.isEmpty)
            #expect(try await api.store.jiraCredentials(tenant.id) == nil)
            #expect(try await api.store.alertRules(tenant.id).isEmpty)
            #expect(try await api.store.webhookSecretInfos(tenant.id).isEmpty)
            let after = try await client.call(.get, "/api/tenants/\(tenant.id)", as: tenant.apiKey)
            #expect(after.status == .unauthorized)
        }
    }

    @Test func showsTheMonthsUsage() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            for (action, daysAgo) in [(UsageAction.issue, 0), (.sprint, 0), (.issue, 24)] {
                let at = testNow.adding(days: -daysAgo)
                _ = try await api.store.reserveUsage(
                    tenant.id, action: action, resourceKey: "ENG", in: CalendarMonth(containing: at),
                    by: .system("test"), now: at)
            }
            let usage = try await client.call(.get, "/api/tenants/\(tenant.id)/usage", as: tenant.apiKey)
            #expect(
                usage.text == """
                    {"issue_analyses":1,"issue_limit":200,"issue_remaining":199,"period":"2026-11",\
                    "portfolio_analyses":0,"portfolio_limit":1,"portfolio_remaining":1,"sprint_analyses":1,\
                    "sprint_limit":5,"sprint_remaining":4,"tenant_id":"\(tenant.id)","total_calls":2}
                    """)
        }
    }

    @Test func aRotatedKeyReplacesTheOldOne() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(.post, "/api/tenants/\(tenant.id)/api-key", as: tenant.apiKey)
            let newKey = try #require(answer.json["api_key"]?.text)
            #expect(try await client.call(.get, "/api/issues", as: tenant.apiKey).status == .unauthorized)
            #expect(try await client.call(.get, "/api/issues", as: newKey).status == .ok)
        }
    }

    @Test func webhookSecretsAreAddedShownOnceAndRemoved() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let path = "/api/tenants/\(tenant.id)/webhook-secrets"
            let made = try await client.call(.post, path, as: tenant.apiKey)
            #expect(made.status == .created)
            #expect(made.json["secret"]?.text?.isEmpty == false)
            let given = try await client.call(
                .post, path, as: tenant.apiKey, body: #"{"secret": "sixteen-bytes-ok"}"#)
            #expect(given.json["secret"]?.text == "sixteen-bytes-ok")
            let short = try await client.call(.post, path, as: tenant.apiKey, body: #"{"secret": "fifteen-bytes-x"}"#)
            #expect(short.invalidFields == ["secret"])

            let listed = try await client.call(.get, path, as: tenant.apiKey).json.items
            #expect(listed.count == 3)
            #expect(listed.allSatisfy { $0.keys == ["id", "created_at", "expires_at"] })

            let id = try #require(given.json["id"]?.text)
            #expect(try await client.call(.delete, "\(path)/\(id)", as: tenant.apiKey).status == .noContent)
            let gone = try await client.call(.delete, "\(path)/\(id)", as: tenant.apiKey)
            #expect(gone.code == "webhook_secret_not_found")
            #expect(try await api.store.webhookSecretInfos(tenant.id).count == 2)
        }
    }

    @Test func automationTokensAreShownOnceRotatedWithGraceAndRemoved() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let path = "/api/tenants/\(tenant.id)/automation-tokens"
            let first = try await client.call(.post, path, as: tenant.apiKey)
            #expect(first.status == .created && first.json.keys == ["id", "created_at", "expires_at", "token", "url"])
            let token = try #require(first.json["token"]?.text)
            #expect(token.wholeMatch(of: /csla_[A-Za-z0-9_-]{43}/) != nil)
            #expect(first.json["url"]?.text?.hasSuffix("/webhooks/automation/\(tenant.id)") == true)
            #expect(
                try await api.store.automationTokenHashes(tenant.id, now: testNow) == [APIKey.hash(token)])

            let second = try await client.call(.post, path, as: tenant.apiKey, body: #"{"grace_minutes": 60}"#)
            #expect(second.status == .created)
            let listed = try await client.call(.get, path, as: tenant.apiKey)
            #expect(listed.json.items.allSatisfy { $0.keys == ["id", "created_at", "expires_at"] })
            #expect(!listed.text.contains(token) && !listed.text.contains(APIKey.hash(token)))
            let ends = listed.json.items.compactMap { $0["expires_at"]?.text }
            #expect(listed.json.items.count == 2 && ends.count == 1)
            let outside = try await client.call(.post, path, as: tenant.apiKey, body: #"{"grace_minutes": 10081}"#)
            #expect(outside.invalidFields == ["grace_minutes"])

            let id = try #require(second.json["id"]?.text)
            #expect(try await client.call(.delete, "\(path)/\(id)", as: tenant.apiKey).status == .noContent)
            let gone = try await client.call(.delete, "\(path)/\(id)", as: tenant.apiKey)
            #expect(gone.status == .notFound && gone.code == "automation_token_not_found")
            #expect(try await api.store.automationTokenInfos(tenant.id).count == 1)
        }
    }
}
