import Crypto
import CryptoExtras
import Domain
import Foundation
import JWTKit

@testable import Identity
@testable import IdentityTestSupport

/// Tokens as Clerk makes them, and what can be wrong with them.
struct ClerkTable {
    static let now = Timestamp(seconds: 1_800_000_000)
    static let party = "https://app.example.com"
    static let issuer = "https://clerk.example.com"

    let forge: TokenForge
    let keys: JWKSet
    private(set) var cases: [ClerkCase] = []

    static func configuration(_ audiences: Set<String> = []) throws -> ClerkConfiguration {
        try ClerkConfiguration(issuer: issuer, authorizedParties: [party], audiences: audiences)
    }

    /// A session of version 1 without an organisation, at ``now``.
    static let claims: TokenForge.Members = [
        "iss": #""https://clerk.example.com""#, "sub": #""user_2abc""#, "sid": #""sess_2abc""#,
        "azp": #""https://app.example.com""#, "iat": "1800000000", "nbf": "1799999990", "exp": "1800000060",
        "fva": "[7,-1]", "jti": #""0a1b""#,
    ]

    init() async throws {
        let key = try JWTKit.Insecure.RSA.PrivateKey(backing: _RSA.Signing.PrivateKey(keySize: .bits2048))
        forge = try await .rsa("ins_1", key: key, algorithm: .rs256)
        keys = try await JWKSet(json: TokenForge.keys(forge), algorithms: [.rs256])
        try addOrganizations()
        try addSessions()
        try addTimes()
        try addIssuersAndSubjects()
        try addParties()
        try addAudiences()
        try await addHeaders(key)
        try addForms()
    }

    private mutating func add(
        _ name: String, _ changes: [String: String?], header: [String: String?] = [:],
        _ refusal: TokenRefusal? = nil, differs: Bool = false, audiences: Set<String> = []
    ) throws {
        let optional: [String: String?] = Self.claims.mapValues { $0 }
        let claims = optional.merging(changes) { $1 }.compactMapValues { $0 }
        add(
            name, token: try forge.token(header: header, claims: claims), refusal, differs: differs,
            audiences: audiences)
    }

    private mutating func add(
        _ name: String, token: String, _ refusal: TokenRefusal?, differs: Bool = false, audiences: Set<String> = []
    ) {
        cases.append(
            ClerkCase(name: name, token: token, refusal: refusal, differs: differs, audiences: audiences))
    }

