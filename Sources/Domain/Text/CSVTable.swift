/// How a list is written as a file of comma-separated values.
public struct CSVTable<Element: Sendable>: Sendable {
    /// The name of the file, of letters, digits and hyphens, without an ending.
    public let name: String
    /// The names of the columns, in the order of the cells.
    public let columns: [String]
    /// How many elements are read at a time, and so held.
    public let pageSize: Int
    /// The rows of an element, with a cell for each column.
    public let rows: @Sendable (Element) -> [[String?]]

    public init(
        _ name: String, columns: [String], pageSize: Int, rows: @escaping @Sendable (Element) -> [[String?]]
    ) {
        self.name = name
        self.columns = columns
        self.pageSize = pageSize
        self.rows = rows
    }

    /// The records of these elements, behind `head`.
    public func text(of elements: [Element], after head: String = "") -> String {
        var text = head
        for element in elements {
            for row in rows(element) { CSVText.append(row, to: &text) }
        }
        return text
    }
}
