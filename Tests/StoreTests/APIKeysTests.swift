import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

@Suite struct APIKeysTests {
    private let start = StoreFixture.start

    private func key(_ name: String, _ role: Role = .viewer, until end: Timestamp? = nil) -> NewAPIKey {
        NewAPIKey(
            id: UUID(), name: name, role: role, mark: APIKeyMark(hash: "hash of \(name)", prefix: "cslk_\(name)"),
            expiresAt: end)
    }

    @Test func aKeyOpensItsTenantUntilItsEnd() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let first = try #require(try await store.apiKeyHolder(hash: "hash-\(tenant)", now: start))
        #expect(first.role == .owner)
        #expect(first.tenant == (try await store.tenant(tenant)))
        let added = try await store.addAPIKey(
            tenant, key("a", .manager, until: start.adding(seconds: 10)), by: .apiKey("0123"), now: start)
        #expect(added?.createdBy == "api-key:0123" && added?.fingerprint == "hash of a" && added?.prefix == "cslk_a")
        #expect(try await store.apiKeyHolder(hash: "hash of a", now: start.adding(seconds: 9))?.role == .manager)
        #expect(try await store.apiKeyHolder(hash: "hash of a", now: start.adding(seconds: 10)) == nil)
        #expect(try await store.apiKeyHolder(hash: "another", now: start) == nil)
        let unknown = TenantID(UUID())
        #expect(try await store.addAPIKey(unknown, key("b"), by: .operator, now: start) == nil)
    }

    @Test func keysOfOneTenantAreNotAnothers() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let theirs = key("theirs", .owner)
        _ = try await store.addAPIKey(other, theirs, by: .operator, now: start)
        #expect(try await store.apiKeys(tenant).map(\.name) == ["first key"])
        #expect(try await store.revokeAPIKey(tenant, keyID: theirs.id, by: .operator, now: start) == .unknown)
        let rotation = try await store.rotateAPIKey(
            tenant, keyID: theirs.id, as: UUID(), mark: APIKeyMark(hash: "x", prefix: nil), oldExpiresAt: start,
            by: .operator, now: start)
        #expect(rotation == .unknown)
        let replaced = try await store.replaceAPIKey(
            tenant, current: "hash of theirs", mark: APIKeyMark(hash: "x", prefix: nil), by: .operator, now: start)
        #expect(!replaced)
        #expect(try await store.apiKeyHolder(hash: "hash of theirs", now: start)?.tenant.id == other)
    }

    @Test func ofTwoOwnersThatRevokeEachOtherOneStays() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        _ = try await store.addAPIKey(tenant, key("second", .owner), by: .operator, now: start)
        let ids = try await store.apiKeys(tenant).map(\.id)
        let outcomes = try await withThrowingTaskGroup(of: APIKeyRevocation.self) { group in
            for id in ids {
                group.addTask { try await store.revokeAPIKey(tenant, keyID: id, by: .operator, now: start) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(outcomes) == [.revoked, .lastOwner])
        #expect(try await store.apiKeys(tenant).count == 1)
    }

    @Test func aRotatedKeyKeepsAnEarlierEnd() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let old = key("old", .viewer, until: start.adding(seconds: 100))
        _ = try await store.addAPIKey(tenant, old, by: .operator, now: start)
        let rotation = try await store.rotateAPIKey(
            tenant, keyID: old.id, as: UUID(), mark: APIKeyMark(hash: "new", prefix: nil),
            oldExpiresAt: start.adding(seconds: 1000), by: .operator, now: start)
        guard case .rotated(let new, let ending) = rotation else {
            Testing.Issue.record("\(rotation)")
            return
        }
        #expect(ending.expiresAt == start.adding(seconds: 100) && new.expiresAt == start.adding(seconds: 100))
        #expect(ending.replacedBy == new.id && new.name == "old" && new.role == .viewer)
    }

    @Test func ofKeysThatHaveEndedTheLastFiftyAreKept() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        for number in 0..<60 {
            let at = start.adding(seconds: Int64(number) * 10)
            _ = try await store.addAPIKey(
                tenant, key("k\(number)", until: at.adding(seconds: 5)), by: .operator, now: at)
        }
        let names = try await store.apiKeys(tenant).map(\.name)
        // The last one has not ended yet when it is added.
        #expect(names.count == 52 && !names.contains("k8") && names.contains("k9") && names.contains("k59"))
    }

    @Test func aUseIsNotedUnlessALaterOneIs() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let id = try #require(try await store.apiKeys(tenant).first).id
        for (seconds, last) in [(10, 10), (5, 10), (20, 20)] as [(Int64, Int64)] {
            try await store.noteAPIKeyUses([id: start.adding(seconds: seconds), UUID(): start])
            #expect(try await store.apiKeys(tenant).first?.lastUsedAt == start.adding(seconds: last))
        }
    }

    @Test func aSessionMayDoNoMoreThanItsKeyAndEndsWithIt() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let manager = key("m", .manager, until: start.adding(seconds: 100))
        _ = try await store.addAPIKey(tenant, manager, by: .operator, now: start)
        for (token, role) in [("own", nil), ("low", .viewer), ("high", .owner)] as [(String, Role?)] {
            try await store.addSignIn(
                SignIn(
                    tokenHash: token, kind: .session, tenantID: tenant, apiKeyHash: manager.mark.hash, role: role,
                    createdAt: start, endsAt: start.adding(days: 1)), from: nil)
        }
        func roles(_ seconds: Int64) async throws -> [Role?] {
            var roles: [Role?] = []
            for token in ["own", "low", "high"] {
                let now = start.adding(seconds: seconds)
                let signedIn = try await store.signedIn(tokenHash: token, now: now)
                #expect(signedIn?.session == (try await store.session(tokenHash: token, now: now)))
                roles.append(signedIn?.role)
            }
            return roles
        }
        #expect(try await roles(99) == [.manager, .viewer, .manager])
        #expect(try await roles(100) == [nil, nil, nil])
        #expect(try await store.revokeAPIKey(tenant, keyID: manager.id, by: .operator, now: start) == .revoked)
        #expect(try await roles(0) == [nil, nil, nil])
        #expect(try await fixture.count("SELECT COUNT(*) FROM sign_ins") == 0)
    }
}
