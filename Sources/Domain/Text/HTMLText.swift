/// Text in HTML.
public enum HTMLText {
    /// For text, and for attribute values in quotation marks of either kind.
    ///
    /// By scalars, as browsers read: a quotation mark and a combining mark are one character of Swift's, which equals no quotation
    /// mark, and yet it would end the attribute.
    public static func escaped(_ text: String) -> String {
        var html = ""
        html.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            case "'": html += "&#39;"
            default: html.unicodeScalars.append(scalar)
            }
        }
        return html
    }
}
