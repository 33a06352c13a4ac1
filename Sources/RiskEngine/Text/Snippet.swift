/// The beginning of a text on one line, as people quote it.
enum Snippet {
    /// `text` with runs of white space as one space, cut to at most `limit` Unicode scalars; a cut ends in `…`.
    ///
    /// Scalars rather than characters: several times as fast, and never more characters than `limit`.
    static func of(_ text: String, limit: Int) -> String {
        var line = String.UnicodeScalarView()
        var count = 0
        var pendingSpace = false
        for scalar in text.unicodeScalars {
            if scalar.value <= 0x20 || scalar.value > 0x7F && scalar.properties.isWhitespace {
                pendingSpace = count > 0
                continue
            }
            if count + (pendingSpace ? 2 : 1) > limit {
                if count == limit { line.removeLast() }
                line.append("…")
                return String(line)
            }
            if pendingSpace {
                line.append(" ")
                count += 1
                pendingSpace = false
            }
            line.append(scalar)
            count += 1
        }
        return String(line)
    }
}
