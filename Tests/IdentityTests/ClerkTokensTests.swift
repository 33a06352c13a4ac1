import Domain
import Foundation
import TestSupport
import Testing

@testable import Identity
@testable import IdentityTestSupport

@Suite struct ClerkTokensTests {
    private static func verdict(_ entry: ClerkCase, _ table: ClerkTable) throws -> (ExternalIdentity?, TokenRefusal?) {
        let configuration = try ClerkTable.configuration(entry.audiences)
        do throws(TokenRefusal) {
            return (
                try ClerkTokens.verify(
                    entry.token, keys: table.keys, configuration: configuration, now: ClerkTable.now), nil
            )
        } catch {
            return (nil, error)
        }
    }

    @Test func eachTokenOfTheTableIsAcceptedOrRefusedForItsReason() async throws {
        let table = try await ClerkTable()
        #expect(table.cases.count > 100)
        #expect(Set(table.cases.map(\.name)).count == table.cases.count)
        for entry in table.cases {
            let (identity, refusal) = try Self.verdict(entry, table)
            #expect(refusal == entry.refusal, "\(entry.name)")
            #expect((identity == nil) == (entry.refusal != nil), "\(entry.name)")
        }
    }

    @Test(.enabled(if: IdentityPeers.hasClerk, Comment(rawValue: IdentityPeers.noClerk)))
    func clerksSDKDecidesTheSameButForTheListedDifferences() async throws {
        let table = try await ClerkTable()
        let verdicts = try ClerkPeer.verdicts(
            table.cases, pem: table.forge.pem, parties: [ClerkTable.party], now: ClerkTable.now)
        try #require(verdicts.count == table.cases.count)
        for (entry, verdict) in zip(table.cases, verdicts) {
            let isSame = (verdict.reason == nil) == (entry.refusal == nil)
            #expect(isSame != entry.differs, "\(entry.name): \(verdict.reason ?? "accepted")")
            guard entry.refusal == nil, let theirs = verdict.claims else { continue }
            // What both accept they read alike.
            let configuration = try ClerkTable.configuration(entry.audiences)
            let claims = try TokenVerifier(configuration.expectations)
                .verify(entry.token, keys: table.keys, now: ClerkTable.now)
            let organization = try ClerkSession(claims).organization
            #expect(claims.subject == theirs.sub, "\(entry.name)")
            #expect(organization?.id == theirs.org_id, "\(entry.name)")
            #expect(organization?.slug == theirs.org_slug, "\(entry.name)")
            #expect(organization?.role == theirs.org_role.map(ClerkSession.bareRole), "\(entry.name)")
            #expect((organization?.permissions ?? []) == (theirs.org_permissions ?? []).sorted(), "\(entry.name)")
        }
    }

