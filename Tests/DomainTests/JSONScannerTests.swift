import Domain
import Foundation
import TestSupport
import Testing

@Suite struct JSONScannerTests {
    // MARK: The peer

    /// A value as Foundation reads it: words are numbers but for null, and of members of the same name the last counts.
    private indirect enum Value: Equatable {
        case null, number(NSNumber), string(String), array([Value]), object([String: Value])

        init(_ value: Any) {
            switch value {
            case let members as [String: Any]: self = .object(members.mapValues { Value($0) })
            case let elements as [Any]: self = .array(elements.map { Value($0) })
            case let text as String: self = .string(text)
            case let number as NSNumber: self = .number(number)
            default: self = .null
            }
        }

        static func foundation(_ text: some Sequence<UInt8>) throws -> Value {
            Value(try JSONSerialization.jsonObject(with: Data(text), options: [.fragmentsAllowed]))
        }
    }

    /// Makes values of tokens, and notes what Foundation does not take.
    private struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        var scanner: JSONScanner
        var isTooMuchForFoundation = false

        init(_ bytes: UnsafeBufferPointer<UInt8>) { (self.bytes, scanner) = (bytes, JSONScanner(bytes)) }

        mutating func document() throws -> Value {
            let value = try value(scanner.next())
            // Throws unless that was all.
            _ = try scanner.next()
            return value
        }

        private mutating func value(_ token: JSONScanner.Token?) throws -> Value {
            switch token {
            case .array:
                var elements: [Value] = []
                while let token = try scanner.next(), token != .end { elements.append(try value(token)) }
                return .array(elements)
            case .object:
                var members: [String: Value] = [:]
                while try scanner.next() == .name {
                    let name = text()
                    members[name] = try value(scanner.next())
                }
                return .object(members)
            case .string: return .string(text())
            case .number:
                guard Double(spelling)?.isFinite == true else {
                    isTooMuchForFoundation = true
                    return .null
                }
                return try .foundation(bytes[scanner.range])
            case .word: return try .foundation(bytes[scanner.range])
            case .name, .end, nil: throw Unexpected("no value where one must be")
            }
        }

        private var spelling: String { String(decoding: bytes[scanner.range], as: UTF8.self) }

