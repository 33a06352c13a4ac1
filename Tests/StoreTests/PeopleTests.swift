import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// People, their memberships, sessions and invitations.
@Suite struct PeopleTests {
    private let start = StoreFixture.start

    private func identity(
        _ subject: String, email: String? = nil, isVerified: Bool = true, issuer: String = "https://id.example"
    ) -> PersonIdentity {
        PersonIdentity(
            issuer: issuer, subject: subject, email: email ?? "\(subject)@acme.example", isEmailVerified: isVerified,
            fullName: subject.capitalized)
    }

    /// Signs somebody in, with the name of the person for a session.
    @discardableResult
    private func signIn(
        _ store: RiskStore, _ person: PersonIdentity, _ grants: [TenantID: Role] = [:], session: String? = nil,
        source: String = "acme", admitsStrangers: Bool = false, covered: Set<TenantID>? = nil, at now: Timestamp? = nil
    ) async throws -> KnownPerson? {
        let now = now ?? start
        return try await store.signIn(
            PersonSignIn(
                identity: person, source: source, grants: grants, covered: covered, admitsStrangers: admitsStrangers,
                session: .init(tokenHash: session ?? person.subject, endsAt: now.adding(days: 1))),
            from: nil, now: now)
    }

    /// Somebody whom an owner has given a role.
    private func member(
        _ store: RiskStore, _ subject: String, _ role: Role, of tenant: TenantID
    ) async throws -> UserID {
        let invitation = NewInvitation(
            id: UUID(), email: "\(subject)@acme.example", role: role, tokenHash: "link of \(subject)",
            expiresAt: start.adding(days: 7))
        _ = try await store.addInvitation(tenant, invitation, by: .operator, now: start)
        let known = try #require(try await signIn(store, identity(subject)))
        let accepted = try await store.acceptInvitation(
            .address(invitation.id), sessionHash: subject, from: nil, now: start)
        #expect(accepted == .accepted(tenant))
        return known.user.id
    }

    private func role(_ store: RiskStore, _ session: String) async throws -> Role? {
        try await store.signedInPerson(tokenHash: session, now: start)?.membership?.role
    }

