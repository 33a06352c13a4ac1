import Domain

/// What gives hazards: boosted trees, or the logistic model where the library is absent.
public protocol Hazard {
    /// The log-odds of done for each row (features and bin). Throws what the engine throws.
    func logOdds(_ rows: FeatureMatrix) throws -> [Float]
}

#if HAS_XGBOOST
    extension Booster: Hazard {
        public func logOdds(_ rows: FeatureMatrix) throws -> [Float] { try margins(rows) }
    }
#endif

/// Survival curves of issues, by a model that is loaded.
///
/// It is not `Sendable`, as the booster in it is not: load one where it is needed (``ForecastModel/predictor()``).
public struct HazardPredictor {
    private let hazard: any Hazard
    /// Feature vectors whose rows are predicted in one call: 2.3 MB of rows.
    private static let batch = 512

    public init(_ hazard: any Hazard) { self.hazard = hazard }

    /// A curve for each feature vector. Throws what the engine throws.
    public func curves(_ vectors: some Collection<[Float]>) throws -> [SurvivalCurve] {
        var curves: [SurvivalCurve] = []
        curves.reserveCapacity(vectors.count)
        var rest = vectors[...]
        guard let first = vectors.first else { return [] }
        var rows = FeatureMatrix(columns: first.count + 1, capacity: min(vectors.count, Self.batch) * HazardBins.count)
        while !rest.isEmpty {
            let part = rest.prefix(Self.batch)
            rest = rest.dropFirst(Self.batch)
            rows.removeAll()
            for vector in part {
                for bin in 0..<HazardBins.count { rows.append(vector, last: Float(bin)) }
            }
            let hazards = try hazard.logOdds(rows).map { Mathematics.logistic(Double($0)) }
            for start in stride(from: 0, to: hazards.count, by: HazardBins.count) {
                curves.append(SurvivalCurve(hazards: hazards[start..<start + HazardBins.count]))
            }
        }
        return curves
    }

    /// The curve of one sample. Throws what the engine throws.
    public func curve(of sample: Sample) throws -> SurvivalCurve { try curves(CollectionOfOne(sample.features))[0] }
}
