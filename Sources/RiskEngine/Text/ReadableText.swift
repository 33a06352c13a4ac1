/// What a model of language should read of a comment.
///
/// The rule, in this order:
/// 1. Quotes, code and log blocks go, as for the word list (``Prose``): they are not what the author says now.
/// 2. Lines of stack traces and logs go.
/// 3. Of markup the text stays: headings, bullets, table bars and `{macro}` tags lose their marks, `[text|address]`
///    becomes `text`; mentions, attachments, images and bare addresses go.
/// 4. White space becomes single spaces, lines are kept.
///
/// Linear in the length of the text, whatever it holds.
public enum ReadableText {
    /// `body` as a model reads it; empty when nothing of it is prose.
    public static func of(_ body: String) -> String {
        var lines: [String] = []
        for line in Prose.of(body).split(whereSeparator: \.isNewline) {
            guard !isMachineOutput(line) else { continue }
            let text = withoutMarkup(Array(line.unicodeScalars))
            if !text.isEmpty { lines.append(text) }
        }
        return lines.joined(separator: "\n")
    }

    // MARK: Stack traces and logs

    private static func isMachineOutput(_ line: Substring) -> Bool {
        let text = line.drop { $0 == " " || $0 == "\t" }
        // Java, JavaScript, C#: `at org.example.Class.method(Class.java:42)`.
        if text.hasPrefix("at "), text.contains("("), text.hasSuffix(")") || text.hasSuffix("]") { return true }
        if text.hasPrefix("Caused by: ") || text.hasPrefix("Exception in thread ") { return true }
        if text.hasPrefix("... "), text.hasSuffix(" more") { return true }
        // Python.
        if text.hasPrefix("Traceback (most recent call last)") { return true }
        if text.hasPrefix("File \""), text.contains(", line ") { return true }
        return isExceptionName(text) || isLogLine(text)
    }

