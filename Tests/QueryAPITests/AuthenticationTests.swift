import Domain
import Foundation
import HTTPTypes
import Testing

@testable import QueryAPI

@Suite struct AuthenticationTests {
    @Test func nothingOpensWithoutAKnownKey() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            for operation in try OpenAPIOperation.all where operation.needsCredentials {
                let path = operation.path(id: "\(tenant.id)")
                for token in [nil, "wrong", "\(tenant.id)"] {
                    let answer = try await client.call(operation.method, path, as: token, for: "\(tenant.id)")
                    #expect(answer.status == .unauthorized, "\(operation)")
                    #expect(answer.code == "unauthorized")
                    #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
                }
            }
        }
    }

    @Test func aTenantHeaderMustMatchTheKey() async throws {
        try await APIHarness().run { client in
            let (a, b) = (try await client.createTenant("a"), try await client.createTenant("b"))
            let own = try await client.call(
                .get, "/api/issues", as: a.apiKey, for: a.id.description.uppercased())
            #expect(own.status == .ok)
            for header in ["\(b.id)", "nonsense"] {
                let answer = try await client.call(.get, "/api/issues", as: a.apiKey, for: header)
                #expect(answer.status == .forbidden)
                #expect(answer.code == "tenant_mismatch")
            }
        }
    }

    @Test func theHostsOwnerActsForATenantItNames() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(Fixture.listing("ENG-1", score: 30), to: tenant.id)
            let admin = APIHarness.adminToken
            let unnamed = try await client.call(.get, "/api/issues", as: admin)
            #expect(unnamed.status == .badRequest)
            #expect(unnamed.code == "tenant_required")
            let named = try await client.call(.get, "/api/issues", as: admin, for: "\(tenant.id)")
            #expect(named.json.items.count == 1)
            let unknown = try await client.call(.get, "/api/issues", as: admin, for: "\(UUID())")
            #expect(unknown.code == "tenant_not_found")
            #expect(try await client.call(.get, "/api/tenants/\(tenant.id)", as: admin).status == .ok)
            #expect(try await client.call(.get, "/api/tenants/\(UUID())", as: admin).code == "tenant_not_found")
        }
    }

    @Test func tenantsNeitherListNorCreateTenants() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            for method in [HTTPRequest.Method.get, .post] {
                let answer = try await client.call(method, "/api/tenants", as: tenant.apiKey, body: "{}")
                #expect(answer.status == .forbidden)
                #expect(answer.code == "admin_required")
            }
        }
    }

    @Test func withoutAnAdminTokenNobodyIsTheHostsOwner() async throws {
        var api = try await APIHarness()
        api.hasAdmin = false
        try await api.run { client in
            for token in [nil, "", APIHarness.adminToken] {
                let answer = try await client.call(.post, "/api/tenants", as: token, body: "{}")
                #expect(answer.status == .forbidden)
                #expect(answer.code == "admin_disabled")
            }
        }
    }

    @Test func theSchemeIsReadInAnyCase() async throws {
        let headers: HTTPFields = [.authorization: "bearer  abc"]
        #expect(headers.bearerToken == "abc")
        #expect(HTTPFields([HTTPField(name: .authorization, value: "Basic abc")]).bearerToken == nil)
        #expect(HTTPFields([HTTPField(name: .authorization, value: "Bearer")]).bearerToken == nil)
        #expect(HTTPFields([HTTPField(name: .authorization, value: "Bearer a b")]).bearerToken == nil)
    }
}
