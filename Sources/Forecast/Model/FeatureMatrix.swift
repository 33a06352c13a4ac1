/// Rows of features, row by row in one array, as XGBoost reads them.
///
/// NaN stands for a value that is not known.
public struct FeatureMatrix: Sendable {
    /// Features of one row; at least 1.
    public let columns: Int
    /// `rows` × `columns` values.
    public private(set) var values: [Float]

    public init(columns: Int, capacity: Int = 0) {
        precondition(columns > 0, "a matrix needs a column")
        self.columns = columns
        values = []
        values.reserveCapacity(capacity * columns)
    }

    /// Takes values that lie row by row.
    public init(columns: Int, values: [Float]) {
        precondition(columns > 0 && values.count % columns == 0, "the values do not fill the rows")
        self.columns = columns
        self.values = values
    }

    /// The number of rows.
    public var rows: Int { values.count / columns }

    /// Appends `row` and then `last` (the bin of a hazard); together they are one row.
    public mutating func append(_ row: some Sequence<Float>, last: Float? = nil) {
        values.append(contentsOf: row)
        if let last { values.append(last) }
        assert(values.count % columns == 0, "a row of another length")
    }

    /// The values of one row.
    public subscript(row index: Int) -> ArraySlice<Float> { values[index * columns..<(index + 1) * columns] }

    /// Forgets the rows and keeps their memory.
    public mutating func removeAll() { values.removeAll(keepingCapacity: true) }
}
