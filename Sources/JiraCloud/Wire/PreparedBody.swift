import Domain
import Foundation

/// A webhook's body as the JSON parser gets it: within limits that bound what decoding may cost, and with U+FFFD (the
/// replacement character) wherever a text holds what no text can: U+0000, at which databases end a text, half of a
/// surrogate pair, or bytes that are not UTF-8. The parser would leave such a text out as a whole.
///
/// This is the one place where texts are repaired, so that what is stored is what was read.
struct PreparedBody {
    /// Decoding recurses, and Foundation's own limit of 512 levels needs a deep stack; a Jira document of lists within lists
    /// has some dozens. Of values the parser keeps about 25 bytes for each byte of `[[],[],…]`.
    static let deepest = 256
    /// Objects, arrays and commas, as ``Domain/JSONScanner/size`` counts them.
    static let mostValues = 1_000_000

    let data: Data

    /// Throws `.notJSON` for what cannot be JSON in UTF-8 (RFC 8259, section 8.1), `.notUnderstood` beyond the limits.
    init(_ body: [UInt8]) throws(JiraPayloadError) {
        // No byte of UTF-8 JSON is zero, while UTF-16 and UTF-32, which Foundation would take, are full of them.
        guard !body.contains(0) else { throw JiraPayloadError(.notJSON, "the body is not JSON in UTF-8") }
        // No quote or bracket is lost: a byte of ASCII is never part of a malformed sequence.
        let isUTF8 = (try? UTF8Span(validating: body.span)) != nil
        let text = isUTF8 ? body : Array(String(decoding: body, as: UTF8.self).utf8)
        var data = Data(text)
        for fault in try text.withUnsafeBufferPointer(Self.faults) {
            data.replaceSubrange(fault..<fault + 4, with: "fffd".utf8)
        }
        self.data = data
    }

    /// Where the four digits of escapes stand that are no character. One pass over what may not be JSON at all: that is the
    /// parser's to say.
    private static func faults(in bytes: UnsafeBufferPointer<UInt8>) throws(JiraPayloadError) -> [Int] {
        var lexer = JSONLexer(bytes)
        var (depth, values, faults) = (0, 0, [Int]())
        while let byte = lexer.take() {
            switch byte {
            case UInt8(ascii: "\""):
                while let byte = lexer.takeSpecial(), byte != UInt8(ascii: "\"") {
                    let start = lexer.position
                    guard byte == UInt8(ascii: "\\"), let code = lexer.takeEscape() else { continue }
                    if code == 0 || Unicode.Scalar(code) == nil { faults.append(start + 1) }
                }
            case UInt8(ascii: "["), UInt8(ascii: "{"): (depth, values) = (depth + 1, values + 1)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ","): values += 1
            default: break
            }
            guard depth <= deepest else {
                throw JiraPayloadError(.notUnderstood, "values nest too deeply: in more than \(deepest) levels")
            }
            guard values <= mostValues else {
                throw JiraPayloadError(.notUnderstood, "there are more than \(mostValues) values")
            }
        }
        return faults
    }
}
