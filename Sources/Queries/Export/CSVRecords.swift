import Domain

/// A file of few rows, made at once.
public struct CSVRecords: Sendable, Hashable {
    /// The names of the columns.
    public var columns: [String]
    /// A cell for each column.
    public var rows: [[String?]]

    init(columns: [String], rows: [[String?]]) {
        self.columns = columns
        self.rows = rows
    }

    /// Rows of the same columns; there is at least one.
    init(_ rows: [CSVRecord]) {
        columns = rows.first?.columns ?? []
        self.rows = rows.map(\.cells)
    }
}

/// A row that is put together with the names of its columns.
struct CSVRecord {
    private(set) var columns: [String] = []
    private(set) var cells: [String?] = []

    mutating func add(_ column: String, _ cell: String?) {
        columns.append(column)
        cells.append(cell)
    }

    mutating func add(_ column: String, _ number: Int?) { add(column, number.map { String($0) }) }

    mutating func add(_ column: String, _ number: Double?) { add(column, number.map(CSVText.number)) }

    mutating func add(_ column: String, _ instant: Timestamp?) { add(column, instant?.description) }

    /// A cell for several numbers by their names: `dependency 2; review 1`.
    mutating func add(_ column: String, _ counts: [String: Int]) {
        add(column, counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "; "))
    }

    /// How many of several issues will be late.
    mutating func add(_ prefix: String, _ outlook: ForecastOutlook?) {
        add("\(prefix)_open_issues", outlook?.openIssues)
        add("\(prefix)_already_late", outlook?.alreadyLate)
        add("\(prefix)_without_forecast", outlook?.withoutForecast)
        add("\(prefix)_expected", outlook?.expected)
        add("\(prefix)_deviation", outlook?.deviation)
        add("\(prefix)_low", outlook?.lateness?.low)
        add("\(prefix)_high", outlook?.lateness?.high)
    }

    mutating func add(_ capacity: RollupCapacity) {
        add("rollup_capacity_total_daily_cost", capacity.totalDailyCost)
        add("rollup_capacity_total_person_days_lost_per_day", capacity.totalPersonDaysLostPerDay)
    }
}
