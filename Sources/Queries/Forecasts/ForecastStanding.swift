public import Domain
public import Forecast

/// What a tenant's forecasts come from, and what is missing for better ones.
public struct ForecastStanding: Sendable {
    /// Where the tenant stands for one question.
    public struct Answered: Sendable {
        /// Which question.
        public var question: Question
        /// What is shown.
        public var rung: ForecastRung
        /// What is missing for the next rung.
        public var missing: [MissingEvidence]
        /// Nil before a model was judged.
        public var verdict: BacktestVerdict?
    }

    /// What the forecasts rest on; nil before it was first computed.
    public var basis: ForecastBasis?
    /// In the order of ``Forecast/Question/judged``.
    public var questions: [Answered]
    /// The model that was judged last; nil for none.
    public var judged: ForecastModelRecord?
    /// The model in use; nil for none.
    public var active: ForecastModelRecord?
    /// What the weekly checks found; nil before the first.
    public var drift: DriftRecord?
    /// When it is trained next, and how the last time went.
    public var training: TrainingStatus

    /// Throws `DecodingError` when what is stored cannot be read.
    ///
    /// - Parameter models: those that are kept, the newest first.
    public init(basis: ForecastBasis?, models: [ForecastModelRecord], training: TrainingStatus) throws {
        self.basis = basis
        let judged = models.first { $0.id == basis?.judgedModelID }
        let results = try judged?.verdict.map { try StoredVerdict(stored: $0).results } ?? []
        questions = Question.judged.map { question in
            let verdict = results.first { $0.question == question.name }?.verdict
            // Every build has a prior that it can load.
            let ladder = EvidenceLadder(
                finished: basis?.finished ?? 0, hasPrior: true, verdict: verdict,
                steppedDown: basis?.isSteppedDown ?? false)
            return Answered(question: question, rung: ladder.rung, missing: ladder.missing, verdict: verdict)
        }
        self.judged = judged
        active = models.first { $0.state == .active }
        drift = try basis?.drift.map { try DriftRecord(stored: $0) }
        self.training = training
    }
}
