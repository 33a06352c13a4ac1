import Domain

/// Training samples in which a change had happened, so that the model knows how such issues went.
public struct CounterfactualSupport: Sendable, Codable, Equatable {
    /// The change.
    public enum Change: String, Sendable, Codable { case blockersClosed = "blockers_closed" }

    /// The change that had happened.
    public var change: Change
    /// ``Question/name``.
    public var question: String
    /// Samples with it whose outcome is known.
    public var samples: Int
    /// Those of them that came late.
    public var late: Int
    /// Issues that had open blockers and 14 to 28 days later had none: how many came late less how many of those that
    /// still had some, as a share in -1…1; nil with fewer than ``leastIssues`` of either.
    public var difference: Double?

    private enum CodingKeys: String, CodingKey { case change, question, samples, late, difference }

    /// Samples that a counterfactual needs.
    public static let leastSamples = 50
    /// Issues of each kind that the check of its direction needs.
    static let leastIssues = 10

    /// Whether a change to `probability` from `current` may be shown: the combination was seen often enough, and real
    /// issues that changed so moved the same way.
    public func allows(from current: Double, to probability: Double) -> Bool {
        guard samples >= Self.leastSamples, let difference else { return false }
        return (probability - current) * difference > 0
    }

    /// The support for "usual" and for 30 days.
    static func all(in samples: [ObservedSample], cut: Timestamp) -> [CounterfactualSupport] {
        let known = samples.filter { $0.sample.at <= cut }.map {
            ObservedSample(sample: $0.sample, outcome: $0.outcome.known(at: cut))
        }
        return [Question.usual, .horizon(days: 30)].map { blockersClosed(known, $0, cut: cut) }
    }

    private static func blockersClosed(
        _ samples: [ObservedSample], _ question: Question, cut: Timestamp
    ) -> CounterfactualSupport {
        var support = CounterfactualSupport(change: .blockersClosed, question: question.name, samples: 0, late: 0)
        for observed in samples where observed.sample[.blockers] > 0 && observed.sample[.openBlockers] == 0 {
            guard let late = question.isLate(observed.sample, observed.outcome, cut: cut) else { continue }
            support.samples += 1
            support.late += late ? 1 : 0
        }
        support.difference = difference(samples, question, cut: cut)
        return support
    }

    /// Of each issue the first pair of samples that tells: blockers were open, and were closed or still open 14 to 28
    /// days later. Both are asked as of the second, so that it is not the age that differs.
    private static func difference(_ samples: [ObservedSample], _ question: Question, cut: Timestamp) -> Double? {
        let groups = Dictionary(grouping: samples.filter { $0.sample[.blockers] > 0 }, by: \.sample.issue)
        var (closed, open) = ((count: 0, late: 0), (count: 0, late: 0))
        for group in groups.values {
            let ordered = group.sorted { $0.sample.at < $1.sample.at }
            for first in ordered where first.sample[.openBlockers] > 0 {
                let later = ordered.first { (14...28).contains($0.sample.at.days(since: first.sample.at)) }
                guard let later, let late = question.isLate(later.sample, later.outcome, cut: cut) else { continue }
                if later.sample[.openBlockers] > 0 {
                    open = (open.count + 1, open.late + (late ? 1 : 0))
                } else {
                    closed = (closed.count + 1, closed.late + (late ? 1 : 0))
                }
                break
            }
        }
        guard min(closed.count, open.count) >= leastIssues else { return nil }
        return Double(closed.late) / Double(closed.count) - Double(open.late) / Double(open.count)
    }
}
