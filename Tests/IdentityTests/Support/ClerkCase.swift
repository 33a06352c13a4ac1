import Domain
import Foundation

@testable import Identity
@testable import IdentityTestSupport

/// A token for Clerk's SDK and for consilod, with what consilod says to it.
struct ClerkCase: Sendable {
    /// Short and unique; differences stand in the decision under it.
    let name: String
    let token: String
    /// nil where it is accepted.
    let refusal: TokenRefusal?
    /// Whether Clerk's SDK decides otherwise.
    let differs: Bool
    /// Of both readers, where the table's usual configuration is not meant.
    var audiences: Set<String> = []
}

/// Clerk's SDK for Python, which verifies without the network when it is given the key.
enum ClerkPeer {
    /// What it says to one token.
    struct Verdict: Decodable {
        struct Claims: Decodable {
            var sub: String?
            var org_id: String?
            var org_slug: String?
            var org_role: String?
            var org_permissions: [String]?
        }
        /// Its reason; nil where it accepts.
        var reason: String?
        var claims: Claims?
    }

    private struct Input: Encodable {
        struct Token: Encodable {
            var token: String
            var audience: [String]?
        }
        var pem: String
        var now: Int64
        var parties: [String]
        var skew: Int64
        var tokens: [Token]
    }

    private static let script = #"""
        import datetime, json, sys
        sys.path.insert(0, sys.argv[2])
        import jwt.api_jwt
        from clerk_backend_api.security import AuthenticateRequestOptions, authenticate_request
        with open(sys.argv[1]) as file: given = json.load(file)
        # Its clock stands where the test's does.
        class Clock(datetime.datetime):
            @classmethod
            def now(cls, tz=None): return datetime.datetime.fromtimestamp(given["now"], tz)
        jwt.api_jwt.datetime = Clock
        class Request:
            def __init__(self, token): self.headers = {"Authorization": f"Bearer {token}"}
        verdicts = []
        for entry in given["tokens"]:
            state = authenticate_request(Request(entry["token"]), AuthenticateRequestOptions(
                jwt_key=given["pem"], authorized_parties=given["parties"], clock_skew_in_ms=given["skew"] * 1000,
                audience=entry.get("audience"), accepts_token=["session_token"]))
            names = ("sub", "org_id", "org_slug", "org_role", "org_permissions")
            verdicts.append({"reason": None, "claims": {
                name: value for name, value in state.payload.items() if name in names and isinstance(value, (str, list))
            }} if state.is_signed_in else {"reason": state.reason.value[0]})
        print(json.dumps(verdicts))
        """#

    /// What it says to each of the cases.
    static func verdicts(_ cases: [ClerkCase], pem: String, parties: [String], now: Timestamp) throws -> [Verdict] {
        let input = Input(
            pem: pem, now: now.milliseconds / 1000, parties: parties, skew: 5,
            tokens: cases.map { .init(token: $0.token, audience: $0.audiences.isEmpty ? nil : $0.audiences.sorted()) })
        let output = try python(script, [IdentityPeers.clerk.path], input: try JSONEncoder().encode(input))
        return try JSONDecoder().decode([Verdict].self, from: output)
    }
}
