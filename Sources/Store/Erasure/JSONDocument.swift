import Domain

/// A JSON text that is changed here and there: what stays as it is keeps its bytes, numbers with all their digits, members in their
/// order.
struct JSONDocument {
    /// A value.
    indirect enum Node {
        case object([Member], Range<Int>)
        case array([Node])
        case string(String, Range<Int>)
        /// A number or a word.
        case other(Range<Int>)
        /// A string that takes the place of a value.
        case new(String)

        /// The value of a string.
        var text: String? {
            switch self {
            case .string(let text, _), .new(let text): text
            case .object, .array, .other: nil
            }
        }
    }

    struct Member {
        var name: String
        var nameRange: Range<Int>
        var value: Node
    }

    /// The text cannot be changed in its parts: it is no JSON, or nests too deeply.
    struct Unreadable: Error {}

    private static let deepest = 300

    let bytes: [UInt8]
    var root: Node

    /// Throws ``Unreadable``.
    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        root = try bytes.withUnsafeBufferPointer { buffer -> Node in
            do {
                var parser = Parser(buffer)
                return try parser.document()
            } catch is JSONScanner.Malformed {
                throw Unreadable()
            }
        }
    }

    /// The bytes of a value as they were.
    func source(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }

    /// The text as it is now, without the space between its parts.
    func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        write(root, to: &output)
        return output
    }

    private func write(_ node: Node, to output: inout [UInt8]) {
        switch node {
        case .string(_, let range), .other(let range): output += bytes[range]
        case .new(let text): Self.write(text, to: &output)
        case .array(let nodes):
            output.append(UInt8(ascii: "["))
            for (index, node) in nodes.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                write(node, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members, _):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                output += bytes[member.nameRange]
                output.append(UInt8(ascii: ":"))
                write(member.value, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): output += Array("\\n".utf8)
            case UInt8(ascii: "\r"): output += Array("\\r".utf8)
            case UInt8(ascii: "\t"): output += Array("\\t".utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                output += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Builds the tree. It recurses no deeper than ``deepest``.
    private struct Parser {
        private let bytes: UnsafeBufferPointer<UInt8>
        private var scanner: JSONScanner

        init(_ bytes: UnsafeBufferPointer<UInt8>) {
            self.bytes = bytes
            scanner = JSONScanner(bytes)
        }

        mutating func document() throws -> Node {
            guard let token = try scanner.next() else { throw Unreadable() }
            let root = try node(token)
            guard try scanner.next() == nil else { throw Unreadable() }
            return root
        }

        private mutating func node(_ token: JSONScanner.Token) throws -> Node {
            guard scanner.depth <= JSONDocument.deepest else { throw Unreadable() }
            switch token {
            case .string: return .string(text(scanner.range), scanner.range)
            case .number, .word: return .other(scanner.range)
            case .array:
                var nodes: [Node] = []
                while let token = try scanner.next() {
                    if case .end = token { return .array(nodes) }
                    nodes.append(try node(token))
                }
            case .object:
                let start = scanner.range.lowerBound
                var members: [Member] = []
                while let token = try scanner.next() {
                    if case .end = token { return .object(members, start..<scanner.range.upperBound) }
                    let range = scanner.range
                    guard case .name = token, let value = try scanner.next() else { throw Unreadable() }
                    members.append(Member(name: text(range), nameRange: range, value: try node(value)))
                }
            case .end, .name: break
            }
            throw Unreadable()
        }

        /// The text of a string that stands, with its quotes, in a range.
        private func text(_ range: Range<Int>) -> String {
            let inside = range.dropFirst().dropLast()
            guard bytes[inside].contains(UInt8(ascii: "\\")) else {
                return String(decoding: bytes[inside], as: UTF8.self)
            }
            var (lexer, result, start) = (JSONLexer(bytes, at: inside.startIndex), "", inside.startIndex)
            while let byte = lexer.takeSpecial(), byte != UInt8(ascii: "\"") {
                result += String(decoding: bytes[start..<lexer.position - 1], as: UTF8.self)
                if byte == UInt8(ascii: "\\"), let code = lexer.takeEscape() {
                    result.unicodeScalars.append(Unicode.Scalar(code) ?? "\u{FFFD}")
                }
                start = lexer.position
            }
            return result + String(decoding: bytes[start..<max(start, range.upperBound - 1)], as: UTF8.self)
        }
    }
}
