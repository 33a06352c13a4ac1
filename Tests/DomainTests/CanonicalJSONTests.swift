import Domain
import Foundation
import Testing

/// ``CanonicalJSON`` gives what Foundation's encoder gives, byte for byte: rows are compared and signed by their bytes.
@Suite struct CanonicalJSONTests {
    private func expectSame(_ value: some Encodable, _ location: SourceLocation = #_sourceLocation) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let expected = String(decoding: try encoder.encode(value), as: UTF8.self)
        #expect(try CanonicalJSON.text(of: value) == expected, sourceLocation: location)
        #expect(try CanonicalJSON.encode(value) == Data(expected.utf8), sourceLocation: location)
    }

    private struct Sample: Encodable {
        var zone = "Europe/Berlin"
        var at = Date(timeIntervalSince1970: 1.5)
        var id = UUID()
        var address = URL(string: "https://site.example/a?b=c")
        var price = Decimal(12.5)
        var body = Data([1, 2, 3])
        var missing: Int?
        var until: Date? = Date(timeIntervalSince1970: 0)
        var scores = [1, -2, 3]
        var byIssue = [3: "c", 1: "a"]
        var byID = [UUID(): true]
        var nothing = [String: Int]()
    }

    @Test func valuesOfAllKindsAreAsFoundationWritesThem() throws {
        try expectSame(Sample())
        try expectSame([Sample(), Sample()])
        try expectSame("text")
        try expectSame(7)
        try expectSame(String?.none)
        try expectSame([Int?.none, 1])
        try expectSame([UInt64.max])
        try expectSame([Int64.min])
        try expectSame([Int8(-3)])
        try expectSame([Float(0.1), 3])
        try expectSame([1.0, -0.0, 0.1, 1e15, 1e16, 1e20, 1e-7, 123_456_789_012_345_680])
        try expectSame([[String]]())
    }

    @Test func everyCharacterIsEscapedAsFoundationEscapesIt() throws {
        for value in UInt32(0)...0x30FF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            try expectSame(["\(scalar)k": "v\(scalar)"])
        }
        try expectSame(["a/\"\\\u{0}😀": "e\u{301}\u{2028}\r\n\t"])
    }

    @Test func namesAreInTheOrderOfTheirBytes() throws {
        let names = [
            "", "a", "A", "aB", "a\"", "a\\", "a!", "a ", "a\u{1}", "é", "éa", "e\u{301}b", "e", "😀", "abcdefgh",
            "abcdefghi", "abcdefgh!", "Z",
        ]
        try expectSame(Dictionary(uniqueKeysWithValues: names.map { ($0, [$0: 1]) }))
    }

    /// Told in parts: one object before the members of the one around it have all been told.
    private struct InParts: Encodable {
        enum Key: String, CodingKey { case a, m, z }

        func encode(to encoder: any Encoder) throws {
            var outer = encoder.container(keyedBy: Key.self)
            var inner = outer.nestedContainer(keyedBy: Key.self, forKey: .z)
            try inner.encode(1, forKey: .m)
            try outer.encode("x", forKey: .a)
            try inner.encode(2.5, forKey: .a)
            var list = inner.nestedUnkeyedContainer(forKey: .z)
            try list.encode(1)
            var element = list.nestedContainer(keyedBy: Key.self)
            try list.encode(3)
            try element.encode(9, forKey: .z)
            try element.encode(8, forKey: .a)
            try list.encodeNil()
            try outer.encode("first", forKey: .m)
            try outer.encode("second", forKey: .m)
        }
    }

    private class Parent: Encodable {
        var parent = 1
    }

    private final class Child: Parent {
        enum Key: String, CodingKey { case child }

        override func encode(to encoder: any Encoder) throws {
            try super.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try super.encode(to: container.superEncoder(forKey: .child))
        }
    }

    private struct Nothing: Encodable {
        func encode(to encoder: any Encoder) throws {}
    }

    @Test func valuesToldInPartsAreAsFoundationWritesThem() throws {
        try expectSame(InParts())
        try expectSame([InParts(), InParts()])
        try expectSame(Child())
        try expectSame(["nothing": Nothing()])
    }

    @Test func whatIsNoJSONIsAnError() {
        #expect(throws: EncodingError.self) { try CanonicalJSON.encode([Double.nan]) }
        #expect(throws: EncodingError.self) { try CanonicalJSON.encode(["x": Float.infinity]) }
        #expect(throws: EncodingError.self) { try CanonicalJSON.encode(Nothing()) }
    }

    // MARK: Reading

    private struct Row: Codable, Equatable {
        struct Part: Codable, Equatable {
            var id: IssueID
            var at: Timestamp?
            var note: String?
        }

        var title = "Ref\"u\\nd/\u{1}é😀\n"
        var parts = [
            Part(id: "1", at: Timestamp(milliseconds: 1), note: nil), Part(id: "2", at: nil, note: "\u{2028}"),
        ]
        var byKey: [LinkID: Part] = ["a\"b": Part(id: "3", at: nil, note: ""), "é": Part(id: "4", at: nil, note: "x")]
        var counts: [Int: [Bool?]] = [3: [true, nil, false], -1: []]
        var numbers = [1, -0.5, 1e-7, 1e20, 0.1, 123_456_789_012_345_680]
        var least = Int64.min
        var most = UInt64.max
        var byte = Int8.min
        var id = UUID()
        var missing: Int?
        var day: CalendarDay? = CalendarDay(daysSinceEpoch: 20_000)
    }

    @Test func whatWasWrittenIsReadBack() throws {
        let row = Row()
        let text = try CanonicalJSON.text(of: row)
        #expect(try CanonicalJSON.read(Row.self, from: text) == row)
        #expect(try CanonicalJSON.decode(Row.self, from: Data(text.utf8)) == row)
        #expect(try CanonicalJSON.read(String.self, from: #""x""#) == "x")
        #expect(try CanonicalJSON.read(Int?.self, from: "null") == nil)
    }

    @Test func otherSpellingsOfTheSameValuesAreReadAsWell() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted]
        let row = Row()
        #expect(try CanonicalJSON.read(Row.self, from: String(decoding: encoder.encode(row), as: UTF8.self)) == row)
        #expect(try CanonicalJSON.read([String].self, from: #"["\u00e9\ud83d\ude00\/"]"#) == ["é😀/"])
        #expect(try CanonicalJSON.read([Int].self, from: "[1.0, 2e1]") == [1, 20])
        let date = Date(timeIntervalSinceReferenceDate: 5)
        #expect(try CanonicalJSON.read([Date].self, from: "[5]") == [date])
    }

    @Test(arguments: [
        "", "{", #"{"a":1}x"#, "[1.5]", #"["\ud800"]"#, "[99999999999999999999]", "{}", "[null]", "[true]", #"["1"]"#,
        "[1",
    ])
    func whatIsNoListOfNumbersIsAnError(text: String) {
        #expect(throws: DecodingError.self) { try CanonicalJSON.read([Int].self, from: text) }
    }
}
