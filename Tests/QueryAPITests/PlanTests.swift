import Alerts
import Domain
import Foundation
import HTTPTypes
import Queries
import Store
import StoreTestSupport
import TestSupport
import Testing

@testable import QueryAPI

/// What plans, trials and subscriptions lock, and what they do not.
@Suite struct PlanTests {
    private static let slack = #"{"kind": "slack", "name": "team", "target": "https://hooks.example/x"}"#

    private func billing() async throws -> APIHarness {
        var api = try await APIHarness()
        api.isBilling = true
        return api
    }

    @discardableResult
    private func put(
        _ body: String, to tenant: TestTenant, _ client: APIClient, as token: String = APIHarness.adminToken
    ) async throws -> APIAnswer {
        try await client.call(.put, "/api/tenants/\(tenant.id)", as: token, body: body)
    }

    // MARK: Features

    @Test(arguments: Plan.allCases)
    func everyFeatureIsOpenExactlyWhereThePlanHasIt(plan: Plan) async throws {
        let api = try await billing()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await put(#"{"plan": "\#(plan.rawValue)"}"#, to: tenant, client)
            let own = try await client.call(.get, "/api/issues", as: tenant.apiKey)
            #expect(own.status == (plan == .enterprise ? .ok : .forbidden), "\(own.text)")
            #expect(own.code == (plan == .enterprise ? nil : "plan_feature_missing"))
            if plan != .enterprise {
                #expect(own.json["plan_limit"]?["limit"]?.text == "api_access")
                #expect(own.json["plan_limit"]?["plan"]?.text == plan.rawValue)
                #expect(own.json["plan_limit"]?["remedy"]?.text?.isEmpty == false)
            }
            // The host's owner looks at any tenant.
            for path in ["/api/issues", "/api/issues?format=csv"] {
                let owners = try await client.call(.get, path, as: APIHarness.adminToken, for: "\(tenant.id)")
                #expect(owners.status == .ok, "\(owners.text)")
            }
        }
    }

