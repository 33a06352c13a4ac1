import Domain

/// How many issues of a sprint are expected to miss its end.
public struct SprintMisses: Sendable {
    /// What is counted.
    public enum Measure: String, Sendable, CaseIterable {
        /// The probabilities of not being done by the end of the sprint, by the forecasts, added up.
        case forecast
        /// The issues in a band or above it, where the forecasts of the tenant give no numbers.
        case band
    }

    /// An issue of the sprint.
    struct Issue: Sendable {
        var id: IssueID
        var key: IssueKey
        /// Nil without an analysis.
        var riskScore: Int?
        /// Nil without one.
        var forecast: IssueForecast?
    }

    /// What is counted.
    let measure: Measure
    /// The lowest band that counts, where bands do.
    let band: RiskBand
    /// When the sprint ends; nil where that is not known.
    let deadline: Timestamp?

    /// By the forecasts where they give numbers for any of the issues, else by the bands.
    init(of issues: [Issue], in sprint: Sprint, band: RiskBand) {
        self.band = band
        deadline = sprint.endDate
        measure = Self.outlook(of: issues, by: sprint.endDate).lateness == nil ? .band : .forecast
    }

    /// What the forecasts of the issues say together.
    func outlook(of issues: [Issue]) -> ForecastOutlook { Self.outlook(of: issues, by: deadline) }

    /// How many of the issues are in the band or above it.
    func risky(_ issues: [Issue]) -> Int { issues.count { isRisky($0.riskScore) } }

    /// What is expected of one issue, in millionths, so that sums are exact.
    func expected(riskScore: Int?, forecast: IssueForecast?) -> Int {
        switch measure {
        case .band: return isRisky(riskScore) ? Self.one : 0
        case .forecast:
            guard let answer = answer(of: forecast), answer.rung.givesNumbers || answer.lateByDays != nil else {
                return 0
            }
            return Int(((answer.probability ?? 0) * Double(Self.one)).rounded())
        }
    }

    /// As ``expected(riskScore:forecast:)``, of all of them.
    func expected(_ issues: [Issue]) -> Int {
        issues.reduce(0) { $0 + expected(riskScore: $1.riskScore, forecast: $1.forecast) }
    }

    /// The answer of a forecast to whether the issue is done by the end of this sprint; nil without one.
    func answer(of forecast: IssueForecast?) -> IssueForecast.Answer? {
        guard let answer = forecast?[.sprint], deadline.map({ answer.deadline == $0 }) ?? true else { return nil }
        return answer
    }

    private func isRisky(_ score: Int?) -> Bool {
        guard let score else { return false }
        return switch (RiskBand(score: score), band) {
        case (_, .low), (.high, _), (.medium, .medium): true
        default: false
        }
    }

    private static func outlook(of issues: [Issue], by deadline: Timestamp?) -> ForecastOutlook {
        ForecastOutlook(.sprint, of: issues.map(\.forecast), deadline: deadline, countsAll: true)
    }

    // MARK: Numbers

    /// One issue.
    private static let one = 1_000_000

    /// What is shown of a sum, to one decimal.
    static func shown(_ expected: Int) -> Double { Double((expected + one / 20) / (one / 10)) / 10 }

    /// The sum that is the first not to be shown as less than a whole number.
    static func target(below number: Int) -> Int { number * one - one / 20 }
}
