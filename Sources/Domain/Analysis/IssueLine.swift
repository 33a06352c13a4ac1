/// An issue as a table of a page shows it.
public struct IssueLine: Sendable, Hashable {
    /// With its plain fields only.
    public var issue: Issue
    /// 0–100, of its newest analysis.
    public var riskScore: Int
    /// Of its newest analysis.
    public var band: RiskBand
    /// What the factor with the most points says; nil where none has any.
    public var cause: String?
    /// Its newest forecast; nil for none.
    public var forecast: ForecastRecord?

    /// - Parameter factors: those of its newest analysis; of their evidence nothing is needed.
    public init(issue: Issue, riskScore: Int, band: RiskBand, factors: [Factor], forecast: ForecastRecord?) {
        self.issue = issue
        self.riskScore = riskScore
        self.band = band
        cause =
            factors.filter { $0.points > 0 }.max {
                ($0.points, $1.name.rawValue) < ($1.points, $0.name.rawValue)
            }?
            .explanation
        self.forecast = forecast
    }

    /// The line of an issue with its whole analysis.
    public init(_ listing: IssueListing) {
        self.init(
            issue: listing.issue, riskScore: listing.analysis.riskScore, band: listing.analysis.band,
            factors: listing.analysis.factors, forecast: listing.forecast)
    }
}
