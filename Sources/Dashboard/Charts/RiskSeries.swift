import Domain

/// Open issues by band over time, for the template `risk-series`: a chart with its figures.
struct RiskSeries: Sendable {
    struct Row: Sendable {
        var day: String
        var high: Int
        var medium: Int
        var low: Int
        var total: Int
    }

    var chart: String?
    var rows: [Row]
    var hasRows: Bool
    var csv: String

    static let columns = ["day", "high", "medium", "low", "open"]

    /// - Parameter csv: the address of the same figures as a file.
    init(_ picture: RiskPicture?, csv: String) {
        let days = Self.days(of: picture)
        chart = BandChart(days).svg
        rows = days.reversed().map {
            Row(
                day: "\($0.at.utcDay)", high: $0.open.high, medium: $0.open.medium, low: $0.open.low,
                total: $0.open.total)
        }
        hasRows = !rows.isEmpty
        self.csv = csv
    }

    /// The stored days, and now.
    private static func days(of picture: RiskPicture?) -> [DigestContent.Day] {
        guard let picture else { return [] }
        return picture.days + [DigestContent.Day(at: picture.asOf, open: picture.open)]
    }

    static func cells(of picture: RiskPicture?) -> [[String?]] {
        days(of: picture).map {
            ["\($0.at)", "\($0.open.high)", "\($0.open.medium)", "\($0.open.low)", "\($0.open.total)"]
        }
    }
}
