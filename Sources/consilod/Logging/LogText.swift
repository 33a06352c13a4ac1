/// Text as it may stand in a log: it can neither end a line nor change how a terminal shows what is around it, and its
/// length is bounded. What is logged may be somebody else's, as the key of an issue.
enum LogText {
    /// Most bytes of a message, and of the value of a field.
    static let longestMessage = 2048
    static let longestValue = 1024

    /// The text with every control, format, line separator and paragraph separator character written as `\u{1B}`, cut
    /// with "…" where it is longer than `limit` bytes.
    static func safe(_ text: String, limit: Int) -> String {
        // Nearly all there is.
        if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        var safe = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            let written = isSafe(scalar) ? String(scalar) : escape(scalar)
            guard bytes + written.utf8.count <= limit - 3 else { return safe + "…" }
            safe += written
            bytes += written.utf8.count
        }
        return safe
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": #"\n"#
        case "\r": #"\r"#
        case "\t": #"\t"#
        default: #"\u{\#(String(scalar.value, radix: 16, uppercase: true))}"#
        }
    }

    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format: the bidirectional controls, and whatever else cannot be seen.
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
        default: true
        }
    }
}
