/// What a mail program adds to an answer that became a comment: the message answered, and a signature.
enum MailText {
    /// How many lines a signature has at most; what is longer is no signature.
    private static let signatureLimit = 12

    /// `lines` without quoted messages under their attribution, and without a signature after `--`.
    ///
    /// An attribution whose quote has `>` before each line goes alone, because the answer may follow.
    static func withoutAdditions(_ lines: [Substring]) -> [Substring] {
        var kept: [Substring] = []
        kept.reserveCapacity(lines.count)
        var index = 0
        while index < lines.count {
            let line = trimmed(lines[index])
            if isSeparator(line) || isHeader(line, at: index, of: lines) || isSignature(line, at: index, of: lines) {
                break
            }
            if let length = attributionLength(line, at: index, of: lines) {
                index += length
                let quote = lines[index...].lazy.map(trimmed).first { !$0.isEmpty }
                guard let quote, quote.hasPrefix(">") else { break }
            } else {
                kept.append(lines[index])
                index += 1
            }
        }
        return kept
    }

    private static func trimmed(_ line: Substring) -> Substring {
        let start = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "*" || $0 == "_" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" && $0 != "\r" && $0 != "*" && $0 != "_" })
        else { return "" }
        return start[...last]
    }

    /// `-----Original Message-----`, `---- Ursprüngliche Nachricht ----`, `Begin forwarded message:`.
    private static func isSeparator(_ line: Substring) -> Bool {
        if line.hasPrefix("Begin forwarded message:") || line.hasPrefix("Anfang der weitergeleiteten") { return true }
        guard line.hasPrefix("--"), line.hasSuffix("--") else { return false }
        let words = line.lowercased()
        return ["message", "nachricht", "mensaje", "messaggio"].contains { words.contains($0) }
    }

    private static let fromNames = ["From:", "Von:", "De:", "Da:"]
    private static let headerNames = [
        "Sent:", "Date:", "To:", "Subject:", "Gesendet:", "Datum:", "An:", "Betreff:", "Envoyé", "À:", "À :", "Objet",
        "Enviado", "Para:", "Asunto:",
    ]

    /// Outlook's block: `From:` and, within three lines, another header.
    private static func isHeader(_ line: Substring, at index: Int, of lines: [Substring]) -> Bool {
        guard fromNames.contains(where: line.hasPrefix) else { return false }
        return lines[(index + 1)..<min(lines.count, index + 4)].contains { next in
            let next = trimmed(next)
            return headerNames.contains { next.hasPrefix($0) }
        }
    }

    private static func isSignature(_ line: Substring, at index: Int, of lines: [Substring]) -> Bool {
        line == "--" && index > 0 && lines.count - index <= signatureLimit
    }

    private static let openings = ["On ", "Am ", "Le ", "El ", "Il ", "Op "]
    private static let endings = [
        "wrote:", "schrieb:", "a écrit :", "a écrit:", "escribió:", "ha scritto:", "schreef:",
    ]

    /// How many lines the attribution at `index` has (`On … Ada wrote:`), one or two; nil where none begins.
    private static func attributionLength(_ line: Substring, at index: Int, of lines: [Substring]) -> Int? {
        if line.hasSuffix(":"), line.utf8.count < 200, line.contains(" wrote on ") || line.contains(" schrieb am ") {
            return 1
        }
        guard openings.contains(where: line.hasPrefix) else { return nil }
        if ends(line) { return 1 }
        guard index + 1 < lines.count, line.utf8.count < 200, line.contains(where: \.isNumber) else { return nil }
        return ends(trimmed(lines[index + 1])) ? 2 : nil
    }

    private static func ends(_ line: Substring) -> Bool {
        guard line.hasSuffix(":"), line.utf8.count < 200 else { return false }
        // `Am 3. Mai schrieb Ada Nowak:` has the name at the end.
        return endings.contains(where: line.hasSuffix) || line.contains(" schrieb ")
    }
}
