import Foundation

/// A webhook's body as the JSON parser gets it: within limits that bound what decoding may cost, and with U+FFFD (the
/// replacement character) wherever a text holds what no text can: U+0000, at which databases end a text, half of a
/// surrogate pair, or bytes that are not UTF-8. The parser would leave such a text out as a whole.
///
/// This is the one place where texts are repaired, so that what is stored is what was read.
struct PreparedBody {
    /// Decoding recurses, and Foundation's own limit of 512 levels needs a deep stack; a Jira document of lists within lists
    /// has some dozens. Of values the parser keeps about 25 bytes for each byte of `[[],[],…]`.
    static let limits = JSONSyntax.Limits(depth: 256, values: 1_000_000)

    let data: Data

    /// Throws `.notJSON` for what cannot be JSON in UTF-8 (RFC 8259, section 8.1), `.notUnderstood` beyond the limits.
    init(_ body: [UInt8]) throws(JiraPayloadError) {
        // No byte of UTF-8 JSON is zero, while UTF-16 and UTF-32, which Foundation would take, are full of them.
        guard !body.contains(0) else { throw JiraPayloadError(.notJSON, "the body is not JSON in UTF-8") }
        var scan = Scan()
        try scan.read(body.span)
        if !scan.isASCII, String(validating: body, as: UTF8.self) == nil {
            // No quote or bracket is lost: a byte of ASCII is never part of a malformed sequence.
            let repaired = Array(String(decoding: body, as: UTF8.self).utf8)
            scan = Scan()
            try scan.read(repaired.span)
            data = scan.repaired(repaired)
        } else {
            data = scan.repaired(body)
        }
    }

    /// One pass over the bytes, with no more memory than it finds faults.
    private struct Scan {
        /// All bytes, or-ed together.
        private var bits: UInt8 = 0
        /// Where the four digits of escapes stand that are no character.
        private var faults: [Int] = []

        var isASCII: Bool { bits < 0x80 }

        mutating func read(_ bytes: Span<UInt8>) throws(JiraPayloadError) {
            var (depth, values) = (0, 0)
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                bits |= byte
                index += 1
                switch byte {
                case UInt8(ascii: "\""): index = endOfString(bytes, from: index)
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    depth += 1
                    values += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                case UInt8(ascii: ","): values += 1
                default: break
                }
                guard depth <= PreparedBody.limits.depth else {
                    throw JiraPayloadError(
                        .notUnderstood, "values nest too deeply: in more than \(PreparedBody.limits.depth) levels")
                }
                guard values <= PreparedBody.limits.values else {
                    throw JiraPayloadError(.notUnderstood, "there are more than \(PreparedBody.limits.values) values")
                }
            }
        }

        /// The index behind the quote that ends a string.
        private mutating func endOfString(_ bytes: Span<UInt8>, from start: Int) -> Int {
            var index = start
            while index < bytes.count {
                let byte = bytes[index]
                bits |= byte
                index += 1
                if byte == UInt8(ascii: "\"") { return index }
                if byte == UInt8(ascii: "\\") { index += readEscape(bytes, at: index - 1) }
            }
            return index
        }

        func repaired(_ bytes: [UInt8]) -> Data {
            var data = Data(bytes)
            for fault in faults { data.replaceSubrange(fault..<fault + 4, with: "fffd".utf8) }
            return data
        }

        /// How many bytes to step over besides the backslash.
        private mutating func readEscape(_ bytes: Span<UInt8>, at index: Int) -> Int {
            guard let unit = Self.unit(of: bytes, at: index) else { return 1 }
            switch unit {
            case 0, 0xDC00...0xDFFF:
                faults.append(index + 2)
            case 0xD800...0xDBFF:
                if let second = Self.unit(of: bytes, at: index + 6), (0xDC00...0xDFFF).contains(second) { return 11 }
                faults.append(index + 2)
            default: break
            }
            return 5
        }

        /// The UTF-16 code unit that `\uXXXX` at an index stands for; nil for anything else.
        private static func unit(of bytes: Span<UInt8>, at index: Int) -> UInt16? {
            guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
            else { return nil }
            var unit: UInt16 = 0
            for position in index + 2..<index + 6 {
                guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue, bytes[position] < 0x80
                else { return nil }
                unit = unit << 4 | UInt16(digit)
            }
            return unit
        }
    }
}
