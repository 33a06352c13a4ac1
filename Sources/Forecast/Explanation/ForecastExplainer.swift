public import Domain

/// Explains predictions of a model that is loaded.
public struct ForecastExplainer {
    private let predictor: HazardPredictor
    private let reference: ReferenceSamples

    /// - Parameter most: Reference samples to average over, 1 to 16: one is enough for a list, at a sixteenth of the
    ///   cost.
    public init(_ model: ForecastModel, _ predictor: HazardPredictor, most: Int = ReferenceSamples.most) {
        self.predictor = predictor
        reference = ReferenceSamples(vectors: Array(model.reference.vectors.prefix(max(most, 1))))
    }

    /// What each group adds to the probability that the issue is not done by `deadline`; nil when the deadline has
    /// passed (then there is nothing to predict) or the model has no reference. Throws what the engine throws.
    public func contributions(of sample: Sample, deadline: Timestamp) throws -> GroupContributions? {
        let days = deadline.days(since: sample.at)
        guard days > 0, !reference.vectors.isEmpty else { return nil }
        var worth = [Double](repeating: 0, count: GroupShapley.sets)
        for vector in reference.vectors {
            let mixtures = GroupShapley.mixtures(of: sample.features, with: vector)
            for (set, value) in try predictor.survival(mixtures, days: days).enumerated() { worth[set] += value }
        }
        for set in worth.indices { worth[set] /= Double(reference.vectors.count) }
        return GroupContributions(
            probability: worth[GroupShapley.sets - 1], typical: worth[0], groups: GroupShapley.values(worth))
    }

    /// The probability if the issues that block it were closed, with what the statement rests on. Nil when none is
    /// open, when too few training samples were so or they moved another way, or when the shown number stays. Throws
    /// what the engine throws.
    public func blockersClosed(
        _ sample: Sample, question: Question, support: [CounterfactualSupport]
    ) throws -> Counterfactual? {
        guard sample[.openBlockers] > 0, let deadline = question.deadline(of: sample), deadline > sample.at else {
            return nil
        }
        let name = question.name
        guard let support = support.first(where: { $0.change == .blockersClosed && $0.question == name }) else {
            return nil
        }
        var closed = sample.features
        closed[Feature.openBlockers.column] = 0
        let values = try predictor.survival([sample.features, closed], days: deadline.days(since: sample.at))
        let percent = ShownProbability.percent(values[1])
        guard support.allows(from: values[0], to: values[1]), percent != ShownProbability.percent(values[0]) else {
            return nil
        }
        return Counterfactual(change: .blockersClosed, percent: percent, support: support)
    }
}

/// What the number would be if something were otherwise.
///
/// Another deadline needs none: ``SurvivalCurve/lateness(deadline:asOf:)`` answers it exactly.
public struct Counterfactual: Sendable, Codable, Equatable {
    /// What would be otherwise.
    public var change: CounterfactualSupport.Change
    /// The number that would be shown, in percent.
    public var percent: Int
    /// How such issues went.
    public var support: CounterfactualSupport

    private enum CodingKeys: String, CodingKey { case change, percent, support }
}
