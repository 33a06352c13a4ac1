import Domain
import Foundation
import HTTPTypes
import Logging
import Queries
import RiskEngine
import Store
import Testing
import Vault

@testable import QueryAPI

/// The use cases without HTTP: what a principal may do, and who is named as the cause.
@Suite struct UseCaseTests {
    private func analyses(_ api: APIHarness) -> IssueAnalyses {
        IssueAnalyses(
            store: api.store, jira: api.jira, analyst: api.analyst, forecasts: api.forecaster,
            quota: MonthlyQuota(store: api.store, logger: Logger(label: "test", factory: { _ in api.log })),
            currency: "$")
    }

    @Test func aPrincipalDoesOnlyWhatItsPermissionsSay() async throws {
        let api = try await APIHarness()
        let made = try await api.addTenant("acme")
        try await api.add(Fixture.listing("ENG-1", score: 72), to: made.id)
        let tenant = try #require(try await api.store.tenant(made.id))
        let reader = Principal(tenant: tenant, actor: .apiKey("0123"), role: .viewer)
        await #expect(throws: QueryError.forbidden(.analyze)) {
            _ = try await analyses(api).report(
                on: "ENG-1", template: .executive, storesHistory: true, for: reader, at: testNow)
        }
        await #expect(throws: QueryError.tenantRequired) {
            _ = try await analyses(api).comparison(of: "ENG-1", for: .hostOwner(actingFor: nil), at: testNow)
        }
        #expect(try await api.uses(of: made.id).total == 0)
        await #expect(throws: QueryError.unknownIssue) { _ = try await analyses(api).trend(of: "ENG-1", for: reader) }

        let report = try await analyses(api).report(
            on: "ENG-1", template: .executive, storesHistory: true, for: .hostOwner(actingFor: tenant), at: testNow)
        #expect(report.analysis.issueKey == "ENG-1")
        #expect(try await analyses(api).trend(of: "ENG-1", for: reader).entries.count == 1)
        #expect(try await api.uses(of: made.id).issue == 1)
    }

    @Test func anAPIKeyIsNamedByAPartOfItsHashThatOpensNothing() async throws {
        let api = try await APIHarness()
        let made = try await api.addTenant("acme")
        let tenant = try #require(try await api.store.tenant(made.id))
        let hash = APIKey.hash(made.apiKey)
        let principal = Principal.apiKey(hash: hash, role: .owner, of: tenant)
        #expect("\(principal.actor)" == "api-key:\(hash.prefix(12))")
        #expect(try await api.store.apiKeyHolder(hash: String(hash.prefix(12)), now: testNow) == nil)
        #expect(!principal.permissions.contains(.operate))
        #expect(Principal.hostOwner(actingFor: nil).permissions == Set(Permission.allCases))
        for role in Role.allCases {
            let principal = Principal(tenant: tenant, actor: .operator, role: role)
            for permission in Permission.allCases {
                #expect(principal.may(permission) == principal.permissions.contains(permission))
            }
        }
        #expect("\(Actor.operator) \(Actor.system("jira"))" == "operator system:jira")
    }

    @Test(arguments: Permission.allCases)
    func whatAPrincipalMayNotDoIsAnswered403(permission: Permission) {
        let error = APIError(QueryError.forbidden(permission))
        #expect(error.code.status == .forbidden)
        #expect((error.code == .adminRequired) == (permission == .operate))
    }
}
