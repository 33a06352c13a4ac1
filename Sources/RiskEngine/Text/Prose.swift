/// What the author of a comment wrote, without what they quoted.
enum Prose {
    /// `body` without wiki-markup quotes, code and log blocks (`{quote}`, `{code}`, `{noformat}`, `bq.`, `>`, fences of
    /// three backticks) and what a mail program adds: quoting somebody's old complaint does not repeat it, and logs say
    /// "blocked" of threads.
    static func of(_ body: String) -> String {
        let kept = MailText.withoutAdditions(
            withoutBlocks(body).split(separator: "\n", omittingEmptySubsequences: false))
        return kept.filter { !isQuoted($0) }.joined(separator: "\n")
    }

    private static func isQuoted(_ line: Substring) -> Bool {
        let start = line.utf8.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        switch start {
        case UInt8(ascii: ">"): return true
        case UInt8(ascii: "b"): return line.drop { $0 == " " || $0 == "\t" }.hasPrefix("bq.")
        default: return false
        }
    }

    private static func withoutBlocks(_ body: String) -> String {
        guard hasMarkup(body) else { return body }
        var kept: [Substring] = []
        var openBlock: String?
        var isFenced = false
        for line in body.split(separator: "\n", omittingEmptySubsequences: false) {
            var rest = line
            var visible = ""
            while true {
                if let name = openBlock {
                    guard let end = rest.firstRange(of: "{\(name)}") else { break }
                    rest = rest[end.upperBound...]
                    openBlock = nil
                } else if let (range, name) = firstBlock(in: rest) {
                    visible += rest[..<range.lowerBound] + " "
                    rest = rest[range.upperBound...]
                    openBlock = name
                } else {
                    visible += rest
                    break
                }
            }
            let trimmed = visible.drop { $0 == " " || $0 == "\t" }
            if trimmed.hasPrefix("```") {
                isFenced.toggle()
                continue
            }
            if isFenced { continue }
            kept.append(trimmed)
        }
        return kept.joined(separator: "\n")
    }

    private static func hasMarkup(_ body: String) -> Bool {
        var previous: UInt8 = 0
        return body.utf8.contains { byte in
            defer { previous = byte }
            return byte == UInt8(ascii: "{") || byte == UInt8(ascii: "`") && previous == UInt8(ascii: "`")
        }
    }

    private static let blocks = ["quote", "code", "noformat"]

    /// The first opening tag in `text`: `{code}` or, with attributes, `{code:java}`.
    private static func firstBlock(in text: Substring) -> (Range<Substring.Index>, String)? {
        var start = text.startIndex
        while let brace = text[start...].firstIndex(of: "{") {
            let inside = text[text.index(after: brace)...]
            if let name = blocks.first(where: { inside.hasPrefix($0) }),
                let end = inside.firstIndex(of: "}"),
                case let after = inside[..<end].dropFirst(name.count), after.isEmpty || after.hasPrefix(":")
            {
                return (brace..<inside.index(after: end), name)
            }
            start = text.index(after: brace)
        }
        return nil
    }
}