    @Test func aPersonIsIssuerAndSubjectWhateverTheAddress() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let first = try #require(try await signIn(store, identity("ada"), [tenant: .viewer]))
        let later = start.adding(days: 3)
        let again = try #require(
            try await signIn(
                store, identity("ada", email: "countess@acme.example"), [tenant: .viewer], session: "later", at: later))
        #expect(again.user.id == first.user.id && again.user.identity.email == "countess@acme.example")
        #expect(again.user.createdAt == start && again.user.lastSignInAt == later)
        let other = try #require(
            try await signIn(store, identity("ada", issuer: "https://other.example"), [tenant: .viewer], session: "x"))
        #expect(other.user.id != first.user.id)
        #expect(try await store.members(tenant).count == 2)
    }

    @Test func membershipsFollowTheClaimsOfTheirProvider() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let unknown = TenantID(UUID())
        let both = try #require(
            try await signIn(store, identity("ada"), [tenant: .owner, other: .viewer, unknown: .owner]))
        #expect(both.memberships.map(\.role) == [.owner, .viewer])
        #expect(both.memberships.allSatisfy { $0.source == "acme" })
        // Nothing is chosen for who has several.
        #expect(try await role(store, "ada") == nil)
        #expect(try await store.chooseTenant(tenant, tokenHash: "ada", from: nil, now: start))
        #expect(try await role(store, "ada") == .owner)
        // The last owner by a claim, too: the claim is the organisation's word.
        let fallen = try #require(try await signIn(store, identity("ada"), [tenant: .viewer], session: "second"))
        #expect(fallen.memberships.map(\.tenant.id) == [tenant])
        #expect(try await store.signedInPerson(tokenHash: "ada", now: start) == nil, "the role fell")
        #expect(try await role(store, "second") == .viewer)
        #expect(try await signIn(store, identity("ada"), session: "third") == nil)
        #expect(try await store.signedInPerson(tokenHash: "second", now: start) == nil)
        #expect(try await store.members(tenant).isEmpty)
        let actions = try await store.auditEntries(.tenant(tenant), filter: AuditFilter(), after: nil, limit: 50).items
            .map(\.action)
        #expect(
            actions.reversed() == [
                "membership.create", "session.switch", "membership.change", "session.begin", "membership.end",
            ])
    }

    @Test func aMembershipThatAnOwnerGaveHasTheClaimsRoleAndOutlivesIt() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let ada = try await member(store, "ada", .viewer, of: tenant)
        try await signIn(store, identity("ada"), [tenant: .manager], session: "s")
        #expect(try await store.member(ada, of: tenant)?.role == .manager)
        #expect(try await store.member(ada, of: tenant)?.source == nil)
        #expect(try await signIn(store, identity("ada"), session: "t") != nil)
        #expect(try await store.member(ada, of: tenant)?.role == .manager)
    }

    @Test func whatOneProviderGaveIsNotSeenByAnother() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        try await signIn(store, identity("ada"), [tenant: .owner])
        let other = try await signIn(
            store, identity("ada"), session: "s", source: "elsewhere", admitsStrangers: true)
        #expect(other?.memberships.isEmpty == true)
        #expect(try await store.chooseTenant(tenant, tokenHash: "s", from: nil, now: start) == false)
        #expect(try await role(store, "ada") == .owner)
        let direct = try await store.knownPerson(issuer: "https://id.example", subject: "ada", source: nil)
        #expect(direct?.memberships.isEmpty == true)
        // A provider that speaks of one tenant leaves the others alone.
        let second = try await fixture.makeTenant("second")
        try await signIn(
            store, identity("ada"), [second: .viewer], session: "u", source: "acme", covered: [second])
        #expect(try await store.members(tenant).count == 1)
    }

    @Test func ofAStrangerNothingIsStored() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        #expect(try await signIn(store, identity("eve")) == nil)
        #expect(try await fixture.count("SELECT COUNT(*) FROM users") == 0)
        #expect(try await fixture.count("SELECT COUNT(*) FROM sign_ins") == 0)
        #expect(try await signIn(store, identity("eve"), admitsStrangers: true)?.memberships == [])
        #expect(try await store.signedInPerson(tokenHash: "eve", now: start)?.membership == nil)
        #expect(try await store.signedInPerson(tokenHash: "eve", now: start.adding(days: 1)) == nil)
    }

    @Test func aRoleHoldsAtOnceAndALowerOneEndsTheSessions() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let (ada, bob) = (
            try await member(store, "ada", .owner, of: tenant), try await member(store, "bob", .viewer, of: tenant)
        )
        #expect(try await role(store, "bob") == .viewer)
        _ = try await store.setMemberRole(tenant, userID: bob, .owner, by: .user(ada), now: start)
        #expect(try await role(store, "bob") == .owner)
        _ = try await store.setMemberRole(tenant, userID: bob, .viewer, by: .user(ada), now: start)
        #expect(try await store.signedInPerson(tokenHash: "bob", now: start) == nil)
        #expect(try await role(store, "ada") == .owner)
        try await signIn(store, identity("bob"), session: "again")
        #expect(try await role(store, "again") == .viewer)
        #expect(try await store.removeMember(tenant, userID: bob, by: .user(ada), now: start) == .removed)
        #expect(try await store.signedInPerson(tokenHash: "again", now: start) == nil)
        #expect(try await store.removeMember(tenant, userID: bob, by: .user(ada), now: start) == .unknown)
        let unknown = try await store.setMemberRole(tenant, userID: bob, .owner, by: .user(ada), now: start)
        #expect(unknown == .unknown)
        let other = try await fixture.makeTenant("other")
        #expect(try await store.removeMember(other, userID: ada, by: .operator, now: start) == .unknown)
    }

    @Test func theLastOwnerStays() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let (ada, bob) = (
            try await member(store, "ada", .owner, of: tenant), try await member(store, "bob", .manager, of: tenant)
        )
        func owner() async throws -> Int {
            try await fixture.count("SELECT COUNT(*) FROM tenants WHERE owner_user_id = ?", [.user(ada)])
        }
        #expect(try await owner() == 1)
        #expect(try await store.removeMember(tenant, userID: ada, by: .operator, now: start) == .lastOwner)
        let demoted = try await store.setMemberRole(tenant, userID: ada, .viewer, by: .operator, now: start)
        #expect(demoted == .lastOwner)
        _ = try await store.setMemberRole(tenant, userID: bob, .owner, by: .operator, now: start)
        #expect(try await owner() == 1)
        #expect(try await store.removeMember(tenant, userID: ada, by: .operator, now: start) == .removed)
        #expect(try await fixture.count("SELECT COUNT(*) FROM tenants WHERE owner_user_id = ?", [.user(bob)]) == 1)
        #expect(try await store.removeMember(tenant, userID: bob, by: .operator, now: start) == .lastOwner)
    }

    @Test func ofTwoOwnersWhoRemoveEachOtherOneStays() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let owners = [
            try await member(store, "ada", .owner, of: tenant), try await member(store, "bob", .owner, of: tenant),
        ]
        let outcomes = try await withThrowingTaskGroup(of: MemberRemoval.self) { group in
            for id in owners {
                group.addTask { try await store.removeMember(tenant, userID: id, by: .operator, now: start) }
            }
            return try await group.reduce(into: [MemberRemoval]()) { $0.append($1) }
        }
        #expect(Set(outcomes) == [.removed, .lastOwner])
        #expect(try await store.members(tenant).map(\.role) == [.owner])
    }

    @Test func aClaimsRoleIsNotChangedHere() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let ada = try #require(try await signIn(store, identity("ada"), [tenant: .owner])).user.id
        let changed = try await store.setMemberRole(tenant, userID: ada, .viewer, by: .operator, now: start)
        #expect(changed == .fromClaim)
    }

    // MARK: Invitations

    private func invite(
        _ store: RiskStore, _ email: String, _ role: Role = .viewer, link: String = "link", to tenant: TenantID
    ) async throws -> UUID {
        let new = NewInvitation(
            id: UUID(), email: email, role: role, tokenHash: link, expiresAt: start.adding(days: 7))
        return try #require(try await store.addInvitation(tenant, new, by: .operator, now: start)).id
    }

    private func accept(
        _ store: RiskStore, _ key: InvitationKey, by session: String, at now: Timestamp? = nil
    ) async throws -> InvitationAcceptance {
        try await store.acceptInvitation(key, sessionHash: session, from: nil, now: now ?? start)
    }

    @Test func anInvitationIsAcceptedOnce() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let id = try await invite(store, "ada@acme.example", .manager, to: tenant)
        let waiting = try #require(try await store.waitingInvitation(tokenHash: "link", now: start))
        #expect(waiting.companyName == "acme" && waiting.invitation.id == id)
        try await signIn(store, identity("ada", email: "Ada@ACME.example"))
        try await signIn(store, identity("eve", isVerified: false), admitsStrangers: true)
        #expect(try await accept(store, .link("link"), by: "ada") == .accepted(tenant))
        #expect(try await role(store, "ada") == .manager)
        #expect(try await accept(store, .link("link"), by: "ada") == .unknown)
        #expect(try await accept(store, .link("link"), by: "eve") == .unknown)
        #expect(try await store.invitations(tenant, now: start).isEmpty)
        #expect(try await store.waitingInvitation(tokenHash: "link", now: start) == nil)
        let rows = try await store.auditEntries(.tenant(tenant), filter: AuditFilter(), after: nil, limit: 50).items
        #expect(rows.map(\.action).contains("invitation.accept"))
        #expect(!rows.contains { "\($0)".contains("acme.example") }, "no address in the audit log")
    }

    @Test func aVerifiedAddressMustBeTheInvitationsAndALinkDoesForNone() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let id = try await invite(store, "ada@acme.example", to: tenant)
        try await signIn(store, identity("eve", email: "eve@evil.example"), admitsStrangers: true)
        #expect(try await accept(store, .link("link"), by: "eve") == .otherAddress)
        // Without the link the provider must vouch for the address.
        try await signIn(
            store, identity("mallory", email: "ada@acme.example", isVerified: false), admitsStrangers: true)
        #expect(try await accept(store, .address(id), by: "eve") == .unknown)
        #expect(try await accept(store, .address(id), by: "mallory") == .unknown)
        #expect(try await accept(store, .link("link"), by: "mallory") == .accepted(tenant))
    }

    @Test func anInvitationEndsByItselfWhenWithdrawnAndWhenAnotherIsMade() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        try await signIn(store, identity("ada"), admitsStrangers: true)
        let first = try await invite(store, "ada@acme.example", link: "first", to: tenant)
        _ = try await invite(store, "ada@acme.example", link: "second", to: tenant)
        #expect(try await accept(store, .link("first"), by: "ada") == .unknown)
        #expect(try await store.withdrawInvitation(tenant, invitationID: first, by: .operator, now: start) == false)
        #expect(
            try await accept(store, .link("second"), by: "ada", at: start.adding(days: 7)) == .unknown)
        let second = try #require(try await store.invitations(tenant, now: start).first)
        let other = try await fixture.makeTenant("other")
        #expect(try await store.withdrawInvitation(other, invitationID: second.id, by: .operator, now: start) == false)
        #expect(try await store.withdrawInvitation(tenant, invitationID: second.id, by: .operator, now: start))
        #expect(try await accept(store, .link("second"), by: "ada") == .unknown)
        #expect(try await store.waitingInvitations(for: "ada@acme.example", now: start).isEmpty)
    }

    @Test func ofTwoWhoAcceptAtOnceOneDoes() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        _ = try await invite(store, "ada@acme.example", to: tenant)
        for name in ["ada", "bob"] {
            try await signIn(store, identity(name, isVerified: false), admitsStrangers: true)
        }
        let outcomes = try await withThrowingTaskGroup(of: InvitationAcceptance.self) { group in
            for name in ["ada", "bob"] {
                group.addTask {
                    try await store.acceptInvitation(.link("link"), sessionHash: name, from: nil, now: start)
                }
            }
            return try await group.reduce(into: [InvitationAcceptance]()) { $0.append($1) }
        }
        #expect(Set(outcomes) == [.accepted(tenant), .unknown])
        #expect(try await store.members(tenant).count == 1)
    }

    // MARK: Sessions

    @Test func aPersonListsAndEndsSessionsOfAllTenants() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let ada = try #require(try await signIn(store, identity("ada"), [tenant: .viewer], session: "one")).user.id
        try await signIn(store, identity("ada"), [tenant: .viewer], session: "two", at: start.adding(seconds: 1))
        try await signIn(store, identity("bob"), [tenant: .viewer], session: "bobs")
        let listed = try await store.personSessions(ada, now: start.adding(seconds: 2))
        #expect(listed.map(\.tokenHash) == ["two", "one"] && listed.allSatisfy { $0.companyName == "acme" })
        #expect(try await store.endPersonSessions(ada, ["one", "bobs"], from: nil) == 1)
        #expect(try await store.signedInPerson(tokenHash: "one", now: start) == nil)
        #expect(try await role(store, "bobs") == .viewer)
        try await store.endSession(tokenHash: "two", from: nil)
        #expect(try await store.personSessions(ada, now: start).isEmpty)
        let end = try await store.auditEntries(
            .tenant(tenant), filter: AuditFilter(action: "session.end"), after: nil, limit: 5)
        #expect(end.items.map(\.actor) == ["user:\(ada)"])
    }

    @Test func aPersonWithoutATenantMakesOneAndNoOther() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        try await signIn(store, identity("ada"), admitsStrangers: true)
        func new(_ name: String) -> NewTenant {
            let id = TenantID(UUID())
            return NewTenant(
                tenant: Tenant(
                    id: id, companyName: name, jiraURL: "https://\(name).atlassian.net",
                    jiraEmail: "it@\(name).example",
                    plan: .starter, status: .trial, limits: Plan.starter.limits, dailyRatePerPerson: 2500,
                    createdAt: start, updatedAt: start, trialEndsAt: start.adding(days: 14)),
                jiraTokenEncrypted: "sealed", apiKeyHash: "hash of \(id)", webhookSecretID: UUID(),
                webhookSecretEncrypted: "sealed", rules: [])
        }
        #expect(try await store.createTenant(new("acme"), sessionHash: "no one's", from: nil) == false)
        #expect(try await store.createTenant(new("acme"), sessionHash: "ada", from: nil))
        #expect(try await role(store, "ada") == .owner)
        #expect(try await store.createTenant(new("second"), sessionHash: "ada", from: nil) == false)
        #expect(try await store.tenants(after: nil, limit: 10).items.map(\.companyName) == ["acme"])
    }

    // MARK: What goes

    @Test func peopleWithoutATenantGoAfterTheirTime() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        _ = try await member(store, "ada", .owner, of: tenant)
        try await signIn(store, identity("eve"), admitsStrangers: true)
        _ = try await invite(store, "bob@acme.example", to: tenant)
        func removed(after days: Int) async throws -> [RetentionOutcome.Kind: Int] {
            try await store.removeExpired(
                RetentionPolicy(), currentModel: "", now: start.adding(days: days).adding(milliseconds: 1)
            ) { true }.removed
        }
        #expect(try await removed(after: 89) == [:])
        // That which was accepted, and the other seven days after it was made.
        #expect(try await removed(after: 90) == [.users: 1, .invitations: 1])
        #expect(try await removed(after: 97) == [.invitations: 1])
        #expect(try await store.members(tenant).count == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM users") == 1)
        #expect(try await store.deleteTenant(tenant, by: .operator))
        #expect(try await removed(after: 98) == [.users: 1])
    }
}
