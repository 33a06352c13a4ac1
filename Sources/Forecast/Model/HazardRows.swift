public import Domain

/// What a hazard is trained on: a row for each sample and bin at whose start the issue was open, if the whole bin was
/// observed at the cut. The label is whether it was done in the bin.
///
/// A bin that is observed in part has no row, whatever happened in it: admitting those that ended early would teach
/// that issues end early.
public struct HazardRows: Sendable {
    /// The features and, last, the bin's index.
    public let matrix: FeatureMatrix
    /// 1: done in the bin.
    public let labels: [Float]
    /// The samples' weights.
    public let weights: [Float]
    /// Rows before the choice.
    public let available: Int

    /// The most rows: 190,000 gave the same AUC for 2.6 times the time.
    public static let most = 60_000

    /// - Parameters:
    ///   - samples: In any order; those after the cut are left out.
    ///   - cut: What was not known then is not used.
    ///   - most: If there are more rows, so many are chosen by a hash of issue, instant and bin: the same ones whatever else
    ///     is there, but for the threshold.
    ///   - isBlank: Features that are made unknown.
    public init(
        _ samples: [ObservedSample], cut: Timestamp, most: Int = Self.most,
        blank isBlank: (Feature) -> Bool = { _ in false }
    ) {
        let order = samples.indices.filter { samples[$0].sample.at <= cut }.sorted {
            (samples[$0].sample.issue.rawValue, samples[$0].sample.at)
                < (samples[$1].sample.issue.rawValue, samples[$1].sample.at)
        }
        let candidates = order.map { Candidate(samples[$0], index: $0, cut: cut) }
        // By the hash's upper bits: one pass and no list of all rows.
        var counts = [Int](repeating: 0, count: 1 << 16)
        for candidate in candidates {
            for bin in candidate.bins { counts[Int(candidate.hash(of: bin) >> 48)] += 1 }
        }
        available = counts.reduce(0, +)
        var (kept, limit) = (0, UInt64(counts.count))
        if available > most {
            limit = 0
            while kept + counts[Int(limit)] <= most {
                kept += counts[Int(limit)]
                limit += 1
            }
        } else {
            kept = available
        }
        let blank = Feature.allCases.filter(isBlank).map(\.column)
        var matrix = FeatureMatrix(columns: Feature.count + 1, capacity: kept)
        var (labels, weights): ([Float], [Float]) = ([], [])
        labels.reserveCapacity(kept)
        weights.reserveCapacity(kept)
        for candidate in candidates {
            let sample = samples[candidate.index].sample
            var row = sample.features
            for column in blank { row[column] = .nan }
            for bin in candidate.bins where candidate.hash(of: bin) >> 48 < limit {
                matrix.append(row, last: Float(bin))
                labels.append(candidate.left <= HazardBins.edges[bin + 1] ? 1 : 0)
                weights.append(sample.weight)
            }
        }
        (self.matrix, self.labels, self.weights) = (matrix, labels, weights)
    }

    /// Rows that are there already.
    init(matrix: FeatureMatrix, labels: [Float], weights: [Float]) {
        (self.matrix, self.labels, self.weights, available) = (matrix, labels, weights, labels.count)
    }

    /// A hash of all values: the same rows, the same text.
    public var contentHash: String {
        var hash = StableHash()
        for values in [matrix.values, labels, weights] {
            // Every NaN is the same to a model.
            for value in values { hash.combine(value.isNaN ? Float.nan.bitPattern : value.bitPattern) }
        }
        return hash.hexadecimal
    }
}

/// A sample that may give rows.
private struct Candidate {
    let index: Int
    let seed: UInt64
    /// Days from the sample to done; infinite where that is not known.
    let left: Double
    /// The bins that are observed whole and begin while the issue is open: always the first ones.
    let bins: Range<Int>

    init(_ observed: ObservedSample, index: Int, cut: Timestamp) {
        let outcome = observed.outcome.known(at: cut)
        let left = outcome.done.map { $0.days(since: observed.sample.at) } ?? .infinity
        let seen = outcome.observedUntil.days(since: observed.sample.at)
        let bins = HazardBins.edges.dropLast().indices.prefix {
            left > HazardBins.edges[$0] && seen >= HazardBins.edges[$0 + 1]
        }
        self.index = index
        self.left = left
        self.bins = 0..<bins.count
        seed =
            UInt64.hash(of: observed.sample.issue.rawValue)
            ^ UInt64(bitPattern: observed.sample.at.milliseconds).mixed
    }

    func hash(of bin: Int) -> UInt64 { (seed &+ UInt64(bin)).mixed }
}
