public import Domain
public import Foundation

/// A trained hazard with all that names it and all that its answers cite; a value that can be stored.
///
/// The same samples, prior, seed and library give an equal value, and equal values have the same ``id``.
public struct ForecastModel: Sendable, Equatable {
    /// What predicts.
    public enum Learner: Sendable, Equatable {
        /// XGBoost's trees in UBJSON.
        case boosted(Data)
        /// The fallback without XGBoost.
        case logistic(LogisticHazard)

        /// What kind it is.
        public var kind: HazardTraining.Kind {
            switch self {
            case .boosted: .boosted
            case .logistic: .logistic
            }
        }
    }

    /// What predicts.
    public var learner: Learner
    /// Of the list of features; a model of another list cannot be used.
    public var featureVersion: String
    /// The library that trained it, as in `xgboost 1.7.4`: another one gives other trees of the same data.
    public var library: String
    /// Of the generator in training.
    public var seed: Int
    /// Facts after this instant were not used.
    public var cut: Timestamp
    /// Rows that it was trained on, after the choice.
    public var rows: Int
    /// ``HazardRows/contentHash`` of them.
    public var rowsHash: String
    /// Finished issues in the 24 months before the cut.
    public var finished: Int
    /// ``id`` of the model whose trees it goes on from; nil: it begins with its own.
    public var prior: String?
    /// Where the samples came from, for people.
    public var source: String
    /// Training samples that stand for a typical open issue in explanations.
    public var reference: ReferenceSamples
    /// Distributions of the features that matter most at the cut, to notice that they moved.
    public var distributions: [FeatureDistribution]
    /// "Late" by age alone, one a question: what the model has to beat, and what stands in for it.
    public var ages: [AgeBaseline]
    /// What counterfactuals rest on.
    public var support: [CounterfactualSupport]
    /// The backtests that judged it, one a question; empty: not judged.
    public var verdicts: [BacktestVerdict]
    /// Of each of the backtests' questions: what came of the predictions in each tenth of probability.
    public var tenths: [OutcomeTenths]

    /// Changes with the features, their order and the bins.
    public static let currentFeatureVersion: String = {
        var hash = StableHash()
        for feature in Feature.allCases { hash.combine(feature.rawValue) }
        for edge in HazardBins.edges { hash.combine(edge.bitPattern) }
        return String(hash.hexadecimal.prefix(12))
    }()

    /// 32 hexadecimal digits of its whole content, the judgement included.
    public var id: String {
        get throws {
            var hash = StableHash()
            hash.combine(try CanonicalJSON.encode(self))
            return hash.hexadecimal
        }
    }

    /// A copy with the judgement of backtests.
    public func judged(by results: [BacktestResult]) -> ForecastModel {
        var model = self
        model.verdicts = results.map(\.verdict)
        model.tenths = results.map { OutcomeTenths(question: $0.question, tenths: $0.tenths) }
        return model
    }

    /// Loads it. Throws ``ForecastModelError``, or what the library throws for bytes that it cannot read.
    public func predictor() throws -> HazardPredictor {
        guard featureVersion == Self.currentFeatureVersion else {
            throw ForecastModelError.otherFeatures(featureVersion)
        }
        switch learner {
        case .logistic(let hazard): return HazardPredictor(hazard)
        case .boosted(let bytes):
            #if HAS_XGBOOST
                return HazardPredictor(try Booster(bytes: [UInt8](bytes)))
            #else
                throw ForecastModelError.noLibrary
            #endif
        }
    }
}

extension ForecastModel {
    /// As it is stored: equal models are equal bytes. Throws what the encoder throws.
    public func stored() throws -> [UInt8] { [UInt8](try CanonicalJSON.encode(self)) }

    /// A stored model. Throws `DecodingError`.
    public init(stored bytes: [UInt8]) throws { self = try CanonicalJSON.decode(ForecastModel.self, from: Data(bytes)) }
}

/// Why a model cannot be used.
public enum ForecastModelError: Error, Equatable, CustomStringConvertible {
    /// It was made for another list of features; the version of its list.
    case otherFeatures(String)
    /// It needs XGBoost, which is not linked.
    case noLibrary
    /// There is no row to train on.
    case noRows

    public var description: String {
        switch self {
        case .otherFeatures(let version): "the model is for another list of features (\(version))"
        case .noLibrary: "the model needs XGBoost, which this build does not have"
        case .noRows: "there are no outcomes to train on"
        }
    }
}

extension ForecastModel: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, kind, booster, logistic, featureVersion = "feature_version", library, seed, cut, rows
        case rowsHash = "rows_hash", finished, prior, source, reference, distributions, ages, support, verdicts, tenths
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        switch try values.decode(String.self, forKey: .kind) {
        case "boosted": learner = .boosted(try values.decode(Data.self, forKey: .booster))
        case "logistic": learner = .logistic(try values.decode(LogisticHazard.self, forKey: .logistic))
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: values, debugDescription: "an unknown kind of model")
        }
        featureVersion = try values.decode(String.self, forKey: .featureVersion)
        library = try values.decode(String.self, forKey: .library)
        seed = try values.decode(Int.self, forKey: .seed)
        cut = Timestamp(milliseconds: try values.decode(Int64.self, forKey: .cut))
        rows = try values.decode(Int.self, forKey: .rows)
        rowsHash = try values.decode(String.self, forKey: .rowsHash)
        finished = try values.decode(Int.self, forKey: .finished)
        prior = try values.decodeIfPresent(String.self, forKey: .prior)
        source = try values.decodeIfPresent(String.self, forKey: .source) ?? ""
        reference = try values.decode(ReferenceSamples.self, forKey: .reference)
        distributions = try values.decodeIfPresent([FeatureDistribution].self, forKey: .distributions) ?? []
        ages = try values.decodeIfPresent([AgeBaseline].self, forKey: .ages) ?? []
        support = try values.decodeIfPresent([CounterfactualSupport].self, forKey: .support) ?? []
        verdicts = try values.decodeIfPresent([BacktestVerdict].self, forKey: .verdicts) ?? []
        tenths = try values.decodeIfPresent([OutcomeTenths].self, forKey: .tenths) ?? []
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(1, forKey: .version)
        switch learner {
        case .boosted(let bytes):
            try values.encode("boosted", forKey: .kind)
            try values.encode(bytes, forKey: .booster)
        case .logistic(let hazard):
            try values.encode("logistic", forKey: .kind)
            try values.encode(hazard, forKey: .logistic)
        }
        try values.encode(featureVersion, forKey: .featureVersion)
        try values.encode(library, forKey: .library)
        try values.encode(seed, forKey: .seed)
        try values.encode(cut.milliseconds, forKey: .cut)
        try values.encode(rows, forKey: .rows)
        try values.encode(rowsHash, forKey: .rowsHash)
        try values.encode(finished, forKey: .finished)
        try values.encodeIfPresent(prior, forKey: .prior)
        try values.encode(source, forKey: .source)
        try values.encode(reference, forKey: .reference)
        try values.encode(distributions, forKey: .distributions)
        try values.encode(ages, forKey: .ages)
        try values.encode(support, forKey: .support)
        try values.encode(verdicts, forKey: .verdicts)
        try values.encode(tenths, forKey: .tenths)
    }
}
