import Crypto
import Domain
import Foundation
import TestSupport
import Testing

@testable import Store

/// Taking a person out of texts and JSON.
@Suite struct PersonEraserTests {
    private static let account = "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"
    private static let mail = "ada.lovelace@acme.example"
    private static let person = ErasedPerson(token: "0123456789abcdef", role: "Developer", location: "London, UK")

    private static func marks(_ names: String...) -> PersonMarks {
        var marks = PersonMarks(key: SymmetricKey(size: .bits256))
        marks.add(
            person,
            [marks.mark(account: account, of: person), marks.mark(mail: mail, of: person)]
                + names.flatMap { marks.marks(name: $0, of: person) })
        return marks
    }

    private static func jira(_ text: String, _ marks: PersonMarks = marks("Ada Lovelace (Dev)")) -> String? {
        PersonText(marks: marks, source: .jira).replaced(text)
    }

    @Test func mentionsAddressesAndNamesAreReplacedInTexts() {
        let word = Self.person.word
        #expect(Self.jira("Ask [~accountid:\(Self.account)], please.") == "Ask [~accountid:\(Self.person.id)], please.")
        #expect(
            Self.jira("See https://acme.example/people/557058%3Af58131cb-b67d-43c7-b30d-6b58d40bd077?x=1.")
                == "See https://acme.example/people/\(Self.person.id)?x=1.")
        #expect(Self.jira("Write to Ada.Lovelace@acme.example.") == "Write to \(Self.person.id).")
        #expect(Self.jira("waiting for Ada Lovelace, again") == "waiting for \(word), again")
        #expect(Self.jira("waiting for ADA  LOVELACE") == "waiting for \(word)")
        #expect(Self.jira("Ada Lovelace (Dev)") == Self.person.name)
        #expect(Self.jira(Self.account) == Self.person.id)
    }

    @Test func whatIsNotThePersonStays() {
        for text in [
            "", "Ada is here", "Lovelace, Ada", "Ada\nLovelace", "Adah Lovelace", "Ada Lovelaces", "557058",
            "a@b.example",
        ] {
            #expect(Self.jira(text) == nil, "\(text)")
        }
    }

    @Test func theNameOfOneWordIsReplacedOnlyWhereItIsAName() {
        let marks = Self.marks("Will")
        #expect(Self.jira("I will ask Will.", marks) == nil)
        #expect(Self.jira("I will ask @Will.", marks) == "I will ask @\(Self.person.word).")
        #expect(Self.jira("Will", marks) == Self.person.name)
        let own = PersonText(marks: marks, source: .own)
        #expect(own.replaced("Assigned to Will.") == "Assigned to \(Self.person.name).")
        #expect(own.replaced("It will do.") == nil)
    }

    @Test func namesAreTheSameHoweverTheyAreComposed() {
        let marks = Self.marks("Zoë Müller", "Łukasz Żak", "山田 太郎", "Nowak, Jan")
        for text in [
            "Zoe\u{308} Mu\u{308}ller was here", "Zoë MÜLLER was here", "with łukasz żak", "山田 太郎さん", "Jan Nowak said",
        ] {
            let isFound = Self.jira(text, marks)?.contains(Self.person.word) ?? false
            // In the third script words are not parted by spaces.
            #expect(isFound == !text.contains("さん"), "\(text)")
        }
    }

    @Test func aUserKeepsNothingButWhatScoresNeed() throws {
        let eraser = PersonEraser(marks: Self.marks("Ada Lovelace"))
        let user = """
            {"self": "https://x/user?accountId=\(Self.account)", "accountId": "\(Self.account)", "emailAddress": "\(Self.mail)",
             "avatarUrls": {"48x48": "https://a/\(Self.account)"}, "displayName": "Somebody Else", "active": true,
             "timeZone": "Europe/London", "accountType": "atlassian"}
            """
        let erased = try #require(try eraser.json(#"{"a": [\#(user), 1.10, {"x": null}]}"#))
        #expect(
            erased == """
                {"a":[{"accountId":"\(Self.person.id)","displayName":"\(Self.person.name)","active":true,\
                "timeZone":"Europe/London","accountType":"atlassian"},1.10,{"x":null}]}
                """)
        #expect(try eraser.json(erased) == nil)
    }

    @Test func textsByThePersonGoAndThoseOfOthersStay() throws {
        var eraser = PersonEraser(marks: Self.marks("Ada Lovelace"))
        eraser.residue = { String(decoding: $0, as: UTF8.self).contains("Secret") ? "left" : "?" }
        let ada = #"{"accountId": "\#(Self.account)", "displayName": "Ada Lovelace"}"#
        let bob = #"{"accountId": "bob-bob-bob", "displayName": "Bob"}"#
        let body = """
            {"user": \(ada), "comment": {"id": "1", "author": \(ada), "body": "Secret", "renderedBody": "Secret"},
             "other": {"id": "2", "author": \(bob), "body": "Ada Lovelace knows"},
             "worklog": {"author": \(ada), "comment": {"type": "doc", "content": []}, "timeSpentSeconds": 60},
             "document": {"type": "mention", "attrs": {"id": "\(Self.account)", "text": "@Ada"}},
             "changelog": {"items": [{"field": "Comment", "fromString": "Secret", "toString": null},
              {"field": "assignee", "from": "\(Self.account)", "fromString": "Ada Lovelace"}]}}
            """
        let erased = try #require(try eraser.json(body))
        for gone in ["Secret", "Ada", "Lovelace", "557058"] { #expect(!erased.contains(gone), "\(erased)") }
        for kept in [#""body":"left""#, "knows", #""displayName":"Bob""#, #""timeSpentSeconds":60"#, "(text erased)"] {
            #expect(erased.contains(kept), "\(kept) \(erased)")
        }
    }

    @Test func quotationsInAnalysesGo() throws {
        var eraser = PersonEraser(marks: Self.marks("Ada Lovelace"), source: .own)
        eraser.isErasedComment = { $0 == "7" }
        let analysis = """
            {"blockers": [{"author": "Ada Lovelace", "snippet": "Secret", "evidence": {"kind": "comment", "id": "7", "note": "Secret"}}],
             "evidence": [{"kind": "comment", "id": "8", "author": "Ada Lovelace", "note": "Secret", "restrictedNote": "Secret"},
             {"kind": "comment", "id": "9", "author": "Bob", "note": "Mine"}], "risk_score": 45}
            """
        let erased = try #require(try eraser.json(analysis))
        #expect(!erased.contains("Secret") && !erased.contains("Ada") && !erased.contains("restrictedNote"))
        #expect(erased.contains("Mine") && erased.contains(#""risk_score":45"#))
        #expect(try eraser.json(erased) == nil)
    }

    @Test func whatIsNoJSONIsReadAsAText() throws {
        let eraser = PersonEraser(marks: Self.marks("Ada Lovelace"))
        #expect(try eraser.json("{broken Ada Lovelace") == "{broken \(Self.person.word)")
        let deep = String(repeating: "[", count: 5000) + #""Ada Lovelace""# + String(repeating: "]", count: 5000)
        #expect(try eraser.json(deep)?.contains("Ada") == false)
        #expect(try eraser.json("[]") == nil)
    }

    /// Random documents, with and without the person: everything else is what it was, and the person is nowhere.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func everythingElseKeepsItsValue(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let eraser = PersonEraser(marks: Self.marks("Ada Lovelace"))
        for _ in 0..<20 {
            let plain = Self.value(depth: 4, &random)
            let data = try JSONSerialization.data(withJSONObject: plain, options: [.fragmentsAllowed, .sortedKeys])
            #expect(try eraser.json([UInt8](data)) == nil)
            let named = ["x": plain, "who": "by Ada Lovelace", "user": ["accountId": Self.account]] as [String: Any]
            let bytes = [UInt8](try JSONSerialization.data(withJSONObject: named, options: .sortedKeys))
            let erased = try #require(try eraser.json(bytes))
            let text = String(decoding: erased, as: UTF8.self)
            #expect(!text.contains("Lovelace") && !text.contains(Self.account))
            #expect(try JSON(parsing: erased)["x"]?.bytes == JSON(parsing: data).bytes)
            // Once is enough.
            #expect(try eraser.json(erased) == nil)
        }
    }

    private static func value(depth: Int, _ random: inout SeededGenerator) -> Any {
        let texts = ["", "a\"b\\c", "ümlaut 😀", "line\nbreak\u{1}", "Ada", "body", "1e9", "https://x.example/y?z=1"]
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random) {
        case 0: return texts.randomElement(using: &random) ?? ""
        case 1: return Int.random(in: -1000...1000, using: &random)
        case 2: return Double.random(in: -1...1, using: &random)
        case 3: return Bool.random(using: &random)
        case 4: return (0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth: depth - 1, &random) }
        default:
            return (0..<Int.random(in: 0..<4, using: &random)).reduce(into: [String: Any]()) { members, _ in
                members[texts.randomElement(using: &random) ?? "x"] = value(depth: depth - 1, &random)
            }
        }
    }
}
