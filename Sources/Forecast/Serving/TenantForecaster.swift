public import Domain

/// Makes the forecasts of one tenant's issues: pure, but for the engines that are loaded. The same basis, model, issue and
/// instant give the same forecast.
public struct TenantForecaster: Sendable {
    /// How much is said, and with what engines.
    public enum Detail: Sendable {
        /// The numbers, by the shared engine: for one issue.
        case number
        /// The numbers of many issues, by engines loaded for them.
        case batch
        /// With the explanation of each number, averaged over so many reference samples: the cost grows with them.
        case explained(references: Int)
    }

    /// What it is made with.
    public let basis: ForecastBasisID
    private let pace: TenantPace
    private let leads: SharedLeads
    private let own: LoadedModel?
    private let prior: LoadedModel?
    private let ladders: [ForecastQuestion: EvidenceLadder]

    /// - Parameters:
    ///   - pace: as of ``ForecastBasisID/asOf``.
    ///   - own: the newest judged model of the tenant, also one that lost; nil without one that can be loaded.
    ///   - prior: nil where it cannot be loaded.
    init(_ basis: ForecastBasisID, pace: TenantPace, own: LoadedModel?, prior: LoadedModel?) {
        self.basis = basis
        self.pace = pace
        leads = SharedLeads(of: pace)
        self.own = own
        self.prior = prior
        ladders = Dictionary(
            uniqueKeysWithValues: ForecastQuestion.allCases.map { question in
                (
                    question,
                    EvidenceLadder(
                        finished: basis.finished, hasPrior: prior != nil,
                        verdict: own?.model.verdicts.first { $0.question == question.rawValue },
                        steppedDown: basis.isSteppedDown)
                )
            })
    }

    /// With engines that are loaded for it. Throws what ``ForecastModel/predictor()`` throws.
    public init(_ basis: ForecastBasisID, pace: TenantPace, own: ForecastModel?, prior: ForecastModel?) throws {
        self.init(
            basis, pace: pace, own: try own.map { try LoadedModel($0) }, prior: try prior.map { try LoadedModel($0) })
    }

    /// The forecasts of the open ones among issues, by issue. Throws what the engine throws.
    public func forecasts(
        of histories: [IssueHistory], at now: Timestamp, _ detail: Detail
    ) throws -> [IssueID: IssueForecast] {
        let samples = SampleMaker().samples(of: histories, at: now, pace: pace, leads: leads)
        let engines = try Engines(of: self, detail)
        let ownCurves = try engines.curves(own, samples, isNeeded: usesRung(.own))
        let priorCurves = try engines.curves(prior, samples, isNeeded: usesRung(.prior))
        var forecasts: [IssueID: IssueForecast] = [:]
        for (index, sample) in samples.enumerated() {
            forecasts[sample.issue] = try forecast(
                of: sample, own: ownCurves?[index], prior: priorCurves?[index], engines)
        }
        for history in histories where forecasts[history.id] == nil && history.completeSince == nil {
            forecasts[history.id] = IssueForecast(
                modelID: basis.modelKey, asOf: now, finished: basis.finished, isPastUnknown: true)
        }
        return forecasts
    }

    /// Where the tenant stands for a question.
    func ladder(_ question: ForecastQuestion) -> EvidenceLadder {
        ladders[question] ?? EvidenceLadder(finished: basis.finished, hasPrior: prior != nil, verdict: nil)
    }

    private func usesRung(_ rung: ForecastRung) -> Bool { ladders.values.contains { $0.rung == rung } }

    private func forecast(
        of sample: Sample, own curve: SurvivalCurve?, prior priorCurve: SurvivalCurve?, _ engines: Engines
    ) throws -> IssueForecast {
        var forecast = IssueForecast(
            modelID: basis.modelKey, asOf: sample.at, finished: basis.finished,
            agePercentile: sample[.ageRank].isNaN ? nil : Int((Double(sample[.ageRank]) * 100).rounded(.down)))
        for question in ForecastQuestion.allCases {
            guard let deadline = Question(question).deadline(of: sample) else { continue }
            let ladder = ladder(question)
            var answer = IssueForecast.Answer(
                question: question, deadline: deadline, rung: ladder.rung, missing: ladder.missing)
            if deadline <= sample.at {
                answer.lateByDays = Int(sample.at.days(since: deadline)) + 1
                answer.probability = 1
            } else {
                answer.probability = probability(question, ladder.rung, sample, deadline, curve, priorCurve)
                if ladder.rung == .own, let curve { try explain(&answer, of: sample, curve, engines) }
            }
            forecast.answers.append(answer)
        }
        if forecast[.usual] == nil { forecast.missing = ladder(.usual).missing }
        if ladder(.usual).rung == .own, let curve {
            forecast.p50At = curve.days(untilDone: 0.5).map { sample.at.adding(days: $0) }
            forecast.p85At = curve.days(untilDone: 0.85).map { sample.at.adding(days: $0) }
        }
        return forecast
    }

