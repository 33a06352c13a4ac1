import Domain

/// How a feature was distributed in training, to notice later that it moved.
public struct FeatureDistribution: Sendable, Codable, Equatable {
    /// The feature.
    public var feature: Feature
    /// Where one part ends and the next begins, ascending: tenths of the known values, fewer where values repeat.
    public var edges: [Float]
    /// The share of each part in 0…1, first that of unknown values.
    public var shares: [Double]

    private enum CodingKeys: String, CodingKey { case feature, edges, shares }

    /// Features that are watched: those that matter most.
    static let watched = 10

    /// The distribution in the samples of the year before the cut; or of all up to it, if that year has no sample.
    init(of feature: Feature, in samples: [ObservedSample], cut: Timestamp) {
        let known = samples.filter { $0.sample.at <= cut }
        let recent = known.filter { $0.sample.at > cut.adding(days: -365) }
        self.init(of: feature, values: (recent.isEmpty ? known : recent).map { $0.sample[feature] })
    }

    /// The distribution of values.
    init(of feature: Feature, values: [Float]) {
        self.feature = feature
        let sorted = values.filter { !$0.isNaN }.sorted()
        var edges: [Float] = []
        for tenth in 1..<10 where !sorted.isEmpty {
            let edge = sorted[tenth * sorted.count / 10]
            // Values below an edge are in the part before it: nothing is below the least value.
            if edge > edges.last ?? sorted[0] { edges.append(edge) }
        }
        self.edges = edges
        shares = []
        shares = shares(of: values)
    }

    /// The population stability index of newer values: Σ (new - old)·ln(new / old) over the parts. Above 0.25 the
    /// feature is said to have moved. Nil without values.
    public func stabilityIndex(of values: [Float]) -> Double? {
        guard !values.isEmpty else { return nil }
        // An empty part counts as one of a ten thousandth: the logarithm needs something.
        return zip(shares, shares(of: values)).reduce(0) { sum, pair in
            let (old, new) = (max(pair.0, 1e-4), max(pair.1, 1e-4))
            return sum + (new - old) * Mathematics.log(new / old)
        }
    }

    private func shares(of values: [Float]) -> [Double] {
        var counts = [Int](repeating: 0, count: edges.count + 2)
        for value in values {
            counts[value.isNaN ? 0 : 1 + (edges.firstIndex { value < $0 } ?? edges.count)] += 1
        }
        return counts.map { values.isEmpty ? 0 : Double($0) / Double(values.count) }
    }
}
