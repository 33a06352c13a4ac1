import Domain
import HTTPTypes
import QueryAPI
import Store
import Testing

@Suite struct MetricsTests {
    @Test func metricsOpenToTheirTokenAndTheAdminTokenOnly() async throws {
        var api = try await APIHarness()
        api.metricsToken = "token-of-prometheus"
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            for token in ["token-of-prometheus", APIHarness.adminToken] {
                let answer = try await client.call(.get, "/metrics", as: token)
                #expect(answer.status == .ok)
                #expect(answer.text == "components 1\n")
                #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            }
            let own = try await client.call(.get, "/metrics", as: tenant.apiKey)
            #expect(own.status == .forbidden && own.code == "admin_required")
            for token in [nil, "wrong"] {
                #expect(try await client.call(.get, "/metrics", as: token).status == .unauthorized)
            }
            // It opens nothing else.
            for path in ["/api/tenants", "/api/issues"] {
                let answer = try await client.call(.get, path, as: "token-of-prometheus", for: "\(tenant.id)")
                #expect(answer.status == .unauthorized)
            }
        }
    }

    @Test func withoutAnyTokenConfiguredMetricsAreShutUnlessTheyArePublic() async throws {
        var api = try await APIHarness()
        api.hasAdmin = false
        try await api.run { client in
            let answer = try await client.call(.get, "/metrics", as: "anything")
            #expect(answer.status == .forbidden && answer.code == "admin_disabled")
        }
        api.hasPublicMetrics = true
        try await api.run { client in
            let answer = try await client.call(.get, "/metrics")
            #expect(answer.status == .ok)
        }
    }

    @Test func metricsAreToldWhileTheStoreFails() async throws {
        let api = try await APIHarness()
        try api.store.close()
        try await api.run { client in
            let answer = try await client.call(.get, "/metrics", as: APIHarness.adminToken)
            #expect(answer.status == .ok)
        }
    }
}
