import Domain
import Foundation
import TestSupport
import Testing

@testable import Identity
@testable import IdentityTestSupport

@Suite struct ClaimTests {
    private func value(_ json: String) -> ClaimValue? {
        do { return try ClaimValue(json: Array(json.utf8)) } catch { return nil }
    }

    @Test func valuesAreReadAsJSONHasThem() {
        #expect(value("null") == .null)
        #expect(value(" true ") == .bool(true))
        #expect(value("false") == .bool(false))
        #expect(value("-1.5e2") == .number(-150))
        #expect(value(#""a\u00df\n\"""#) == .string("aß\n\""))
        #expect(value(#""\ud83d\ude00 ü""#) == .string("😀 ü"))
        #expect(value(#"[1, "a", [], {}]"#) == .array([.number(1), .string("a"), .array([]), .object([:])]))
        #expect(
            value(#"{"a": {"b": [true]}, "c": 1}"#)
                == .object(["a": .object(["b": .array([.bool(true)])]), "c": .number(1)]))
    }

    @Test func whatReadersCouldSeeDifferentlyIsRefused() {
        for json in [
            "", "{", "[1,]", "{\"a\":1,}", "tru", "1 2", "{} {}", "NaN", "1e999", #"{"a":1,"a":2}"#,
            #"{"a":{"b":1,"b":1}}"#, #"{"a":1,"\u0061":2}"#, "'a'", "{a:1}", "\u{FEFF}{}", #""\ud83d""#,
            String(repeating: "[", count: 17) + String(repeating: "]", count: 17),
        ] {
            #expect(value(json) == nil, "\(json)")
        }
        #expect(value(String(repeating: "[", count: 16) + String(repeating: "]", count: 16)) != nil)
        #expect(throws: ClaimValue.Malformed.self) { try ClaimValue(json: [0x22, 0xFF, 0x22]) }
    }

    /// No bytes make it fail otherwise than by refusing.
    @Test func anyBytesAreReadOrRefused() {
        var generator = SeededGenerator(seed: 52)
        let seed = Array(#"{"a":[1,-2.5e3,"x\u0041\\",true,null,{"b":"\ud83d\ude00"}],"c":{}}"#.utf8)
        var refused = 0
        for _ in 0..<5000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            do { _ = try ClaimValue(json: bytes) } catch { refused += 1 }
        }
        #expect(refused > 1000)
    }

    @Test func instantsMayHaveAFraction() {
        #expect(ClaimValue.number(1_800_000_000.25).milliseconds == 1_800_000_000_250)
        #expect(ClaimValue.number(0).milliseconds == 0)
        for value in [ClaimValue.number(-1), .number(1e20), .string("1800000000"), .null, .bool(true)] {
            #expect(value.milliseconds == nil)
        }
    }

    @Test func aPathLeadsToRoles() throws {
        let claims = try #require(
            try ClaimValue(
                json: Array(
                    #"""
                    {"roles": ["a", 1, "b"], "role": "one", "realm_access": {"roles": ["c"]}, "https://example.com/roles": ["d"],
                     "resource_access": {"my.client": {"roles": ["e"]}}, "urn:zitadel:roles": {"z": {}, "y": {}}, "n": 7}
                    """#.utf8)
            ).members)
        let cases = [
            ("roles", ["a", "b"]), ("role", ["one"]), ("realm_access.roles", ["c"]),
            ("https://example.com/roles", ["d"]),
            (#"resource_access.my\.client.roles"#, ["e"]), ("urn:zitadel:roles", ["y", "z"]), ("n", []),
            ("missing", []),
            ("role.deeper", []), ("realm_access", ["roles"]),
        ]
        for (path, texts) in cases { #expect(ClaimPath(path)?.texts(in: claims) == texts, "\(path)") }
        for path in ["", ".", "a.", ".a", "a..b"] { #expect(ClaimPath(path) == nil, "\(path)") }
    }

    @Test func theHighestRoleCounts() {
        let mapping = RoleMapping(["admins": .owner, "leads": .manager, "all": .viewer])
        #expect(mapping.role(of: ["all", "leads", "x"]) == .manager)
        #expect(mapping.role(of: ["all", "admins"]) == .owner)
        #expect(mapping.role(of: ["Admins"]) == nil)
        #expect(mapping.role(of: []) == nil)
        #expect(RoleMapping([:], otherwise: .viewer).role(of: ["x"]) == .viewer)
        #expect(RoleMapping.byName.role(of: ["viewer", "owner"]) == .owner)
    }

    @Test func base64URLHasOneSpelling() {
        var generator = SeededGenerator(seed: 53)
        for length in 0..<80 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = UnpaddedBase64URL.encode(bytes)
            #expect(UnpaddedBase64URL.decode(text) == bytes)
            for other in [text + "=", text + "==", text + " ", text + "A"] where UnpaddedBase64URL.decode(other) != nil
            {
                // One more character may make one more byte, and then it is that one's only spelling.
                #expect(UnpaddedBase64URL.encode(UnpaddedBase64URL.decode(other) ?? []) == other)
            }
        }
        for text in ["A", "AB=", "AB==", "AB", "A+B_", "A/B_", "AA AA", "AAAA\n"] {
            #expect(UnpaddedBase64URL.decode(text) == nil, "\(text)")
        }
    }
}