    @Test(arguments: Plan.allCases)
    func filesAndChatChannelsAreThoseOfThePlan(plan: Plan) async throws {
        let api = try await billing()
        try await api.run { client in
            // The use of the API is not what this is about.
            _ = try await client.call(
                .put, "/api/plans/\(plan.rawValue)", as: APIHarness.adminToken, body: #"{"api_access": true}"#)
            let tenant = try await client.createTenant("acme")
            try await put(#"{"plan": "\#(plan.rawValue)"}"#, to: tenant, client)
            let file = try await client.call(.get, "/api/issues?format=csv", as: tenant.apiKey)
            let accepted = try await client.call(
                .get, "/api/issues", as: tenant.apiKey, headers: [.accept: "text/csv"])
            let channel = try await client.call(.post, "/api/alert-channels", as: tenant.apiKey, body: Self.slack)
            let mail = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey,
                body: #"{"kind": "email", "name": "leads", "target": "ana@acme.example"}"#)
            let hasFiles = plan.features.contains(.csvExport)
            #expect(file.status == (hasFiles ? .ok : .forbidden) && accepted.status == file.status, "\(file.text)")
            #expect(file.json["plan_limit"]?["limit"]?.text == (hasFiles ? nil : "csv_export"))
            let hasChat = plan.features.contains(.slackIntegration)
            #expect(channel.status == (hasChat ? .created : .forbidden), "\(channel.text)")
            #expect(channel.code == (hasChat ? nil : "plan_feature_missing"))
            #expect(mail.status == .created, "\(mail.text)")
            #expect(try await client.call(.get, "/api/issues", as: tenant.apiKey).status == .ok)
            // What is about the account is in every plan.
            let usage = try await client.call(.get, "/api/tenants/\(tenant.id)/usage?format=csv", as: tenant.apiKey)
            #expect(usage.status == .ok)
        }
    }

    @Test func aChannelOfALoweredPlanStaysAndIsNotTested() async throws {
        let api = try await billing()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await put(#"{"plan": "enterprise"}"#, to: tenant, client)
            let made = try await client.call(.post, "/api/alert-channels", as: tenant.apiKey, body: Self.slack)
            let id = try #require(made.json["id"]?.text)
            _ = try await client.call(
                .put, "/api/plans/starter", as: APIHarness.adminToken, body: #"{"api_access": true}"#)
            try await put(#"{"plan": "starter"}"#, to: tenant, client)
            #expect(try await api.store.alertChannels(tenant.id).map(\.name) == ["team"])
            let tested = try await client.call(.post, "/api/alert-channels/\(id)/test", as: tenant.apiKey)
            #expect(tested.code == "plan_feature_missing")
            #expect(tested.json["plan_limit"]?["limit"]?.text == "slack_integration")
            _ = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey,
                body: #"{"kind": "email", "name": "leads", "target": "ana@acme.example"}"#)
            // Also to the operator, whose own calls are not locked: nothing is sent all the same.
            for (key, id) in [(tenant.apiKey, nil), (APIHarness.adminToken, "\(tenant.id)")] as [(String, String?)] {
                let list = try await client.call(.get, "/api/alert-channels", as: key, for: id).json.items
                #expect(list.map { $0["name"]?.text } == ["leads", "team"])
                #expect(list.map { $0["allowed_by_plan"]?.flag } == [true, false])
            }
            let renamed = try await client.call(
                .put, "/api/alert-channels/\(id)", as: tenant.apiKey, body: #"{"name": "devs"}"#)
            #expect(renamed.json["allowed_by_plan"]?.flag == false, "\(renamed.text)")
        }
    }

    // MARK: Without billing

    @Test(arguments: Plan.allCases)
    func withoutBillingNothingIsLocked(plan: Plan) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await put(
                #"{"plan": "\#(plan.rawValue)", "trial_ends_at": "2020-01-01T00:00:00Z"}"#, to: tenant, client)
            for path in ["/api/issues", "/api/issues?format=csv"] {
                #expect(try await client.call(.get, path, as: tenant.apiKey).status == .ok)
            }
            let channel = try await client.call(.post, "/api/alert-channels", as: tenant.apiKey, body: Self.slack)
            #expect(channel.status == .created && channel.json["allowed_by_plan"]?.flag == true, "\(channel.text)")
            try await put(#"{"status": "cancelled"}"#, to: tenant, client)
            let cancelled = try await client.call(.get, "/api/issues", as: tenant.apiKey)
            #expect(cancelled.status == .forbidden && cancelled.code == "tenant_inactive")
        }
    }

    // MARK: Statuses and trials

    @Test(arguments: Tenant.Status.allCases)
    func theStatusSaysWhetherTheAPIAnswers(status: Tenant.Status) async throws {
        let api = try await billing()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await put(#"{"plan": "enterprise", "status": "\#(status.rawValue)"}"#, to: tenant, client)
            let answer = try await client.call(.get, "/api/issues", as: tenant.apiKey)
            switch status {
            case .trial, .active: #expect(answer.status == .ok)
            case .suspended: #expect(answer.status == .forbidden && answer.code == "tenant_inactive")
            case .cancelled: #expect(answer.status.code == 402 && answer.code == "subscription_cancelled")
            }
            // The account is shown in every state.
            #expect(try await client.call(.get, "/api/tenants/\(tenant.id)", as: tenant.apiKey).status == .ok)
        }
    }

    @Test func anEndedTrialLocksTheAPIUntilThereIsAPlan() async throws {
        let api = try await billing()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await put(#"{"plan": "enterprise"}"#, to: tenant, client)
            api.clock.now = testNow.adding(days: 14).adding(seconds: -1)
            #expect(try await client.call(.get, "/api/issues", as: tenant.apiKey).status == .ok)
            api.clock.now = testNow.adding(days: 14)
            for (method, path) in [
                (HTTPRequest.Method.get, "/api/issues"), (HTTPRequest.Method.post, "/api/analyze/issue"),
            ] {
                let ended = try await client.call(method, path, as: tenant.apiKey, body: #"{"issue_key": "ENG-1"}"#)
                #expect(ended.status.code == 402 && ended.code == "trial_expired", "\(ended.text)")
                #expect(ended.json["plan_limit"]?["limit"]?.text == "trial_ends_at")
            }
            let account = try await client.call(.get, "/api/tenants/\(tenant.id)", as: tenant.apiKey)
            #expect(account.status == .ok && account.json["trial_ends_at"]?.text == "2026-12-08T13:00:00.000Z")
            try await put(#"{"status": "active"}"#, to: tenant, client)
            #expect(try await client.call(.get, "/api/issues", as: tenant.apiKey).status == .ok)
        }
    }

    @Test func aClockThatIsAheadEndsNoTrial() async throws {
        var api = try await billing()
        api.certain = testNow
        try await api.run { [api] client in
            let tenant = try await client.createTenant("acme")
            try await put(#"{"plan": "enterprise"}"#, to: tenant, client)
            try await api.add(Fixture.listing("ENG-1", score: 80), to: tenant.id)
            api.clock.now = testNow.adding(days: 400)
            #expect(try await client.call(.get, "/api/issues", as: tenant.apiKey).status == .ok)
            let analyzed = try await client.call(
                .post, "/api/analyze/issue", as: tenant.apiKey, body: #"{"issue_key": "ENG-1"}"#)
            #expect(analyzed.status == .ok, "\(analyzed.text)")
        }
    }

    // MARK: Limits

    @Test func aUsedUpLimitSaysWhichUntilWhenAndWhatToDo() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await put(#"{"monthly_issue_limit": 1}"#, to: tenant, client)
            try await api.add(Fixture.listing("ENG-1", score: 80), to: tenant.id)
            func analyze() async throws -> APIAnswer {
                try await client.call(
                    .post, "/api/analyze/issue", as: tenant.apiKey, body: #"{"issue_key": "ENG-1"}"#)
            }
            #expect(try await analyze().status == .ok)
            let refused = try await analyze()
            #expect(refused.status == .tooManyRequests && refused.code == "quota_exceeded")
            let limit = try #require(refused.json["plan_limit"])
            #expect(limit["limit"]?.text == "issue_analyses_monthly" && limit["value"]?.number == 1)
            #expect(limit["plan"]?.text == "starter" && limit["until"]?.text == "2026-12-01T00:00:00.000Z")
            #expect(limit["remedy"]?.text?.contains("operator") == true)
            // A raised limit holds for the next request.
            try await put(#"{"own_limits": false}"#, to: tenant, client)
            #expect(try await analyze().status == .ok)
        }
    }

    /// Waiting for the next month is no help.
    @Test func whatThePlanHasNoneOfIsNotSaidToComeBackNextMonth() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await put(#"{"monthly_issue_limit": 0}"#, to: tenant, client)
            try await api.add(Fixture.listing("ENG-1", score: 80), to: tenant.id)
            let refused = try await client.call(
                .post, "/api/analyze/issue", as: tenant.apiKey, body: #"{"issue_key": "ENG-1"}"#)
            #expect(refused.status == .forbidden && refused.code == "plan_feature_missing", "\(refused.text)")
            #expect(refused.headers[.retryAfter] == nil)
            let limit = try #require(refused.json["plan_limit"])
            #expect(limit["limit"]?.text == "issue_analyses_monthly" && limit["value"]?.number == 0)
            #expect(limit["plan"]?.text == "starter" && limit["until"] == nil)
            #expect(limit["remedy"]?.text?.contains("operator") == true)
        }
    }

    // MARK: Who changes them

    @Test(arguments: [
        #"{"plan": "enterprise"}"#, #"{"plan": null}"#, #"{"company_name": "New", "status": "active"}"#,
        #"{"monthly_issue_limit": 5}"#, #"{"own_limits": true}"#, #"{"trial_ends_at": null}"#,
    ])
    func aTenantDoesNotChangeItsOwnPlan(body: String) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let before = try await api.store.tenant(tenant.id)
            let answer = try await put(body, to: tenant, client, as: tenant.apiKey)
            #expect(answer.status == .forbidden && answer.code == "admin_required", "\(answer.text)")
            #expect(answer.invalidFields.count == 1)
            #expect(try await api.store.tenant(tenant.id) == before)
        }
    }

    @Test func theOperatorChangesEveryPartOfASubscription() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await put(
                """
                {"company_name": "Acme 2", "plan": "growth", "status": "active", "trial_ends_at": null,
                 "monthly_sprint_limit": null}
                """, to: tenant, client)
            #expect(answer.status == .ok && answer.json["company_name"]?.text == "Acme 2", "\(answer.text)")
            #expect(answer.json["plan"]?.text == "growth" && answer.json["status"]?.text == "active")
            #expect(answer.json["trial_ends_at"]?.isNull == true && answer.json["own_limits"]?.flag == true)
            #expect(answer.json["monthly_sprint_limit"]?.isNull == true)
            #expect(answer.json["monthly_portfolio_limit"]?.number == 5)
            let both = try await put(#"{"own_limits": false, "monthly_issue_limit": 3}"#, to: tenant, client)
            #expect(both.invalidFields == ["own_limits"])
            let wrong = try await put(#"{"plan": "gold", "monthly_issue_limit": -1}"#, to: tenant, client)
            #expect(wrong.invalidFields.sorted() == ["monthly_issue_limit", "plan"])
        }
    }

    @Test func plansAreListedToTenantsAndChangedByTheOperator() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let listed = try await client.call(.get, "/api/plans", as: tenant.apiKey)
            #expect(listed.json.items.compactMap { $0["name"]?.text } == ["free", "starter", "growth", "enterprise"])
            #expect(listed.json.items.compactMap { $0["price_monthly"]?.number } == [0, 49, 149, 499])
            let body = #"{"price_monthly": 59, "issue_analyses_monthly": null, "csv_export": true}"#
            let own = try await client.call(.put, "/api/plans/starter", as: tenant.apiKey, body: body)
            #expect(own.code == "admin_required")
            let changed = try await client.call(
                .put, "/api/plans/starter", as: APIHarness.adminToken, body: body)
            #expect(changed.json["price_monthly"]?.number == 59 && changed.json["csv_export"]?.flag == true)
            #expect(changed.json["sprint_analyses_monthly"]?.number == 5)
            let shown = try await client.call(.get, "/api/tenants/\(tenant.id)", as: tenant.apiKey)
            #expect(shown.json["monthly_issue_limit"]?.isNull == true && shown.json["own_limits"]?.flag == false)
            let unknown = try await client.call(.put, "/api/plans/gold", as: APIHarness.adminToken, body: "{}")
            #expect(unknown.status == .notFound && unknown.code == "plan_not_found")
            let wrong = try await client.call(
                .put, "/api/plans/growth", as: APIHarness.adminToken, body: #"{"name": "x", "api_access": null}"#)
            #expect(wrong.invalidFields.sorted() == ["api_access", "name"])
        }
    }

    // MARK: Usage by day

    @Test func usageByDayIsToBeHadOfOneTenantAndOfAll() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(Fixture.listing("ENG-1", score: 80), to: tenant.id)
            for _ in 0..<2 {
                _ = try await client.call(
                    .post, "/api/analyze/issue", as: tenant.apiKey, body: #"{"issue_key": "ENG-1"}"#)
            }
            let path = "/api/tenants/\(tenant.id)/usage/days"
            let days = try await client.call(.get, path, as: tenant.apiKey)
            #expect(days.json.items.count == 1 && days.json.items.first?["day"]?.text == "2026-11-24")
            #expect(days.json.items.first?["uses"]?.number == 2)
            #expect(try await client.call(.get, "\(path)?month=2026-10", as: tenant.apiKey).json.items.isEmpty)
            #expect(try await client.call(.get, "\(path)?month=2026-13", as: tenant.apiKey).invalidFields == ["month"])
            let file = try await client.call(.get, "\(path)?format=csv", as: tenant.apiKey)
            #expect(file.text.hasPrefix("day,action_type,uses,processing_time_ms\r\n2026-11-24,issue,2,"))
            let all = try await client.call(.get, "/api/operator/usage?format=csv", as: APIHarness.adminToken)
            #expect(all.text.contains("\r\n\(tenant.id),acme,starter,2026-11-24,issue,2,"), "\(all.text)")
            let listed = try await client.call(.get, "/api/operator/usage", as: APIHarness.adminToken)
            #expect(listed.json.items.first?["company_name"]?.text == "acme")
        }
    }
}
