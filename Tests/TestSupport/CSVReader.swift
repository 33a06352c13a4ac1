/// A reader of comma-separated values that knows no more than RFC 4180, section 2, and takes nothing else.
public enum CSVReader {
    /// The cells of each record; nil for what is not of that form.
    public static func rows(of text: String) -> [[String]]? {
        var (rows, row, cell) = ([[String]](), [String](), "")
        let scalars = Array(text.unicodeScalars)
        var at = 0
        while at < scalars.count {
            if scalars[at] == "\"" {
                at += 1
                while true {
                    guard at < scalars.count else { return nil }
                    if scalars[at] == "\"" {
                        guard at + 1 < scalars.count, scalars[at + 1] == "\"" else { break }
                        at += 1
                    }
                    cell.unicodeScalars.append(scalars[at])
                    at += 1
                }
                at += 1
            } else {
                while at < scalars.count, ![",", "\r", "\n", "\""].contains(scalars[at]) {
                    cell.unicodeScalars.append(scalars[at])
                    at += 1
                }
            }
            row.append(cell)
            cell = ""
            guard at < scalars.count else { return nil }
            if scalars[at] == "," {
                at += 1
                // A record that ends with a comma has an empty cell last.
                if at < scalars.count, scalars[at] == "\r" { row.append("") } else { continue }
            }
            guard at + 1 < scalars.count, scalars[at] == "\r", scalars[at + 1] == "\n" else { return nil }
            rows.append(row)
            row = []
            at += 2
        }
        return row.isEmpty ? rows : nil
    }
}