    private mutating func addOrganizations() throws {
        let organization: [String: String?] = [
            "org_id": #""org_2abc""#, "org_slug": #""acme""#, "org_role": #""org:admin""#,
        ]
        try add("version 1 without an organisation", [:])
        try add("version 1 with a role", organization)
        try add("version 1 with a role without prefix", organization.merging(["org_role": #""admin""#]) { $1 })
        try add("version 1 with a basic member", organization.merging(["org_role": #""basic_member""#]) { $1 })
        try add("version 1 with a custom role", organization.merging(["org_role": #""org:billing""#]) { $1 })
        try add(
            "version 1 with permissions",
            organization.merging(["org_permissions": #"["org:teams:read","org:teams:manage"]"#]) { $1 })
        try add("version 1 that says so", organization.merging(["v": "1"]) { $1 })
        try add("version 1 with null for an organisation", ["org_id": "null", "org_role": "null", "org_slug": "null"])
        func two(_ members: String, _ more: [String: String?] = [:]) -> [String: String?] {
            let own: [String: String?] = ["v": "2", "o": "{\(members)}"]
            return own.merging(more) { $1 }
        }
        try add("version 2 without an organisation", ["v": "2"])
        try add("version 2 with null for an organisation", ["v": "2", "o": "null"])
        try add("version 2 with a role", two(#""id":"org_2abc","rol":"admin","slg":"acme""#))
        try add("version 2 with a role with prefix", two(#""id":"org_2abc","rol":"org:member","slg":"acme""#))
        let maps = [
            ("two features", "o:dashboard,o:teams", "manage,read", "3,2"),
            ("a feature of the user before", "u:own,o:teams", "manage,read", "0,3"),
            ("a feature of both", "uo:shared,o:teams", "read", "1,1"),
            ("fewer numbers than features", "o:dashboard,o:teams", "read", "1"),
            ("more numbers than features", "o:dashboard", "read", "1,1"),
            ("bits without names", "o:dashboard", "read", "7"),
            ("an empty number", "o:dashboard,o:a,o:teams", "read", "1,,1"),
            ("words for numbers", "o:dashboard,o:teams", "read", "x,1"),
        ]
        for (name, features, names, map) in maps {
            try add(
                "version 2 with \(name)",
                two(
                    #""id":"org_2abc","rol":"member","per":"\#(names)","fpm":"\#(map)""#,
                    ["fea": TokenForge.quoted(features)]))
        }
        try add("version 2 with an organisation without identifier", two(#""rol":"admin""#), .claims, differs: true)
        try add("version 1 with a number for an organisation", ["org_id": "7"], .claims, differs: true)
    }

    private mutating func addSessions() throws {
        try add("an active session", ["v": "2", "sts": #""active""#])
        try add("a pending session", ["v": "2", "sts": #""pending""#], .inactiveSession, differs: true)
        try add("an unknown state of the session", ["v": "2", "sts": #""paused""#], .inactiveSession, differs: true)
        try add("an unknown version", ["v": "3"], .version, differs: true)
        try add("a version as text", ["v": #""2""#], .version, differs: true)
        try add("no session", ["sid": nil], .claims, differs: true)
        try add("somebody acting for the user", ["act": #"{"iss":"https://dashboard.clerk.com","sub":"user_9"}"#])
        try add("further claims", ["email": #""ada@example.com""#, "email_verified": "true", "name": #""Ada \u00df""#])
    }

    private mutating func addTimes() throws {
        try add("ends in a second", ["exp": "1800000001"])
        try add("ended within the skew", ["exp": "1799999996"])
        try add("ended as long ago as the skew", ["exp": "1799999995"], .expired)
        try add("ended before", ["exp": "1799999000"], .expired)
        try add("ended within the skew by a fraction", ["exp": "1799999995.5"], differs: true)
        try add("no end", ["exp": nil], .claims, differs: true)
        try add("an end of null", ["exp": "null"], .claims)
        try add("an end in a list", ["exp": "[1800000060]"], .claims)
        try add("an end as text", ["exp": #""1800000060""#], .claims, differs: true)
        try add("an end beyond the year 9999", ["exp": "1e20"], .claims, differs: true)
        try add("valid for a day", ["exp": "1800086400"])
        try add("valid for a year", ["exp": "1831536000"], .lifetime, differs: true)
        try add("begins within the skew", ["nbf": "1800000005"])
        try add("begins after the skew", ["nbf": "1800000006"], .notYetValid)
        try add("no beginning", ["nbf": nil])
        try add("a beginning as text", ["nbf": #""1799999990""#], .claims, differs: true)
        try add("issued within the skew", ["iat": "1800000005"])
        try add("issued after the skew", ["iat": "1800000006"], .issuedInFuture)
        try add("issued at a fraction", ["iat": "1799999999.25"])
        try add("issued at no time", ["iat": nil], .claims, differs: true)
    }

    private mutating func addIssuersAndSubjects() throws {
        try add("another issuer", ["iss": #""https://clerk.other.example""#], .issuer, differs: true)
        try add("the issuer with a slash", ["iss": #""https://clerk.example.com/""#], .issuer, differs: true)
        try add("no issuer", ["iss": nil], .claims, differs: true)
        try add("no subject", ["sub": nil], .claims, differs: true)
        try add("an empty subject", ["sub": #""""#], .claims, differs: true)
        try add("a number for a subject", ["sub": "7"], .claims)
        try add("a subject of 255 characters", ["sub": TokenForge.quoted(String(repeating: "a", count: 255))])
        try add(
            "a subject of 256 characters", ["sub": TokenForge.quoted(String(repeating: "a", count: 256))], .claims,
            differs: true)
        try add("a number for an identifier", ["jti": "7"], differs: true)
    }

    private mutating func addParties() throws {
        try add("another party", ["azp": #""https://evil.example.com""#], .authorizedParty)
        try add("no party", ["azp": nil], .authorizedParty)
        try add("an empty party", ["azp": #""""#], .authorizedParty)
        try add("the party at another port", ["azp": #""https://app.example.com:8443""#], .authorizedParty)
        try add("the party over http", ["azp": #""http://app.example.com""#], .authorizedParty)
        try add("the party in capitals", ["azp": #""https://APP.example.com""#], .authorizedParty)
        try add("the party with a slash", ["azp": #""https://app.example.com/""#], .authorizedParty)
        try add("a list of parties", ["azp": #"["https://app.example.com"]"#], .claims)
    }

    private mutating func addAudiences() throws {
        try add("an audience that is not expected", ["aud": #""api""#], .audience)
        try add("an empty audience", ["aud": #""""#], .audience, differs: true)
        try add("an empty list of audiences", ["aud": "[]"])
        try add("the audience", ["aud": #""api""#], audiences: ["api"])
        try add("the audience among others", ["aud": #"["web","api"]"#], audiences: ["api"])
        try add("another audience", ["aud": #""web""#], .audience, audiences: ["api"])
        try add("no audience", [:], .audience, audiences: ["api"])
        try add("a number for an audience", ["aud": "7"], .claims, audiences: ["api"])
    }

    private mutating func addHeaders(_ key: JWTKit.Insecure.RSA.PrivateKey) async throws {
        try add("no key named", [:], header: ["kid": nil])
        try add("another key named", [:], header: ["kid": #""ins_2""#], .unknownKey, differs: true)
        try add("a number for a key", [:], header: ["kid": "7"], .malformed)
        try add("no type", [:], header: ["typ": nil])
        try add("a number for a type", [:], header: ["typ": "7"], .malformed, differs: true)
        try add("the type in small letters", [:], header: ["typ": #""jwt""#])
        try add("the type of access tokens", [:], header: ["typ": #""at+jwt""#], .type, differs: true)
        try add("a category of Clerk's", [:], header: ["cat": #""cl_B7d4PD111AAA""#])
        try add("an extension that must be understood", [:], header: ["crit": #"["x"]"#, "x": "1"], .criticalHeader)
        try add("the algorithm in small letters", [:], header: ["alg": #""rs256""#], .algorithm)
        try add("the name of another algorithm", [:], header: ["alg": #""RS512""#], .algorithm)
        for algorithm in [TokenAlgorithm.rs512, .ps256] {
            let other = try await TokenForge.rsa("ins_1", key: key, algorithm: algorithm)
            add("signed by \(algorithm.rawValue)", token: try other.token(claims: Self.claims), .algorithm)
        }
        let other = try await TokenForge.rsa("ins_1")
        add("signed by another key", token: try other.token(claims: Self.claims), .signature)
        let payload = UnpaddedBase64URL.encode(TokenForge.object(Self.claims).utf8)
        let unsigned = UnpaddedBase64URL.encode(#"{"alg":"none","typ":"JWT"}"#.utf8)
        add("no signature", token: "\(unsigned).\(payload).", .algorithm)
        let symmetric = UnpaddedBase64URL.encode(#"{"alg":"HS256","kid":"ins_1","typ":"JWT"}"#.utf8)
        let code = HMAC<Crypto.SHA256>.authenticationCode(
            for: Data("\(symmetric).\(payload)".utf8), using: SymmetricKey(data: Data(forge.pem.utf8)))
        add(
            "the public key as a shared secret", token: "\(symmetric).\(payload).\(UnpaddedBase64URL.encode(code))",
            .algorithm)
    }

    private mutating func addForms() throws {
        let good = try forge.token(claims: Self.claims)
        let parts = good.split(separator: ".")
        add("nothing", token: "", .malformed)
        add("two parts", token: "\(parts[0]).\(parts[1])", .malformed)
        add("four parts", token: "\(good).e30", .malformed)
        add("no signature behind the last dot", token: "\(parts[0]).\(parts[1]).", .signature)
        add("padding behind the signature", token: good + "==", .malformed, differs: true)
        add("a space behind the signature", token: good + " ", .malformed)
        add("half a signature", token: String(good.dropLast(102)), .signature)
        add("the claims of another token", token: "\(parts[0]).e30.\(parts[2])", .signature)
        let header = #"{"alg":"RS256","kid":"ins_1"}"#
        let claims = TokenForge.object(Self.claims)
        add("a list for claims", token: try forge.token(header: header, payload: "[]"), .malformed)
        add("no JSON for claims", token: try forge.token(header: header, payload: "{"), .malformed)
        add("no JSON for a header", token: try forge.token(header: "{", payload: claims), .malformed)
        add("no algorithm", token: try forge.token(header: "{}", payload: claims), .malformed)
        add(
            "a claim that stands twice",
            token: try forge.token(header: header, payload: claims.dropLast() + #","sub":"user_9"}"#), .malformed,
            differs: true)
        add(
            "a header that stands twice",
            token: try forge.token(header: #"{"alg":"none","alg":"RS256","kid":"ins_1"}"#, payload: claims),
            .malformed, differs: true)
        add(
            "a number that JSON does not have",
            token: try forge.token(header: header, payload: claims.dropLast() + #","x":NaN}"#), .malformed,
            differs: true)
        let deep = String(repeating: "[", count: 20) + String(repeating: "]", count: 20)
        add(
            "claims nested deeply",
            token: try forge.token(header: header, payload: claims.dropLast() + ",\"x\":\(deep)}"), .malformed,
            differs: true)
        let long = TokenForge.quoted(String(repeating: "x", count: 16_384))
        try add("longer than 16 KiB", ["x": long], .tooLong, differs: true)
    }
}
