public import Domain
import Foundation

/// How a hazard is trained.
public struct HazardTraining: Sendable {
    /// What is trained.
    public enum Kind: String, Sendable, Codable { case boosted, logistic }

    /// ``bestKind`` where nothing else is said.
    public var kind = Self.bestKind
    /// The model whose trees are gone on from; its learner must be boosted, else it is not used.
    public var prior: ForecastModel?
    /// Of the generator that chooses rows and columns for a tree.
    public var seed = 0
    /// Features that are made unknown, as the tenant's own are in a prior.
    public var blanksTenantsOwn = false
    /// The most rows.
    public var most = HazardRows.most

    public init() {}

    /// Boosted where XGBoost is linked, else logistic.
    public static var bestKind: Kind {
        #if HAS_XGBOOST
            .boosted
        #else
            .logistic
        #endif
    }

    /// Trees to add to a prior, by the issues that the tenant has finished.
    static func trees(finished: Int) -> Int { min(120, 10 + finished / 3) }

    /// Trains a model on what is known at `cut`.
    ///
    /// - Parameters:
    ///   - finished: Issues that the tenant finished in the 24 months before the cut.
    ///   - source: Where the samples come from, for people.
    /// - Throws: `ForecastModelError` when nothing can be learned or the library is missing; what the library throws.
    public func model(
        of samples: [ObservedSample], cut: Timestamp, finished: Int, source: String = ""
    ) throws -> ForecastModel {
        let rows = HazardRows(samples, cut: cut, most: most) { blanksTenantsOwn && $0.isTenantsOwn }
        guard !rows.labels.isEmpty else { throw ForecastModelError.noRows }
        let trained = try learner(rows, finished: finished)
        return ForecastModel(
            learner: trained.learner, featureVersion: ForecastModel.currentFeatureVersion, library: trained.library,
            seed: seed, cut: cut, rows: rows.labels.count, rowsHash: rows.contentHash, finished: finished,
            prior: kind == .boosted ? try prior?.id : nil, source: source,
            reference: ReferenceSamples(choosingFrom: samples, cut: cut),
            distributions: trained.columns.map { FeatureDistribution(of: Feature.allCases[$0], in: samples, cut: cut) },
            ages: [Question.usual, .due, .sprint, .horizon(days: 30)].compactMap { question in
                AgeBaseline(question, samples: samples, cut: cut) { Double($0.weight) }
            },
            support: CounterfactualSupport.all(in: samples, cut: cut), verdicts: [], tenths: [])
    }

    /// The learner, the library that made it, and the features that matter most, as columns.
    private func learner(
        _ rows: HazardRows, finished: Int
    ) throws -> (learner: ForecastModel.Learner, library: String, columns: [Int]) {
        switch kind {
        case .logistic:
            let hazard = LogisticHazard(training: rows)
            return (
                .logistic(hazard), "logistic 1", Array(hazard.columnsByWeight().prefix(FeatureDistribution.watched))
            )
        case .boosted:
            #if HAS_XGBOOST
                var parameters = BoosterParameters()
                parameters.seed = seed
                parameters.monotone = Feature.allCases.map(\.monotone) + [0]
                var trees: [UInt8]?
                if case .boosted(let bytes)? = prior?.learner {
                    trees = [UInt8](bytes)
                    parameters.trees = Self.trees(finished: finished)
                }
                let booster = try Booster(
                    training: rows.matrix, labels: rows.labels, weights: rows.weights, parameters: parameters,
                    continuing: trees)
                // The bin is no feature.
                let columns = try booster.columnsByGain().map(\.column).filter { $0 < Feature.count }
                return (
                    .boosted(Data(try booster.bytes())), "xgboost \(Booster.libraryVersion)",
                    Array(columns.prefix(FeatureDistribution.watched))
                )
            #else
                throw ForecastModelError.noLibrary
            #endif
        }
    }
}
