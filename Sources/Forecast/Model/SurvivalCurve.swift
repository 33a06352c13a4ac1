public import Domain

/// The probability that an issue is still open, by days from the sample on.
///
/// It answers every question about the issue, so that answers cannot contradict each other. It never rises.
public struct SurvivalCurve: Sendable, Equatable {
    /// ln S at the bins' edges; the first is 0.
    private let logarithms: [Double]

    /// - Parameter hazards: For each bin the probability that an issue that is open at its start is done in it.
    public init(hazards: some Collection<Double>) {
        precondition(hazards.count == HazardBins.count, "a hazard a bin")
        var logarithms = [0.0]
        for hazard in hazards {
            logarithms.append((logarithms.last ?? 0) + Mathematics.log1p(-min(max(hazard, 1e-6), 1 - 1e-6)))
        }
        self.logarithms = logarithms
    }

    /// The probability that the issue is still open after `days`: 1 for the past, and beyond the last bin what it is
    /// there.
    public func survival(days: Double) -> Double {
        guard days > 0 else { return 1 }
        guard let bin = HazardBins.edges.dropFirst().firstIndex(where: { days < $0 }).map({ $0 - 1 }) else {
            return Mathematics.exp(logarithms[HazardBins.count])
        }
        let (start, end) = (logarithms[bin], logarithms[bin + 1])
        // Rounding must not carry it beyond the edges.
        return Mathematics.exp(min(max(start + HazardBins.share(of: bin, within: days) * (end - start), end), start))
    }

    /// The probability that it is not done by `deadline`, as of `sample`; 1 when the deadline has passed.
    public func lateness(deadline: Timestamp, asOf sample: Timestamp) -> Double {
        survival(days: deadline.days(since: sample))
    }

    /// Days until the issue is done with this probability, in 0..<1; nil if that is beyond the last bin.
    public func days(untilDone probability: Double) -> Double? {
        let target = Mathematics.log1p(-probability)
        guard let end = logarithms.firstIndex(where: { $0 <= target }) else { return nil }
        guard end > 0 else { return 0 }
        let (start, low) = (logarithms[end - 1], HazardBins.edges[end - 1])
        return low + (start - target) / (start - logarithms[end]) * (HazardBins.edges[end] - low)
    }
}
