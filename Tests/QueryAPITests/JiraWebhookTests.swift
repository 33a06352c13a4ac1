import Domain
import HTTPTypes
import Synchronization
import Testing

@testable import QueryAPI

/// The contract of what is done about a tenant's webhook, and of the doctor.
@Suite struct JiraWebhookTests {
    @Test func aTenantSeesRegistersRotatesAndTestsItsOwnWebhook() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let path = "/api/tenants/\(tenant.id)/jira/webhooks"
            let list = try await client.call(.get, path, as: tenant.apiKey)
            #expect(list.status == .ok && list.json["url"]?.text == "https://risk.example/door")
            #expect(list.json["others"]?.items.first?.text == "CI")
            let shown = try #require(list.json["webhooks"]?.items.first)
            #expect(shown.keys == ["id", "name", "url", "events", "jql_filter", "enabled", "faults"])
            #expect(shown["faults"]?.items.first?.text == "it lacks the events sprint_closed")

            let made = try await client.call(.post, path, as: tenant.apiKey)
            #expect(made.status == .created && made.json["created"]?.flag == true)
            let mended = try await client.call(.post, path, as: tenant.apiKey, body: #"{"jql_filter": "project = A"}"#)
            #expect(mended.status == .ok && mended.json["webhook"]?["id"]?.text == "17")

            let rotated = try await client.call(.post, path + "/rotate-secret", as: tenant.apiKey)
            #expect(rotated.json.keys == ["secret_id", "webhook_ids", "former_secrets_valid_until"])
            let atOnce = try await client.call(
                .post, path + "/rotate-secret", as: APIHarness.adminToken, body: #"{"grace_minutes": 0}"#)
            #expect(atOnce.json["former_secrets_valid_until"]?.text == testNow.description)

            let tested = try await client.call(.post, path + "/test", as: tenant.apiKey)
            #expect(tested.json["arrived"]?.flag == true && tested.json["status"]?.number == 202)
            #expect(
                api.administration.asked.withLock { $0 } == [
                    "list acme", "register acme as it is", "register acme project = A", "rotate acme 5400",
                    "rotate acme 0", "test acme",
                ])
        }
    }

    @Test(arguments: [#"{"jql_filter": 5}"#, #"{"jql_filter": "a\nb"}"#])
    func aFilterThatIsNoLineOfTextIsRefused(body: String) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(
                .post, "/api/tenants/\(tenant.id)/jira/webhooks", as: tenant.apiKey, body: body)
            #expect(answer.code == "validation_failed" && answer.invalidFields == ["jql_filter"])
            #expect(api.administration.asked.withLock { $0 } == [])
        }
    }

    @Test(arguments: [
        (JiraAdministrationError.Kind.noPublicURL, 409, "public_url_missing"),
        (.overtaken, 409, "conflict"), (.noWebhook, 404, "webhook_not_found"),
        (.accountRefused, 502, "jira_credentials_refused"),
        (.permissionMissing, 403, "jira_permission_missing"), (.requestRefused, 422, "jira_request_refused"),
        (.unavailable, 503, "jira_unreachable"),
    ])
    func whyItDidNotWorkHasItsOwnStatusAndCode(
        kind: JiraAdministrationError.Kind, status: Int, code: String
    ) async throws {
        let api = try await APIHarness()
        api.administration.failure.withLock {
            $0 = JiraAdministrationError(kind, "Do this.", retryAfterSeconds: kind == .unavailable ? 30 : nil)
        }
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let path = "/api/tenants/\(tenant.id)/jira/webhooks"
            for (method, path) in [(HTTPRequest.Method.get, path), (.post, path), (.post, path + "/rotate-secret")] {
                let answer = try await client.call(method, path, as: tenant.apiKey)
                #expect(answer.status.code == status && answer.code == code)
                #expect(answer.json["detail"]?.text == "Do this.")
                #expect(answer.headers[.retryAfter] == (kind == .unavailable ? "30" : nil))
            }
        }
    }

    @Test func theDoctorTellsATenantOfItselfAndTheOwnerOfTheHost() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let own = try await client.call(.get, "/api/tenants/\(tenant.id)/doctor", as: tenant.apiKey)
            #expect(own.status == .ok && own.json["outcome"]?.text == "failed")
            let checks = try #require(own.json["checks"]?.items)
            #expect(checks.map { $0["outcome"]?.text } == ["ok", "warning", "failed"])
            #expect(checks[0]["remedy"]?.isNull == true && checks[2]["remedy"]?.text == "register it")

            let host = try await client.call(.get, "/api/doctor", as: APIHarness.adminToken)
            #expect(host.json["outcome"]?.text == "ok" && host.json["checks"]?.items.count == 1)
            let refused = try await client.call(.get, "/api/doctor", as: tenant.apiKey)
            #expect(refused.code == "admin_required")
        }
    }
}
