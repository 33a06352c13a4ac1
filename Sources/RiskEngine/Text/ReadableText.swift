/// What a model of language should read of a comment.
///
/// The rule, in this order:
/// 1. Quotes, code, log blocks and what a mail program adds go (``Prose``): they are not what the author says now.
/// 2. Lines of stack traces and logs go (``MachineOutput``), and struck-out text.
/// 3. Of markup the text stays: headings, bullets, table bars and `{macro}` tags lose their marks, `[text|address]`
///    becomes `text`; mentions, attachments, images and bare addresses go.
/// 4. White space becomes single spaces, lines are kept.
///
/// Linear in the length of the text, whatever it holds.
public enum ReadableText {
    /// `body` as a model reads it; empty when nothing of it is prose.
    public static func of(_ body: String) -> String {
        var lines: [String] = []
        for line in Prose.of(body).split(whereSeparator: \.isNewline) where !MachineOutput.isLine(line) {
            var reader = MarkupReader(line, purpose: .model)
            let text = reader.read()
            if !text.isEmpty { lines.append(text) }
        }
        return lines.joined(separator: "\n")
    }

    /// `body` as what the author states now, a paragraph, bullet or row a line: as ``of(_:)``, and
    /// - what is no sentence (code, addresses, file names, paths, images, titles of pages) is U+FFFC, the sign for an
    ///   object among words; of an address of an issue its key stays;
    /// - ticked tasks go;
    /// - a line that a mail program wrapped is joined to the one before.
    static func statements(of body: String) -> String {
        var lines: [String] = []
        var mayContinue = false
        for line in Prose.of(body).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            guard !MachineOutput.isLine(line) else {
                mayContinue = false
                continue
            }
            var reader = MarkupReader(line, purpose: .statements)
            let text = reader.read()
            if mayContinue, !reader.beganWithMark, let last = lines.last, continues(text, last) {
                lines[lines.count - 1] = last + " " + text
            } else if !text.isEmpty {
                lines.append(text)
            }
            mayContinue = !text.isEmpty
        }
        return lines.joined(separator: "\n")
    }

    /// Whether `line` goes on with the sentence that `last` leaves open: a long line, then a small letter.
    private static func continues(_ line: String, _ last: String) -> Bool {
        guard last.utf8.count > 40, let first = line.unicodeScalars.first, first.properties.isLowercase,
            let end = last.utf8.last
        else { return false }
        return ![".", "!", "?", ":"].contains(Unicode.Scalar(end))
    }
}
