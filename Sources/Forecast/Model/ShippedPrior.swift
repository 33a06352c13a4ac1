import CPrior
import Domain
import Foundation

/// The model that every tenant begins with: other teams' history.
///
/// It holds thresholds, leaf values and coefficients; no text, no name and no sample. `script/make-prior` makes it; it is
/// part of the program and never made at installation, because other instruction sets might give other trees.
public enum ShippedPrior {
    /// ``ForecastModel/id`` of the boosted one; written by `script/make-prior`.
    static let id = "498c58f59d4e76afd94db343af4f9505"
    /// The same of the logistic one.
    static let logisticID = "b2b3fb5619ad02acb4a732523e42ce03"

    /// The prior for what this build can load. Throws `DecodingError` if the embedded file is broken, which the tests rule out.
    public static func model() throws -> ForecastModel { try model(HazardTraining.bestKind) }

    /// The prior of a kind. Throws as ``model()``.
    public static func model(_ kind: HazardTraining.Kind) throws -> ForecastModel {
        var size = 0
        let bytes = kind == .boosted ? consilod_prior(&size) : consilod_prior_logistic(&size)
        return try CanonicalJSON.decode(ForecastModel.self, from: bytes.map { Data(bytes: $0, count: size) } ?? Data())
    }
}

extension ForecastModel {
    /// Without what comes of single samples: a prior must not carry other teams' issues.
    public func withoutSamples() -> ForecastModel {
        var model = self
        model.reference = ReferenceSamples(vectors: [])
        (model.distributions, model.ages, model.support) = ([], [], [])
        return model
    }
}