    /// `org.example.SomeException: …`, with a dot in the name: a sentence may well begin with "Error:".
    private static func isExceptionName(_ text: Substring) -> Bool {
        let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "$" || $0 == "_" }
        guard name.contains("."), name.hasSuffix("Exception") || name.hasSuffix("Error") else { return false }
        return name.endIndex == text.endIndex || text[name.endIndex] == ":"
    }

    /// A line that begins with a date and a time of day, or with a level in brackets.
    private static func isLogLine(_ text: Substring) -> Bool {
        if ["[ERROR]", "[WARN]", "[WARNING]", "[INFO]", "[DEBUG]", "[TRACE]", "[FATAL]"].contains(where: text.hasPrefix)
        {
            return true
        }
        let shape = text.utf8.prefix(19).map { (0x30...0x39).contains($0) ? UInt8(ascii: "0") : $0 }
        guard shape.count == 19 else { return false }
        let date = String(decoding: shape, as: UTF8.self)
        return date == "0000-00-00 00:00:00" || date == "0000-00-00T00:00:00"
    }

    // MARK: Markup

    private static func withoutMarkup(_ line: [Unicode.Scalar]) -> String {
        var reader = LineReader(line)
        reader.skipLineMarks()
        while let scalar = reader.peek() {
            switch scalar {
            case "{" where reader.skipMacro(): break
            case "}" where reader.skipMonospaceEnd(): break
            case "[" where reader.readLink(): break
            case "!" where reader.skipImage(): break
            case "h" where reader.skipAddress(): break
            case "*" where reader.isEmphasis(): reader.skip()
            case "|": reader.replaceWithSpace()
            default: reader.take()
            }
        }
        return reader.text
    }

    private struct LineReader {
        private let line: [Unicode.Scalar]
        private var index = 0
        private var result = String.UnicodeScalarView()
        private var spaceIsDue = false

        init(_ line: [Unicode.Scalar]) { self.line = line }

        var text: String { String(result) }

        func peek() -> Unicode.Scalar? { index < line.count ? line[index] : nil }

        mutating func skip() { index += 1 }

        mutating func replaceWithSpace() {
            spaceIsDue = true
            index += 1
        }

        mutating func take() {
            append(line[index])
            index += 1
        }

        private mutating func append(_ scalar: Unicode.Scalar) {
            if scalar.value <= 0x20 || scalar.value == 0xA0 {
                spaceIsDue = true
                return
            }
            if spaceIsDue, !result.isEmpty { result.append(" ") }
            spaceIsDue = false
            result.append(scalar)
        }

        /// `h2. `, and the bullets `*`, `-`, `#` and their nestings.
        mutating func skipLineMarks() {
            while let scalar = peek(), scalar == " " || scalar == "\t" { index += 1 }
            if index + 2 < line.count, line[index] == "h", ("1"..."6").contains(line[index + 1]), line[index + 2] == "."
            {
                index += 3
                return
            }
            var end = index
            while end < line.count, line[end] == "*" || line[end] == "-" || line[end] == "#" { end += 1 }
            if end > index, end - index <= 4, end == line.count || line[end] == " " { index = end }
        }

        /// The first place of `scalar` within `limit` scalars from here.
        private func next(_ scalar: Unicode.Scalar, from start: Int, within limit: Int) -> Int? {
            guard start < line.count else { return nil }
            return line[start..<min(line.count, start + limit)].firstIndex(of: scalar)
        }

        /// `{color:red}`, `{panel}`, `{{`, `}}`: the tag goes, what is inside stays. False for anything else in braces.
        mutating func skipMacro() -> Bool {
            if index + 1 < line.count, line[index + 1] == "{" {
                index += 2
                return true
            }
            guard let end = next("}", from: index + 1, within: 200) else { return false }
            let name = line[(index + 1)..<end].prefix { $0 != ":" }
            guard name == ["*"] || (!name.isEmpty && name.allSatisfy { ("a"..."z").contains($0) }) else { return false }
            index = end + 1
            spaceIsDue = true
            return true
        }

        mutating func skipMonospaceEnd() -> Bool {
            guard index + 1 < line.count, line[index + 1] == "}" else { return false }
            index += 2
            return true
        }

        /// `[text|address]` leaves the text, `[~mention]`, `[^attachment]` and `[address]` nothing.
        mutating func readLink() -> Bool {
            guard let end = next("]", from: index + 1, within: 500), end > index + 1 else { return false }
            let inside = line[(index + 1)..<end]
            let isReference = inside.first == "~" || inside.first == "^" || isAddress(inside)
            guard isReference || inside.contains("|") else { return false }
            if !isReference { for scalar in inside.prefix(while: { $0 != "|" }) { append(scalar) } }
            index = end + 1
            return true
        }

        /// `!picture.png!`, `!picture.png|thumbnail!`.
        mutating func skipImage() -> Bool {
            guard let end = next("!", from: index + 1, within: 300), end > index + 1 else { return false }
            let inside = line[(index + 1)..<end]
            guard inside.contains("."), !inside.contains(" ") else { return false }
            index = end + 1
            return true
        }

        mutating func skipAddress() -> Bool {
            guard isAddress(line[index...]) else { return false }
            while let scalar = peek(), scalar.value > 0x20, scalar != "|", scalar != "]", scalar != ")" { index += 1 }
            spaceIsDue = true
            return true
        }

        private func isAddress(_ part: ArraySlice<Unicode.Scalar>) -> Bool {
            part.starts(with: "http://".unicodeScalars) || part.starts(with: "https://".unicodeScalars)
        }

        /// Whether the asterisk here opens or closes bold text: one side is the edge of a word.
        func isEmphasis() -> Bool {
            func isBlank(_ position: Int) -> Bool {
                !line.indices.contains(position) || line[position].value <= 0x20
                    || line[position].properties.isPatternSyntax
            }
            return isBlank(index - 1) != isBlank(index + 1)
        }
    }
}