    @Test func theDecisionListsEveryDifference() async throws {
        let decision = Repository.folder.appendingPathComponent("docs/decisions/0050-identity.md")
        let lines = try String(contentsOf: decision, encoding: .utf8).split(separator: "\n")
        let listed = lines.filter { $0.hasPrefix("| ") }.map {
            $0.split(separator: "|")[0].trimmingCharacters(in: .whitespaces)
        }
        let table = try await ClerkTable()
        for entry in table.cases where entry.differs {
            #expect(
                listed.contains {
                    $0.split(separator: ";").contains { part in
                        part.trimmingCharacters(in: .whitespaces) == entry.name
                    }
                }, "\(entry.name)")
        }
    }

    @Test func aRoleIsThatInTheOrganisation() async throws {
        let table = try await ClerkTable()
        let roles: [(String, ExternalRole?)] = [
            ("version 1 without an organisation", nil), ("version 1 with a role", .owner),
            ("version 1 with a role without prefix", .owner), ("version 1 with a basic member", .viewer),
            ("version 1 with a custom role", nil), ("version 2 with a role", .owner),
            ("version 2 with a role with prefix", .viewer), ("version 2 without an organisation", nil),
        ]
        for (name, role) in roles {
            let entry = try #require(table.cases.first { $0.name == name })
            #expect(try Self.verdict(entry, table).0?.role == role, "\(name)")
        }
    }

    @Test func rolesAreMappedInEitherSpelling() async throws {
        let table = try await ClerkTable()
        let configuration = try ClerkConfiguration(
            issuer: ClerkTable.issuer, authorizedParties: [ClerkTable.party],
            roles: RoleMapping(["org:billing": .manager], otherwise: .viewer))
        let roles: [(String, ExternalRole?)] = [
            ("version 1 with a custom role", .manager), ("version 1 with a role", .viewer),
            ("version 1 without an organisation", nil),
        ]
        for (name, role) in roles {
            let entry = try #require(table.cases.first { $0.name == name })
            let identity = try ClerkTokens.verify(
                entry.token, keys: table.keys, configuration: configuration, now: ClerkTable.now)
            #expect(identity.role == role, "\(name)")
        }
    }

    @Test func anIdentityNamesSessionOrganisationAndWhoActs() async throws {
        let table = try await ClerkTable()
        let further = try #require(table.cases.first { $0.name == "further claims" })
        let person = try #require(try Self.verdict(further, table).0)
        #expect(
            person
                == ExternalIdentity(
                    issuer: ClerkTable.issuer, subject: "user_2abc", email: "ada@example.com", isEmailVerified: true,
                    name: "Ada ß", sessionID: "sess_2abc", expiresAt: Timestamp(seconds: 1_800_000_060)))
        let acting = try #require(table.cases.first { $0.name == "somebody acting for the user" })
        #expect(try Self.verdict(acting, table).0?.actingSubject == "user_9")
        let member = try #require(table.cases.first { $0.name == "version 2 with a role" })
        #expect(try Self.verdict(member, table).0?.organizationID == "org_2abc")
    }

    @Test func aTokenWithoutPartyIsAcceptedWhereTheConfigurationSaysSo() async throws {
        let table = try await ClerkTable()
        let configuration = try ClerkConfiguration(
            issuer: ClerkTable.issuer, authorizedParties: [ClerkTable.party], acceptsTokensWithoutParty: true)
        func refusal(_ name: String) throws -> TokenRefusal? {
            let entry = try #require(table.cases.first { $0.name == name })
            do throws(TokenRefusal) {
                _ = try ClerkTokens.verify(
                    entry.token, keys: table.keys, configuration: configuration, now: ClerkTable.now)
                return nil
            } catch {
                return error
            }
        }
        #expect(try refusal("no party") == nil)
        #expect(try refusal("an empty party") == .authorizedParty)
        #expect(try refusal("another party") == .authorizedParty)
    }

    @Test func bearerTokensAreVerifiedByPublishedKeysWhichMayChangeUnderTheirIdentifier() async throws {
        let (first, second) = (try await TokenForge.rsa("ins_1"), try await TokenForge.rsa("ins_1"))
        try await KeyServer.running { server in
            try await withClient { client in
                try server.publish(TokenForge.keys(first))
                let clock = SettableClock(ClerkTable.now)
                let configuration = try ClerkConfiguration(
                    issuer: ClerkTable.issuer, jwksURL: "\(server.address)/jwks", authorizedParties: [ClerkTable.party])
                let tokens = ClerkTokens(configuration: configuration, http: client) { clock.now }
                let good = try first.token(claims: ClerkTable.claims)
                #expect(try await tokens.verify(good).subject == "user_2abc")
                // No keys are asked for, for what is no token.
                await #expect(throws: IdentityFailure.token(.malformed)) { try await tokens.verify("cslk_abc") }
                #expect(try server.askedCount() == 1)
                try server.publish(TokenForge.keys(second))
                clock.now = clock.now.adding(seconds: 31)
                #expect(try await tokens.verify(second.token(claims: ClerkTable.claims)).sessionID == "sess_2abc")
                #expect(try server.askedCount() == 2)
                await #expect(throws: IdentityFailure.token(.signature)) { try await tokens.verify(good) }
                #expect(try server.askedCount() == 2)
            }
        }
    }

    @Test func configurationsThatCannotBeUsedNameTheirField() {
        func field(
            _ issuer: String = ClerkTable.issuer, jwks: String? = nil, parties: Set<String> = [ClerkTable.party],
            skew: Int64 = 5
        ) -> String? {
            do throws(ConfigurationMistake) {
                _ = try ClerkConfiguration(
                    issuer: issuer, jwksURL: jwks, authorizedParties: parties, clockSkewSeconds: skew)
                return nil
            } catch {
                return error.field
            }
        }
        #expect(field() == nil)
        #expect(field("clerk.example.com") == "issuer")
        #expect(field("http://clerk.example.com") == "issuer")
        #expect(field("https://clerk.example.com/") == "issuer")
        #expect(field("https://me:pw@clerk.example.com") == "issuer")
        #expect(field(jwks: "ftp://clerk.example.com") == "jwks_url")
        #expect(field(parties: []) == "authorized_parties")
        #expect(field(parties: ["https://app.example.com/"]) == "authorized_parties")
        #expect(field(parties: ["app.example.com"]) == "authorized_parties")
        #expect(field(parties: ["https://app.example.com:8443"]) == nil)
        #expect(field(skew: 301) == "clock_skew")
    }
}
