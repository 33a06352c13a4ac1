/// How a model did on the tenant's own past, for one question.
public struct BacktestResult: Sendable, Codable, Equatable {
    /// ``Question/name``.
    public var question: String
    /// All folds in one.
    public var pooled: BacktestPart
    /// One a cut, oldest first; a cut at which nothing could be learned or asked has none.
    public var folds: [BacktestPart]
    /// What follows from it.
    public var verdict: BacktestVerdict
    /// AUC of the model, and AUC of the model less that of age, with 95 % intervals by issue; nil where there is only
    /// one kind of outcome.
    public var auc: Interval?
    /// See ``auc``.
    public var aucOverAge: Interval?
    /// At 80, 90 and 95 % precision, as far as a threshold has it.
    public var leadTimes: [FlagLeadTime]
    /// The same for age alone.
    public var ageLeadTimes: [FlagLeadTime]
    /// What came of the model's predictions in each tenth of probability.
    public var tenths: [OutcomeTenths.Tenth]
    /// What the figures do not speak of, and why.
    public var leftOut: [LeftOut]

    private enum CodingKeys: String, CodingKey {
        case question, pooled, folds, verdict, auc, aucOverAge = "auc_over_age", leadTimes = "lead_times"
        case ageLeadTimes = "age_lead_times", tenths, leftOut = "left_out"
    }
}

/// A fold, or all of them.
public struct BacktestPart: Sendable, Codable, Equatable {
    /// The cut, in milliseconds since 1970; nil for all folds in one.
    public var cut: Int64?
    /// Predictions.
    public var samples: Int
    /// Issues they are of.
    public var issues: Int
    /// The share that came late, in 0…1.
    public var baseRate: Double
    /// Of the model and of what it is compared with.
    public var figures: [BacktestFigures]

    private enum CodingKeys: String, CodingKey { case cut, samples, issues, baseRate = "base_rate", figures }

    /// The figures of a model or baseline by its name; nil if it was not in the backtest.
    public func figures(of model: String) -> BacktestFigures? { figures.first { $0.model == model } }
}

/// The figures of one model or baseline.
public struct BacktestFigures: Sendable, Codable, Equatable {
    /// `model`, `prior`, `age`, `kaplan_meier`, `base_rate`, or the name of a rule score.
    public var model: String
    /// Area under the ROC curve, in 0…1; nil with one kind of outcome.
    public var auc: Double?
    /// Area under precision and recall, in 0…1; nil when nothing came late.
    public var aucPR: Double?
    /// Mean squared error, in 0…1; nil for a rule score, which is no probability, as the two below.
    public var brier: Double?
    /// Expected calibration error over ten bins of equal counts, in 0…1.
    public var ece: Double?
    /// The ten bins; nil in folds.
    public var reliability: [ReliabilityBin]?
    /// The mean over instants with at least 20 issues of the share that came late of the ten ranked first; nil without
    /// one.
    public var precisionAtTen: Double?

    private enum CodingKeys: String, CodingKey {
        case model, auc, aucPR = "auc_pr", brier, ece, reliability, precisionAtTen = "precision_at_10"
    }
}

extension BacktestFigures {
    /// The figures of predictions, whatever they are of.
    ///
    /// - Parameters:
    ///   - values: Probabilities, or else a score to rank by.
    ///   - outcomes: What came true.
    public init(model: String, values: [Double], outcomes: [Bool], isProbability: Bool = true) {
        let ranking = Ranking(values, outcomes)
        let bins = isProbability ? Calibration.bins(values, outcomes) : []
        self.model = model
        auc = ranking.area()
        aucPR = ranking.averagePrecision()
        brier = isProbability ? Calibration.brier(values, outcomes) : nil
        ece = Calibration.expectedError(bins)
        reliability = isProbability ? bins : nil
    }
}

/// What came of predictions, by tenths of their probability: 0 to under 10 %, and so on.
public struct OutcomeTenths: Sendable, Codable, Equatable {
    /// What came of the predictions of one tenth.
    public struct Tenth: Sendable, Codable, Equatable {
        /// Issues with such a prediction.
        public var issues: Int
        /// Those of them of which one came late.
        public var late: Int

        private enum CodingKeys: String, CodingKey { case issues, late }
    }

    /// ``Question/name``.
    public var question: String
    /// Ten.
    public var tenths: [Tenth]

    private enum CodingKeys: String, CodingKey { case question, tenths }

    /// The tenth that a probability lies in; nil if there are not ten.
    public func tenth(of probability: Double) -> Tenth? {
        tenths.count == 10 ? tenths[Self.index(of: probability)] : nil
    }

    static func index(of probability: Double) -> Int { min(max(Int(probability * 10), 0), 9) }
}
