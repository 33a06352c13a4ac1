public import Domain

/// Whether a model has earned to be shown, for one question.
public struct BacktestVerdict: Sendable, Codable, Equatable {
    /// What predicts best by the evidence.
    public enum Best: String, Sendable, Codable { case model, prior, age }

    /// ``Question/name``.
    public var question: String
    /// Predictions, and issues they are of.
    public var samples: Int
    /// See ``samples``.
    public var issues: Int
    /// 1 - Brier(model) / Brier(age), with its 90 % interval by issue; nil where it cannot be computed.
    public var skillOverAge: Interval?
    /// The same over the base rate: where nothing tells issues apart, age fits chance, and a model that only knows the
    /// rate beats it.
    public var skillOverBaseRate: Interval?
    /// The same over the prior alone; nil without a prior.
    public var skillOverPrior: Interval?
    /// The same of the prior over age; nil without a prior.
    public var priorSkillOverAge: Interval?
    /// What is missing for a verdict; empty: nothing.
    public var missing: [MissingEvidence]
    /// What the number should come from; nil while evidence is missing.
    public var best: Best?
    /// The verdict in words.
    public var sentence: String

    private enum CodingKeys: String, CodingKey {
        case question, samples, issues, skillOverAge = "skill_over_age", skillOverBaseRate = "skill_over_base_rate"
        case skillOverPrior = "skill_over_prior"
        case priorSkillOverAge = "prior_skill_over_age", missing, best, sentence
    }

    /// Whether the model beats age alone and the base rate, and the prior if there is one.
    public var wins: Bool { best == .model }

    /// Issues that a verdict needs, and of each outcome.
    public static let leastIssues = 100
    /// See ``leastIssues``.
    public static let leastOfEach = 30

    init(
        question: Question, samples: Int, issues: Int, lateIssues: Int, onTimeIssues: Int, skillOverAge: Interval?,
        skillOverBaseRate: Interval?, skillOverPrior: Interval?, priorSkillOverAge: Interval?, hasPrior: Bool
    ) {
        self.question = question.name
        self.samples = samples
        self.issues = issues
        self.skillOverAge = skillOverAge
        self.skillOverBaseRate = skillOverBaseRate
        self.skillOverPrior = skillOverPrior
        self.priorSkillOverAge = priorSkillOverAge
        missing = [
            MissingEvidence(.testIssues, have: issues, need: Self.leastIssues),
            MissingEvidence(.lateIssues, have: lateIssues, need: Self.leastOfEach),
            MissingEvidence(.onTimeIssues, have: onTimeIssues, need: Self.leastOfEach),
        ].compactMap(\.self)
        let beatsAge = (skillOverAge?.low ?? 0) > 0 && (skillOverBaseRate?.low ?? 0) > 0
        let beatsPrior = !hasPrior || (skillOverPrior?.low ?? 0) > 0
        if !missing.isEmpty {
            best = nil
        } else if beatsAge && beatsPrior {
            best = .model
        } else {
            best = (priorSkillOverAge?.low ?? 0) > 0 ? .prior : .age
        }
        sentence = ""
        sentence = words
    }

    private var words: String {
        let on = "on \(samples) predictions of \(issues) issues"
        guard missing.isEmpty else {
            let lacks = missing.map { "\($0.have) of \($0.need) \($0.kind.words)" }
            return "There is too little evidence for \"\(question)\": \(lacks.joined(separator: ", "))."
        }
        let skill = skillOverAge.map(Self.text) ?? "unknown"
        switch best {
        case .model:
            return
                "The model predicts \"\(question)\" better than age alone: its squared error is \(skill) lower, \(on)."
        case .prior:
            return
                "The history of other teams predicts \"\(question)\" better than age alone, and the model is not shown to"
                + " be better than it: \(priorSkillOverAge.map(Self.text) ?? "unknown") lower squared error, \(on)."
        case .age, nil:
            let base = skillOverBaseRate.map { ", \(Self.text($0)) lower than that of the base rate" } ?? ""
            return
                "The model is not shown to predict \"\(question)\" better than age alone and the base rate: its squared"
                + " error is \(skill) lower than that of age\(base), \(on)."
        }
    }

    private static func text(_ skill: Interval) -> String {
        func percent(_ value: Double) -> String {
            let tenths = Int((value * 1000).rounded())
            return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
        }
        return "\(percent(skill.estimate)) % (\(percent(skill.low)) to \(percent(skill.high)) %)"
    }
}
