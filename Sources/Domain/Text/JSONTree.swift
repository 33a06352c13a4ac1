import Glibc

/// The values of a JSON text, found in one pass and not decoded yet.
final class JSONTree {
    enum Kind: UInt8 { case object, array, string, number, word }

    /// A value, or the name of a member. The values within an object or array stand behind it, each member's name before its value.
    struct Node {
        var kind: Kind
        /// Where it stands in the text, a string without its quotes.
        var range: Range<Int>
        /// Whether it is a string with escapes in it.
        var hasEscapes = false
        /// The index of the first node that is not part of it.
        var end: Int
    }

    /// What is not as it was asked for.
    struct Unexpected: Error {}

    let bytes: [UInt8]
    let nodes: [Node]
    /// For each object where its next member is looked for first: members are mostly asked for in their order.
    private let cursors: UnsafeMutablePointer<Int>

    /// Throws ``JSONScanner/Malformed`` for what is no JSON.
    init(_ text: String) throws {
        let bytes = Array(text.utf8)
        nodes = try bytes.withUnsafeBufferPointer(Self.nodes)
        self.bytes = bytes
        cursors = .allocate(capacity: nodes.count)
        for (index, _) in nodes.enumerated() { cursors.advanced(by: index).initialize(to: index + 1) }
    }

    deinit { cursors.deallocate() }

    private static func nodes(of bytes: UnsafeBufferPointer<UInt8>) throws -> [Node] {
        var scanner = JSONScanner(bytes)
        var nodes: [Node] = []
        nodes.reserveCapacity(bytes.count / 12 + 1)
        var open: [Int] = []
        func append(_ kind: Kind, _ range: Range<Int>) {
            let hasEscapes = kind == .string && bytes[range].contains(UInt8(ascii: "\\"))
            nodes.append(Node(kind: kind, range: range, hasEscapes: hasEscapes, end: nodes.count + 1))
        }
        while let token = try scanner.next() {
            let range = scanner.range
            switch token {
            case .object, .array:
                open.append(nodes.count)
                append(token == .object ? .object : .array, range)
            case .end: if let begun = open.popLast() { nodes[begun].end = nodes.count }
            case .name, .string: append(.string, range.lowerBound + 1..<range.upperBound - 1)
            case .number: append(.number, range)
            case .word: append(.word, range)
            }
        }
        return nodes
    }

    // MARK: Members

    /// The value of an object's member; nil without one.
    func member(_ name: String, of object: Int) -> Int? {
        let end = nodes[object].end
        let start = cursors[object]
        return member(name, from: start, to: end, of: object) ?? member(name, from: object + 1, to: start, of: object)
    }

    private func member(_ name: String, from start: Int, to end: Int, of object: Int) -> Int? {
        var place = start
        while place < end {
            let next = nodes[place + 1].end
            if isText(name, place) {
                cursors[object] = next
                return place + 1
            }
            place = next
        }
        return nil
    }

    private func isText(_ text: String, _ node: Int) -> Bool {
        guard !nodes[node].hasEscapes else { return (try? string(node)) == text }
        let range = nodes[node].range
        guard range.count == text.utf8.count else { return false }
        let isSame = text.utf8.withContiguousStorageIfAvailable { text in
            bytes.withUnsafeBufferPointer { bytes in
                guard let text = text.baseAddress, let name = bytes.baseAddress else { return true }
                return memcmp(text, name + range.lowerBound, range.count) == 0
            }
        }
        return isSame ?? bytes[range].elementsEqual(text.utf8)
    }

    /// The nodes of the names of an object's members.
    func names(of object: Int) -> [Int] {
        var (names, place) = ([Int](), object + 1)
        while place < nodes[object].end {
            names.append(place)
            place = nodes[place + 1].end
        }
        return names
    }

    // MARK: Values. All throw ``Unexpected`` for those of another kind.

    func isNull(_ node: Int) -> Bool {
        nodes[node].kind == .word && bytes[nodes[node].range.lowerBound] == UInt8(ascii: "n")
    }

    func bool(_ node: Int) throws -> Bool {
        guard nodes[node].kind == .word, !isNull(node) else { throw Unexpected() }
        return bytes[nodes[node].range.lowerBound] == UInt8(ascii: "t")
    }

    func string(_ node: Int) throws -> String {
        let range = nodes[node].range
        guard nodes[node].kind == .string else { throw Unexpected() }
        guard nodes[node].hasEscapes else { return String(decoding: bytes[range], as: UTF8.self) }
        return try bytes.withUnsafeBufferPointer { bytes in
            var (lexer, result, start) = (JSONLexer(bytes, at: range.lowerBound), [UInt8](), range.lowerBound)
            while let byte = lexer.takeSpecial(), byte == UInt8(ascii: "\\") {
                result += bytes[start..<lexer.position - 1]
                // Half of a surrogate pair is not a character.
                guard let scalar = lexer.takeEscape().flatMap(Unicode.Scalar.init) else { throw Unexpected() }
                result += scalar.utf8
                start = lexer.position
            }
            result += bytes[start..<range.upperBound]
            return String(decoding: result, as: UTF8.self)
        }
    }

    /// A number that is written as a whole one.
    func integer<Number: FixedWidthInteger>(_ node: Int) throws -> Number {
        let range = nodes[node].range
        guard nodes[node].kind == .number, range.count <= 20 else { throw Unexpected() }
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        var value: Number = 0
        for byte in bytes[range].dropFirst(isNegative ? 1 : 0) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw Unexpected() }
            let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let digit = Number(truncatingIfNeeded: byte & 0xF)
            let (sum, isOverflow) =
                isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            guard !isTooLarge, !isOverflow else { throw Unexpected() }
            value = sum
        }
        return value
    }

    func double(_ node: Int) throws -> Double {
        guard nodes[node].kind == .number,
            let value = Double(String(decoding: bytes[nodes[node].range], as: UTF8.self)), value.isFinite
        else { throw Unexpected() }
        return value
    }
}
