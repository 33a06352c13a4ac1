import Domain

/// One spelling for all texts of the same JSON value: PostgreSQL's `jsonb` gives keys in an order of its own, numbers
/// without an exponent, and characters that were escaped as themselves.
///
/// Not ``Domain/CanonicalJSON``, which would make Foundation's objects of each of a million rows: this is several times as
/// fast, and its result is for comparing only.
enum CanonicalJSONForm {
    typealias Malformed = JSONScanner.Malformed

    /// Appends the form of a JSON text. Throws ``Malformed`` for anything else.
    static func append(_ json: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) throws {
        var reader = Reader(bytes: json, scanner: JSONScanner(json))
        try reader.value(reader.scanner.next(), into: &output, depth: 0)
        // Throws unless that was all.
        _ = try reader.scanner.next()
    }

    /// Appends a byte of a text; of U+0000, which PostgreSQL does not hold, what stands for it there.
    static func append(character byte: UInt8, to output: inout [UInt8]) {
        if byte == 0 { output.append(contentsOf: "\u{FFFD}".utf8) } else { output.append(byte) }
    }
}

private struct Reader {
    let bytes: UnsafeBufferPointer<UInt8>
    var scanner: JSONScanner

    /// Far deeper than anything consilod writes; the stack holds it.
    private static let depthLimit = 512

    /// The value that a token begins.
    mutating func value(
        _ token: JSONScanner.Token?, into output: inout [UInt8], depth: Int
    ) throws(JSONScanner.Malformed) {
        guard depth < Self.depthLimit else { throw JSONScanner.Malformed() }
        switch token {
        case .object: try object(into: &output, depth: depth)
        case .array: try array(into: &output, depth: depth)
        case .string: try string(into: &output)
        case .number: number(into: &output)
        case .word: output.append(contentsOf: bytes[scanner.range])
        case .name, .end, nil: throw JSONScanner.Malformed()
        }
    }

    private mutating func array(into output: inout [UInt8], depth: Int) throws(JSONScanner.Malformed) {
        output.append(UInt8(ascii: "["))
        let start = output.count
        while let token = try scanner.next(), token != .end {
            if output.count > start { output.append(UInt8(ascii: ",")) }
            try value(token, into: &output, depth: depth + 1)
        }
        output.append(UInt8(ascii: "]"))
    }

    /// The members in the order of their names' bytes.
    private mutating func object(into output: inout [UInt8], depth: Int) throws(JSONScanner.Malformed) {
        output.append(UInt8(ascii: "{"))
        let start = output.count
        var members: [(name: Range<Int>, end: Int)] = []
        var isSorted = true
        while try scanner.next() == .name {
            let nameStart = output.count
            try string(into: &output)
            let name = nameStart..<output.count
            if let last = members.last { isSorted = isSorted && Self.isBefore(last.name, name, in: output) }
            output.append(UInt8(ascii: ":"))
            try value(scanner.next(), into: &output, depth: depth + 1)
            output.append(UInt8(ascii: ","))
            members.append((name, output.count))
        }
        if !isSorted {
            let unsorted = Array(output[start...])
            members.sort { Self.isBefore($0.name, $1.name, in: output) }
            output.removeSubrange(start...)
            for member in members {
                output.append(contentsOf: unsorted[member.name.lowerBound - start..<member.end - start])
            }
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func isBefore(_ a: Range<Int>, _ b: Range<Int>, in output: [UInt8]) -> Bool {
        output[a].lexicographicallyPrecedes(output[b])
    }

    /// The string of the newest token without escapes, but for quotes and backslashes.
    private func string(into output: inout [UInt8]) throws(JSONScanner.Malformed) {
        var lexer = JSONLexer(bytes, at: scanner.range.lowerBound + 1)
        output.append(UInt8(ascii: "\""))
        var start = lexer.position
        while let byte = lexer.takeSpecial() {
            output.append(contentsOf: bytes[start..<lexer.position - 1])
            if byte == UInt8(ascii: "\"") { break }
            // Half of a surrogate pair is not a character.
            guard let scalar = lexer.takeEscape().flatMap(Unicode.Scalar.init) else { throw JSONScanner.Malformed() }
            if scalar == "\"" || scalar == "\\" { output.append(UInt8(ascii: "\\")) }
            for byte in scalar.utf8 { CanonicalJSONForm.append(character: byte, to: &output) }
            start = lexer.position
        }
        output.append(UInt8(ascii: "\""))
    }

    /// A whole number of up to 15 digits as such, any other as the bits of the nearest `Double`.
    private func number(into output: inout [UInt8]) {
        let text = bytes[scanner.range]
        if text.count <= 15, text.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            output.append(contentsOf: text)
            return
        }
        let value = Double(String(decoding: text, as: UTF8.self)) ?? .nan
        if abs(value) < 1e15, let whole = Int64(exactly: value) {
            output.append(contentsOf: String(whole).utf8)
        } else {
            output.append(UInt8(ascii: "#"))
            output.append(contentsOf: String(value.bitPattern, radix: 16).utf8)
        }
    }
}
