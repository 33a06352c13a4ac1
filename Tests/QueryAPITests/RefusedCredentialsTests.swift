import Domain
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import QueryAPI

/// Wrong credentials are counted, and logged in a bounded number.
@Suite struct RefusedCredentialsTests {
    @Test func everyRefusalIsCountedAndTenOfAKindAreLogged() async throws {
        let api = try await APIHarness()
        let started = ContinuousClock.now
        try await api.run { client in
            let (tenant, other) = (try await client.createTenant("acme"), try await client.createTenant("other"))
            for number in 0..<25 {
                let answer = try await client.call(.get, "/api/tenants", as: "guess-\(number)")
                #expect(answer.status == .unauthorized)
            }
            for _ in 0..<3 { _ = try await client.call(.get, "/api/alert-rules") }
            _ = try await client.call(.get, "/api/tenants", as: tenant.apiKey)
            _ = try await client.call(.get, "/api/alert-rules", as: tenant.apiKey, for: other.id.description)
        }
        #expect(api.counts["unknown"] == 25)
        #expect(api.counts["missing"] == 3)
        #expect(api.counts["not_allowed"] == 1)
        #expect(api.counts["tenant_mismatch"] == 1)
        let lines = api.log.lines.filter { $0.contains("credentials refused") }
        // Ten at once, and one more in ten seconds on a machine that took so long.
        let later = Int((ContinuousClock.now - started) / .seconds(10))
        let unknown = lines.count { $0.contains("unknown") }
        #expect((10...10 + later).contains(unknown))
        #expect(lines.count == unknown + 2)
        #expect(lines.allSatisfy { !$0.contains("guess") && !$0.contains("cslk_") }, "\(lines)")
    }
}