    private func probability(
        _ question: ForecastQuestion, _ rung: ForecastRung, _ sample: Sample, _ deadline: Timestamp,
        _ own: SurvivalCurve?, _ prior: SurvivalCurve?
    ) -> Double? {
        switch rung {
        case .percentile: nil
        case .prior: prior?.lateness(deadline: deadline, asOf: sample.at)
        case .age:
            self.own?.model.ages.first { $0.question == question.rawValue }?.probability(of: sample)
        case .own: own?.lateness(deadline: deadline, asOf: sample.at)
        }
    }

    /// Adds to a number of the tenant's model what came of such numbers, what it would be otherwise, and why it is so.
    private func explain(
        _ answer: inout IssueForecast.Answer, of sample: Sample, _ curve: SurvivalCurve, _ engines: Engines
    ) throws {
        guard let model = own?.model, let probability = answer.probability else { return }
        let (question, deadline) = (answer.question, answer.deadline)
        answer.tenth = model.tenths.first { $0.question == question.rawValue }?.tenth(of: probability)
            .flatMap { $0.issues > 0 ? IssueForecast.Tenth(issues: $0.issues, late: $0.late) : nil }
        if question != .usual {
            // The usual time is no date that anybody could move.
            answer.later = Self.laterDays.compactMap { days in
                let late = curve.lateness(deadline: deadline.adding(days: days), asOf: sample.at)
                let percent = ShownProbability.percent(late)
                return percent == answer.percent ? nil : IssueForecast.LaterDeadline(days: days, percent: percent)
            }
        }
        answer.blockersClosed = try engines.blockersClosed(sample, Question(question), model)
        if let contributions = try engines.contributions(of: sample, deadline: deadline, model) {
            answer.explanation = IssueForecast.Explanation(ForecastExplanation(contributions), of: sample)
        }
    }

    /// Days by which deadlines are moved in what is offered.
    private static let laterDays = [7, 14]
}

/// The engines of one call.
private struct Engines {
    private let detail: TenantForecaster.Detail
    /// Loaded for this call, by the identity of the model.
    private let batch: [ObjectIdentifier: HazardPredictor]
    private let own: (model: LoadedModel, predictor: HazardPredictor?)?

    init(of forecaster: TenantForecaster, _ detail: TenantForecaster.Detail) throws {
        self.detail = detail
        let models = forecaster.models
        var loaded: [ObjectIdentifier: HazardPredictor] = [:]
        switch detail {
        case .number: break
        case .batch, .explained:
            for model in models { loaded[ObjectIdentifier(model)] = try model.model.predictor() }
        }
        batch = loaded
        own = forecaster.ownModel.map { ($0, loaded[ObjectIdentifier($0)]) }
    }

    /// Nil where it is not needed or there is no model.
    func curves(_ model: LoadedModel?, _ samples: [Sample], isNeeded: Bool) throws -> [SurvivalCurve]? {
        guard isNeeded, let model else { return nil }
        let vectors = samples.map(\.features)
        return try batch[ObjectIdentifier(model)]?.curves(vectors) ?? model.curves(vectors)
    }

    /// What the number would be without open blockers; nil where nothing supports it.
    func blockersClosed(
        _ sample: Sample, _ question: Question, _ model: ForecastModel
    ) throws -> IssueForecast.BlockersClosed? {
        guard sample[.openBlockers] > 0, model.support.contains(where: { $0.question == question.name }) else {
            return nil
        }
        return try own?.model.blockersClosed(sample, question: question)
            .map {
                IssueForecast.BlockersClosed(
                    percent: $0.percent, samples: $0.support.samples, late: $0.support.late)
            }
    }

    func contributions(
        of sample: Sample, deadline: Timestamp, _ model: ForecastModel
    ) throws -> GroupContributions? {
        guard case .explained(let references) = detail, let predictor = own?.predictor else { return nil }
        return try ForecastExplainer(model, predictor, most: references).contributions(of: sample, deadline: deadline)
    }
}

extension TenantForecaster {
    /// Those that some question is answered by.
    fileprivate var models: [LoadedModel] {
        [usesRung(.own) ? own : nil, usesRung(.prior) ? prior : nil].compactMap(\.self)
    }

    fileprivate var ownModel: LoadedModel? { own }
}

extension Question {
    /// The learner's form of a question.
    init(_ question: ForecastQuestion) {
        self =
            switch question {
            case .usual: .usual
            case .due: .due
            case .sprint: .sprint
            }
    }
}

extension Timestamp {
    /// So many days later, to the millisecond.
    fileprivate func adding(days: Double) -> Timestamp { adding(milliseconds: Int64((days * 86_400_000).rounded())) }
}
