/// What gives hazards: boosted trees, or the logistic model where the library is absent.
public protocol Hazard {
    /// The log-odds of done for each row (features and bin). Throws what the engine throws.
    func logOdds(_ rows: FeatureMatrix) throws -> [Float]
}

#if HAS_XGBOOST
    extension Booster: Hazard {
        /// See ``Hazard``; throws `BoosterError`.
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
        try curves(vectors, bins: HazardBins.count)
    }

    /// The curve of one sample. Throws what the engine throws.
    public func curve(of sample: Sample) throws -> SurvivalCurve { try curves(CollectionOfOne(sample.features))[0] }

    /// The probability of each feature vector's issue to be open after `days`. Throws what the engine throws.
    func survival(_ vectors: some Collection<[Float]>, days: Double) throws -> [Double] {
        let bins = HazardBins.edges.dropFirst().firstIndex { days <= $0 } ?? HazardBins.count
        return try curves(vectors, bins: bins).map { $0.survival(days: days) }
    }

    /// Curves that hold for the first bins; beyond them they say nothing.
    private func curves(_ vectors: some Collection<[Float]>, bins: Int) throws -> [SurvivalCurve] {
        guard let first = vectors.first else { return [] }
        var curves: [SurvivalCurve] = []
        curves.reserveCapacity(vectors.count)
        let unknown = repeatElement(0.0, count: HazardBins.count - bins)
        var rows = FeatureMatrix(columns: first.count + 1, capacity: min(vectors.count, Self.batch) * bins)
        var rest = vectors[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.batch)
            rest = rest.dropFirst(Self.batch)
            rows.removeAll()
            for vector in part {
                for bin in 0..<bins { rows.append(vector, last: Float(bin)) }
            }
            let hazards = try hazard.logOdds(rows).map { Mathematics.logistic(Double($0)) }
            for start in stride(from: 0, to: hazards.count, by: bins) {
                curves.append(SurvivalCurve(hazards: hazards[start..<start + bins] + unknown))
            }
        }
        return curves
    }
}