        private mutating func text() -> String {
            var lexer = JSONLexer(bytes, at: scanner.range.lowerBound + 1)
            var (text, start) = ([UInt8](), lexer.position)
            while let byte = lexer.takeSpecial() {
                text += bytes[start..<lexer.position - 1]
                if byte == UInt8(ascii: "\"") { break }
                let scalar = lexer.takeEscape().flatMap(Unicode.Scalar.init)
                isTooMuchForFoundation = isTooMuchForFoundation || scalar == nil
                text += (scalar ?? "?").utf8
                start = lexer.position
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    private func read(_ text: [UInt8]) -> (value: Value, isTooMuchForFoundation: Bool)? {
        text.withUnsafeBufferPointer { bytes in
            var reader = Reader(bytes)
            guard let value = try? reader.document() else { return nil }
            return (value, reader.isTooMuchForFoundation || reader.scanner.deepest > 512)
        }
    }

    // MARK: Documents

    private func document(_ depth: Int, _ random: inout SeededGenerator) -> String {
        func space() -> String { ["", "", "", " ", "\n\t", "\r\n"].randomElement(using: &random) ?? "" }
        func list(_ part: () -> String) -> String {
            (0..<Int.random(in: 0...4, using: &random)).map { _ in space() + part() + space() }.joined(separator: ",")
        }
        func string() -> String {
            let parts = [
                "a", "name", "\u{7F}", "é", "😀", "}{][,:", "eight bytes and more", #"\""#, #"\\"#, #"\/"#,
                #"\b\f\n\r\t"#,
                #"\u00e9"#, #"\u0000"#, #"\uD83d\uDe00"#, #"\ud83d"#, #"\ude00"#, #"\ud83d\u0041"#,
            ]
            // Halves of surrogate pairs seldom, because Foundation takes none.
            let last = Int.random(in: 0...40, using: &random) == 0 ? parts.count : parts.count - 3
            return
                "\"\((0..<Int.random(in: 0...3, using: &random)).map { _ in parts[..<last].randomElement(using: &random) ?? "" }.joined())\""
        }
        switch Int.random(in: depth == 0 ? 0...2 : depth > 4 ? 2...5 : 0...5, using: &random) {
        case 0: return "[\(list { document(depth + 1, &random) })]"
        case 1:
            let members = list {
                // Of few names, so that many are there twice.
                let name = ["\"a\"", #""\u0061""#, string()].randomElement(using: &random) ?? ""
                return name + space() + ":" + space() + document(depth + 1, &random)
            }
            return "{\(members)}"
        case 2, 3: return string()
        case 4:
            return [
                "0", "-0", "7", "-12.5", "1e3", "2E-7", "0.10", "1e+05", "9007199254740993",
                "123456789012345678901234567890",
                "1e999",
            ].randomElement(using: &random) ?? ""
        default: return ["true", "false", "null"].randomElement(using: &random) ?? ""
        }
    }

    private func damage(_ text: inout [UInt8], _ random: inout SeededGenerator) {
        let at = Int.random(in: 0...text.count, using: &random)
        let bytes = Array("\"\\{}[],:0123456789eE+-. \t\n\u{B}\u{1}\0truefalsn/ubé".utf8)
        switch Int.random(in: 0...4, using: &random) {
        case 0 where at < text.count: text.remove(at: at)
        case 1 where at < text.count: text[at] = UInt8.random(in: 0...255, using: &random)
        case 2 where at < text.count: text.removeSubrange(at...)
        // Not elsewhere: Foundation loses it in a string, behind an escape.
        case 3: text.insert(contentsOf: Array("\u{FEFF}".utf8), at: 0)
        default: text.insert(bytes.randomElement(using: &random) ?? 0, at: at)
        }
    }

    /// Whether it is known of Foundation that it takes this, which is no JSON: a byte order mark, a comma behind the last of
    /// a list, and all in UTF-16 and UTF-32.
    private func isOnlyForFoundation(_ text: [UInt8]) -> Bool {
        let tidy = String(decoding: text, as: UTF8.self).replacingOccurrences(
            of: "^\u{FEFF}|,(?=[ \t\r\n]*[\\]}])", with: "", options: .regularExpression)
        return text.contains(0) || JSONScanner.value(in: Array(tidy.utf8)) != nil
    }

    @Test func readsRandomAndDamagedDocumentsAsFoundationDoes() throws {
        var (both, neither, scannerOnly, foundationOnly) = (0, 0, 0, 0)
        for seed in 0..<5000 {
            var random = SeededGenerator(seed: UInt64(seed))
            let levels = seed % 50 == 0 ? Int.random(in: 500...520, using: &random) : 0
            var text = Array(
                (String(repeating: "[", count: levels) + document(0, &random) + String(repeating: "]", count: levels))
                    .utf8)
            for _ in 0..<[0, 0, 1, 1, 2][seed % 5] { damage(&text, &random) }
            // Bytes that are not UTF-8 are no concern of the scanner's.
            text = Array(String(decoding: text, as: UTF8.self).utf8)
            let shown = Comment(rawValue: "\(seed): \(String(decoding: text, as: UTF8.self))")

            let own = read(text)
            #expect((JSONScanner.value(in: text) != nil) == (own != nil), shown)
            switch (own, try? Value.foundation(text)) {
            case (let own?, let other?):
                both += 1
                try #require(own.value == other, shown)
            case (nil, nil): neither += 1
            case (let own?, nil):
                scannerOnly += 1
                try #require(own.isTooMuchForFoundation, shown)
            case (nil, _?):
                foundationOnly += 1
                try #require(isOnlyForFoundation(text), shown)
            }
        }
        // Else nothing was compared.
        #expect(both > 1500 && neither > 1500 && scannerOnly > 50 && foundationOnly > 50)
    }

    // MARK: By example

    @Test(arguments: [
        "", " ", "[", "]", "{", "[1,]", "[,1]", "[1 2]", "[1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#, "{1:2}",
        "1 2",
        "nul", "nulls", "True", "01", "-", "-01", "+1", "1.", ".5", "1e", "1e+", "0x1", "Infinity", "\"", "\"a", #""\"#,
        #""\""#, #""\q""#, #""\u00g0""#, #""\u12""#, "\"\u{1F}\"", "\"eight bytes\n\"", "\u{FEFF}1", "1\u{A0}", "1\0",
        "1\u{B}",
    ])
    func whatIsNoJSONIsNone(text: String) { #expect(JSONScanner.value(in: Array(text.utf8)) == nil) }

    @Test func aValueIsFoundWithoutTheSpaceAroundIt() {
        #expect(JSONScanner.value(in: Array(" \r\n\t{\"a\": [1, 2]} ".utf8)) == 4..<17)
        #expect(JSONScanner.value(in: Array("\"a\"".utf8)) == 0..<3)
        #expect(JSONScanner.value(in: [0x20, 0x22, 0xFF, 0x22]) == 1..<4)
    }

    /// On a thread of the cooperative pool, whose stack is small.
    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func nestingTakesNoStack(opening: String, closing: String) async {
        let (levels, innermost) = (100_000, "0")
        let whole = await Task.detached { () -> [Range<Int>?] in
            let open = Array(String(repeating: opening, count: levels).utf8)
            let text = open + innermost.utf8 + Array(String(repeating: closing, count: levels).utf8)
            return [JSONScanner.value(in: text), JSONScanner.value(in: text.dropLast()), JSONScanner.value(in: open)]
        }.value
        #expect(whole == [0..<levels * (opening.utf8.count + 1) + 1, nil, nil])
    }

    @Test func tokensStandWhereTheyAre() throws {
        let text = Array(#" { "a" : [ 1 , {"b":"\"" } ], "c":null,"d" : {} } "#.utf8)
        let tokens = try text.withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(bytes)
            var tokens: [String] = []
            while let token = try scanner.next() {
                tokens.append("\(token) \(scanner.depth) \(String(decoding: bytes[scanner.range], as: UTF8.self))")
            }
            #expect((scanner.size, scanner.deepest, scanner.depth) == (7, 3, 0))
            return tokens
        }
        #expect(
            tokens == [
                "object 1 {", #"name 1 "a""#, "array 2 [", "number 2 1", "object 3 {", #"name 3 "b""#,
                #"string 3 "\"""#,
                "end 2 }", "end 1 ]", #"name 1 "c""#, "word 1 null", #"name 1 "d""#, "object 2 {", "end 1 }", "end 0 }",
            ])
    }

    @Test func aWholeValueIsSkipped() throws {
        let text = Array(#"[1, "a", [[2], {"b": 3}], {}]"#.utf8)
        let values = try text.withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(bytes)
            #expect(try scanner.next() == .array)
            var values: [String] = []
            while let token = try scanner.next(), token != .end {
                try scanner.skipRest()
                values.append(String(decoding: bytes[scanner.range], as: UTF8.self))
            }
            return values
        }
        #expect(values == ["1", #""a""#, #"[[2], {"b": 3}]"#, "{}"])
    }
}
