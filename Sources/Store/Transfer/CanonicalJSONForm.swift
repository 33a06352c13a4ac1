import Foundation

/// One spelling for all texts of the same JSON value: PostgreSQL's `jsonb` gives keys in an order of its own, numbers
/// without an exponent, and characters that were escaped as themselves.
///
/// Not ``Domain/CanonicalJSON``, which would make Foundation's objects of each of a million rows: this is several times as
/// fast, and its result is for comparing only.
enum CanonicalJSONForm {
    struct Malformed: Error {}

    /// Appends the form of a JSON text. Throws ``Malformed`` for anything else.
    static func append(_ json: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) throws {
        var reader = Reader(bytes: json)
        try reader.value(into: &output, depth: 0)
        reader.skipSpace()
        guard reader.position == json.count else { throw Malformed() }
    }

    /// Appends a byte of a text; of U+0000, which PostgreSQL does not hold, what stands for it there.
    static func append(character byte: UInt8, to output: inout [UInt8]) {
        if byte == 0 { output.append(contentsOf: "\u{FFFD}".utf8) } else { output.append(byte) }
    }
}

private struct Reader {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    /// Far deeper than anything consilod writes; the stack holds it.
    private static let depthLimit = 512

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }

    private func peek() throws -> UInt8 {
        guard position < bytes.count else { throw CanonicalJSONForm.Malformed() }
        return bytes[position]
    }

    private mutating func take() throws -> UInt8 {
        let byte = try peek()
        position += 1
        return byte
    }

    mutating func value(into output: inout [UInt8], depth: Int) throws {
        guard depth < Self.depthLimit else { throw CanonicalJSONForm.Malformed() }
        skipSpace()
        switch try peek() {
        case UInt8(ascii: "{"): try object(into: &output, depth: depth)
        case UInt8(ascii: "["): try array(into: &output, depth: depth)
        case UInt8(ascii: "\""): try string(into: &output)
        case UInt8(ascii: "t"): try word("true", into: &output)
        case UInt8(ascii: "f"): try word("false", into: &output)
        case UInt8(ascii: "n"): try word("null", into: &output)
        default: try number(into: &output)
        }
    }

    private mutating func word(_ word: StaticString, into output: inout [UInt8]) throws {
        let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes.count - position >= letters.count, bytes[position..<position + letters.count].elementsEqual(letters)
        else { throw CanonicalJSONForm.Malformed() }
        position += letters.count
        output.append(contentsOf: letters)
    }

    private mutating func array(into output: inout [UInt8], depth: Int) throws {
        output.append(try take())
        skipSpace()
        if try peek() == UInt8(ascii: "]") {
            output.append(try take())
            return
        }
        while true {
            try value(into: &output, depth: depth + 1)
            skipSpace()
            let byte = try take()
            output.append(byte)
            if byte == UInt8(ascii: "]") { return }
            guard byte == UInt8(ascii: ",") else { throw CanonicalJSONForm.Malformed() }
        }
    }

    /// The members in the order of their keys' bytes.
    private mutating func object(into output: inout [UInt8], depth: Int) throws {
        output.append(try take())
        let start = output.count
        var members: [(key: Range<Int>, end: Int)] = []
        skipSpace()
        if try peek() == UInt8(ascii: "}") {
            output.append(try take())
            return
        }
        var isSorted = true
        while true {
            skipSpace()
            let keyStart = output.count
            guard try peek() == UInt8(ascii: "\"") else { throw CanonicalJSONForm.Malformed() }
            try string(into: &output)
            let key = keyStart..<output.count
            if let last = members.last { isSorted = isSorted && Self.isBefore(last.key, key, in: output) }
            skipSpace()
            guard try take() == UInt8(ascii: ":") else { throw CanonicalJSONForm.Malformed() }
            output.append(UInt8(ascii: ":"))
            try value(into: &output, depth: depth + 1)
            output.append(UInt8(ascii: ","))
            members.append((key, output.count))
            skipSpace()
            let byte = try take()
            if byte == UInt8(ascii: "}") { break }
            guard byte == UInt8(ascii: ",") else { throw CanonicalJSONForm.Malformed() }
        }
        if !isSorted {
            let unsorted = Array(output[start...])
            members.sort { Self.isBefore($0.key, $1.key, in: output) }
            output.removeSubrange(start...)
            for member in members {
                output.append(contentsOf: unsorted[member.key.lowerBound - start..<member.end - start])
            }
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func isBefore(_ a: Range<Int>, _ b: Range<Int>, in output: [UInt8]) -> Bool {
        output[a].lexicographicallyPrecedes(output[b])
    }

    /// A string without escapes, but for quotes and backslashes.
    private mutating func string(into output: inout [UInt8]) throws {
        output.append(try take())
        while true {
            let byte = try take()
            switch byte {
            case UInt8(ascii: "\""):
                output.append(byte)
                return
            case UInt8(ascii: "\\"): try escape(into: &output)
            default: output.append(byte)
            }
        }
    }

    private mutating func escape(into output: inout [UInt8]) throws {
        let byte = try take()
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(contentsOf: [UInt8(ascii: "\\"), byte])
        case UInt8(ascii: "/"): output.append(byte)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            var code = UInt32(try codeUnit())
            if code & 0xFC00 == 0xD800 {
                guard try take() == UInt8(ascii: "\\"), try take() == UInt8(ascii: "u") else {
                    throw CanonicalJSONForm.Malformed()
                }
                let low = UInt32(try codeUnit())
                guard low & 0xFC00 == 0xDC00 else { throw CanonicalJSONForm.Malformed() }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(code) else { throw CanonicalJSONForm.Malformed() }
            switch scalar {
            case "\"", "\\": output.append(contentsOf: [UInt8(ascii: "\\"), UInt8(code)])
            default:
                for byte in UTF8.encode(scalar) ?? .init() { CanonicalJSONForm.append(character: byte, to: &output) }
            }
        default: throw CanonicalJSONForm.Malformed()
        }
    }

    private mutating func codeUnit() throws -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            let byte = try take()
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw CanonicalJSONForm.Malformed()
            }
            code = code << 4 | UInt16(digit)
        }
        return code
    }

    /// A whole number of up to 15 digits as such, any other as the bits of the nearest `Double`.
    private mutating func number(into output: inout [UInt8]) throws {
        let start = position
        var (isWhole, digits) = (true, 0)
        scan: while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isWhole = false
            case UInt8(ascii: "-"): if position > start { isWhole = false }
            default: break scan
            }
            position += 1
        }
        let text = bytes[start..<position]
        if isWhole, (1...15).contains(digits), text.first != UInt8(ascii: "-") {
            output.append(contentsOf: text)
            return
        }
        guard digits > 0, let value = Double(String(decoding: text, as: UTF8.self)) else {
            throw CanonicalJSONForm.Malformed()
        }
        if abs(value) < 1e15, let whole = Int64(exactly: value) {
            output.append(contentsOf: String(whole).utf8)
        } else {
            output.append(UInt8(ascii: "#"))
            output.append(contentsOf: String(value.bitPattern, radix: 16).utf8)
        }
    }
}
