import Domain

/// "Late" by age alone: the monotone function of age/(age + days left) that fits the outcomes known at a cut. What a
/// model has to beat, and what stands in for it where it does not.
public struct AgeBaseline: Sendable, Codable, Equatable {
    /// ``Question/name``.
    public var question: String
    /// The points between which it is linear.
    private var function: IsotonicRegression

    private enum CodingKeys: String, CodingKey { case question, function }

    /// Fits it; nil without an outcome.
    ///
    /// - Parameter weight: What a sample counts.
    init?(_ question: Question, samples: [ObservedSample], cut: Timestamp, weight: (Sample) -> Double) {
        var (x, y, weights): ([Double], [Double], [Double]) = ([], [], [])
        for observed in samples where observed.sample.at <= cut {
            guard let late = question.isLate(observed.sample, observed.outcome.known(at: cut), cut: cut),
                let share = Self.share(observed.sample, question)
            else { continue }
            x.append(share)
            y.append(late ? 1 : 0)
            weights.append(weight(observed.sample))
        }
        guard !x.isEmpty else { return nil }
        self.question = question.name
        function = IsotonicRegression(x, y, weights: weights)
    }

    /// The probability that the issue is late; nil if it has no such deadline.
    public func probability(of sample: Sample) -> Double? {
        guard let question = Question(name: question), let share = Self.share(sample, question) else { return nil }
        return function(share)
    }

    private static func share(_ sample: Sample, _ question: Question) -> Double? {
        guard let deadline = question.deadline(of: sample) else { return nil }
        let age = sample.at.days(since: sample.created)
        let all = age + deadline.days(since: sample.at)
        return all > 0 ? age / all : nil
    }
}
