import Domain
import Foundation
import HTTPServer
import HTTPTypes
import Store
import Testing

@testable import QueryAPI

/// Generated from the table of what each route needs: every role on every route.
extension IsolationTests {
    /// Ids of everything that a tenant holds, for the parameters of a path.
    private struct Names {
        var ids: [String]
        var secretID: String
        var backfillID: String

        init(_ holdings: Holdings) throws {
            let tenant = try #require(holdings.tenant)
            secretID = "\(try #require(holdings.secrets.first).id)"
            backfillID = "\(try #require(holdings.backfills.first).id)"
            ids = [
                "\(tenant.id)", "\(holdings.rules[0].id)", "\(holdings.channels[0].id)",
                "\(try #require(holdings.alerts.first?.deliveries.first).id)",
                "\(try #require(holdings.parked.first).issueID)", "\(try #require(holdings.silences.first).id)",
                "\(try #require(holdings.alerts.first).alert.id)", "\(try #require(holdings.keys.first).id)",
                "\(try #require(holdings.members.first).user.id)", "\(try #require(holdings.invitations.first).id)",
            ]
        }

        func path(_ line: RouteAccess, id: String) -> String {
            Route(method: line.method, template: line.template).path(
                id: id, secondID: line.template.contains("backfill") ? backfillID : secretID, key: "BEE-1")
        }
    }

    private static func body(for line: RouteAccess) -> String {
        """
        {"issue_key": "BEE-1", "name": "x", "kind": "threshold", "raise_at": 5, "project_key": "BEE", "role": "viewer"
          \(line.template.hasSuffix("/portfolio") ? #", "project_keys": ["BEE"]"# : "")}
        """
    }

    @Test(arguments: Role.ofTenants)
    func whatARoleMayNotDoIsRefusedAndChangesNothing(role: Role) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let (_, tenant) = try await api.populate(client)
            let key = try await client.makeKey(role, as: tenant.apiKey)
            let before = try await Holdings(of: tenant, in: api)
            let names = try Names(before)
            let refused = APIAccess.table.lines.filter { line in
                line.permission.map { !role.permissions.contains($0) } ?? false
            }
            #expect(refused.count >= (role == .owner ? 4 : role == .manager ? 15 : 35))
            for line in refused {
                for id in line.template.contains("{id}") ? names.ids : ["-"] {
                    let answer = try await client.call(
                        line.method, names.path(line, id: id), as: key, body: Self.body(for: line))
                    #expect(answer.status == .forbidden, "\(line)")
                    #expect(
                        answer.code == (line.permission == .operate ? "admin_required" : "permission_missing"),
                        "\(line)")
                }
                #expect(try await Holdings(of: tenant, in: api) == before, "\(line)")
            }
        }
    }

    @Test(arguments: Role.allCases)
    func whatARoleMayDoIsNotRefused(role: Role) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let allowed = APIAccess.table.lines.filter { line in
                line.permission.map { role.permissions.contains($0) } ?? false
            }
            #expect(allowed.count > 20)
            // A tenant, and a key of the role.
            func account(_ name: String) async throws -> (tenant: TestTenant, key: String) {
                let tenant = try await client.createTenant(name)
                guard role != .operator else { return (tenant, APIHarness.adminToken) }
                return (tenant, try await client.makeKey(role, as: tenant.apiKey))
            }
            let (tenant, key) = try await account("acme")
            for (index, line) in allowed.enumerated() {
                // What ends the account or the key has one of its own.
                let isLast = line.method == .delete || line.template.hasSuffix("/api-key")
                var one = (tenant: tenant, key: key)
                if isLast { one = try await account("other-\(index)") }
                let id = line.template.hasPrefix("/api/tenants/{id}") ? "\(one.tenant.id)" : "\(UUID())"
                let path = Route(method: line.method, template: line.template).path(
                    id: id, secondID: "\(UUID())", key: "BEE-1")
                let answer = try await client.call(
                    line.method, path, as: one.key, for: "\(one.tenant.id)", body: "{}")
                #expect(answer.status != .unauthorized, "\(line): \(answer.text)")
                #expect(
                    !["permission_missing", "admin_required", "tenant_inactive"].contains(answer.code ?? ""),
                    "\(line): \(answer.text)")
            }
        }
    }

    @Test func aSuspendedTenantIsAdmittedWhereTheTableSaysSo() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await api.addTenant("acme", status: .suspended)
            for line in APIAccess.table.lines where line.method == .get && line.permission != nil {
                guard line.permission != .operate else { continue }
                let path = Route(method: line.method, template: line.template).path(
                    id: "\(tenant.id)", secondID: "\(UUID())", key: "BEE-1")
                let answer = try await client.call(line.method, path, as: tenant.apiKey)
                #expect((answer.code == "tenant_inactive") == !line.admitsInactive, "\(line): \(answer.text)")
            }
        }
    }

    @Test func everyRouteStandsInTheTableAndEveryLineIsARoute() async throws {
        let api = try await APIHarness()
        let routed = Route.all(of: api.makeRouter())
        let lines = APIAccess.table.lines.map { Route(method: $0.method, template: $0.template) }
        #expect(Set(lines).count == lines.count)
        try await api.run { client in
            var own: Set<Route> = []
            for route in routed {
                let path = route.path(id: "\(UUID())", secondID: "\(UUID())", key: "BEE-1")
                let answer = try await client.call(route.method, path)
                if answer.code != "method_not_allowed" { own.insert(route) }
            }
            #expect(own == Set(lines))
        }
    }

    @Test func theDescriptionOfTheAPISaysTheSame() throws {
        let described = try OpenAPIOperation.all
        #expect(described.count == APIAccess.table.lines.count)
        for line in APIAccess.table.lines {
            let operation = try #require(
                described.first { $0.method == line.method && $0.template == line.template }, "\(line)")
            let role = line.permission.map { Role(lowestWith: $0).rawValue }
            #expect(operation.requiredRole == role, "\(line)")
            // Metrics have a token of their own.
            if line.admission != .ownCredential { #expect(operation.needsCredentials == (role != nil), "\(line)") }
        }
    }
}
