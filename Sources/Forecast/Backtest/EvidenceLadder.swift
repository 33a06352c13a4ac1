public import Domain

/// Where a tenant stands for one question, and why not higher.
public struct EvidenceLadder: Sendable, Equatable, Codable {
    /// What is shown.
    public var rung: ForecastRung
    /// What is missing for the next rung, in numbers; empty on the highest, or where only better predictions would
    /// help.
    public var missing: [MissingEvidence]

    private enum CodingKeys: String, CodingKey { case rung, missing }

    /// Finished issues of the last 24 months from which on the prior is shown.
    public static let leastForPrior = 50
    /// Finished issues of the last 24 months from which on an own model may be shown.
    public static let leastForOwn = 200

    /// - Parameters:
    ///   - finished: The tenant's finished issues of the last 24 months.
    ///   - hasPrior: Whether there is a prior that can be loaded.
    ///   - verdict: Of the newest backtest; nil: there was none.
    ///   - steppedDown: Whether the model has lost its skill over age since (``Drift/skillOverAge(_:)``).
    public init(finished: Int, hasPrior: Bool, verdict: BacktestVerdict?, steppedDown: Bool = false) {
        let low: ForecastRung = hasPrior ? .prior : .percentile
        if finished < Self.leastForPrior {
            let need = hasPrior ? Self.leastForPrior : Self.leastForOwn
            self.rung = .percentile
            missing = [MissingEvidence(.finishedIssues, have: finished, need: need)].compactMap(\.self)
        } else if finished < Self.leastForOwn {
            rung = low
            missing = [MissingEvidence(.finishedIssues, have: finished, need: Self.leastForOwn)].compactMap(\.self)
        } else {
            switch verdict?.best {
            case .model: rung = steppedDown ? (hasPrior ? .prior : .age) : .own
            case .prior: rung = steppedDown ? .age : low
            case .age: rung = .age
            case nil: rung = low
            }
            missing = verdict?.missing ?? []
        }
    }
}
