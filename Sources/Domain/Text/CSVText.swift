/// Rows of comma-separated values (RFC 4180, UTF-8), which people open with spreadsheets.
///
/// A spreadsheet takes a cell that begins with one of `= + - @`, a tab or a line break for a formula and computes it, and
/// the cells hold texts that people wrote in Jira. Such a cell gets an apostrophe before it, which spreadsheets take for
/// "this is text"; a number stays as it is, a negative one too.
public enum CSVText {
    /// For the `Content-Type` of an answer.
    public static let mediaType = "text/csv; charset=utf-8"

    /// One record with its CRLF at the end. A nil is an empty cell. Every record of a file must have the same number of
    /// cells.
    public static func row(_ cells: [String?]) -> String {
        var text = ""
        append(cells, to: &text)
        return text
    }

    /// As ``row(_:)``, at the end of a text.
    public static func append(_ cells: [String?], to text: inout String) {
        // Alone in its line, an empty cell would be an empty line, which readers leave out.
        if cells.count == 1, (cells[0] ?? "").isEmpty {
            text += "\"\"\r\n"
            return
        }
        for (index, value) in cells.enumerated() {
            if index > 0 { text += "," }
            if let value { text += cell(value) }
        }
        text += "\r\n"
    }

    /// A number as programs read it, a whole one without a decimal point.
    public static func number(_ value: Double) -> String {
        abs(value) < 1e15 && value == value.rounded() ? String(Int64(value)) : value.description
    }

    /// One cell as it stands in a record: safe against formulas, and in quotation marks where it has to be.
    public static func cell(_ text: String) -> String {
        let safe = isFormula(text) ? "'" + text : text
        // Nearly no cell is quoted, so bytes are looked at: those of ASCII are part of no other character.
        guard safe.utf8.contains(where: mustBeQuoted) else { return safe }
        // By scalars: a quotation mark with a combining mark is another character, and still ends the cell.
        var cell = "\"".unicodeScalars
        for scalar in safe.unicodeScalars {
            if scalar == "\"" { cell.append(scalar) }
            cell.append(scalar)
        }
        cell.append("\"")
        return String(cell)
    }

    /// A semicolon and a tab separate cells in no record of this form, but for spreadsheets of some languages.
    private static func mustBeQuoted(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\r"), UInt8(ascii: "\n"),
            UInt8(ascii: "\t"):
            true
        default: false
        }
    }

    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return false }
        switch first {
        case "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠": return !isNumber(text)
        default: return false
        }
    }

    /// A decimal number as programs write it: `-12`, `-0.5`, `-1e-05`.
    private static func isNumber(_ text: String) -> Bool {
        text.utf8.count <= 32 && text.wholeMatch(of: /[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
    }
}
