import Domain
import Forecast

/// What a tenant's forecasts come from, and what is missing for better ones.
struct ForecastModelView: Encodable, Sendable {
    /// Where the tenant stands for one question.
    struct Standing: Encodable, Sendable {
        var question: String
        var rung: ForecastRung
        var missing: [MissingEvidence]
        /// Nil before a model was judged.
        var verdict: VerdictView?
    }

    /// A model that is kept.
    struct Model: Encodable, Sendable {
        var id: String
        var learner: String
        var state: ForecastModelRecord.State
        var createdAt: Timestamp
        var cut: Timestamp

        init(_ model: ForecastModelRecord) {
            id = model.id
            learner = model.kind
            state = model.state
            createdAt = model.createdAt
            cut = model.cutAt
        }
    }

    /// When it is trained next, and how the last time went.
    struct Training: Encodable, Sendable {
        var dueAt: Nullable<Timestamp>
        var reason: TrainingReason
        var trainedAt: Nullable<Timestamp>
        var judgedAt: Nullable<Timestamp>
        var attempts: Int
        var lastError: Nullable<String>
    }

    var asOf: Nullable<Timestamp>
    var finished: Nullable<Int>
    var learner: HazardTraining.Kind
    var questions: [Standing]
    var judged: Nullable<Model>
    var active: Nullable<Model>
    var steppedDownAt: Nullable<Timestamp>
    var drift: Nullable<DriftView>
    var training: Training

    /// Throws `DecodingError` when what is stored cannot be read.
    init(basis: ForecastBasis?, models: [ForecastModelRecord], training: TrainingStatus) throws {
        asOf = Nullable(basis?.asOf)
        finished = Nullable(basis?.finished)
        learner = HazardTraining.bestKind
        let judged = models.first { $0.id == basis?.judgedModelID }
        let results = try judged?.verdict.map { try StoredVerdict(stored: $0).results } ?? []
        questions = Question.judged.map { question in
            let verdict = results.first { $0.question == question.name }?.verdict
            // Every build has a prior that it can load.
            let ladder = EvidenceLadder(
                finished: basis?.finished ?? 0, hasPrior: true, verdict: verdict,
                steppedDown: basis?.isSteppedDown ?? false)
            return Standing(
                question: question.name, rung: ladder.rung, missing: ladder.missing,
                verdict: verdict.map(VerdictView.init))
        }
        self.judged = Nullable(judged.map(Model.init))
        active = Nullable(models.first { $0.state == .active }.map(Model.init))
        steppedDownAt = Nullable(basis?.steppedDownAt)
        drift = Nullable(try basis?.drift.map { DriftView(try DriftRecord(stored: $0)) })
        self.training = Training(
            dueAt: Nullable(training.dueAt), reason: training.reason, trainedAt: Nullable(training.trainedAt),
            judgedAt: Nullable(basis?.judgedAt), attempts: training.attempts, lastError: Nullable(training.lastError))
    }
}

/// What the weekly checks of a model found.
struct DriftView: Encodable, Sendable {
    struct Week: Encodable, Sendable {
        var at: Timestamp
        var modelID: String
        var tempo: Nullable<Drift.Tempo>
        var outcomes: Int
        var skillOverAge: Nullable<Double>
    }

    var weeks: [Week]
    var tempoChanged: Bool
    var moved: [DriftRecord.Moved]

    init(_ record: DriftRecord) {
        weeks = record.weeks.map {
            Week(
                at: Timestamp(milliseconds: $0.at), modelID: $0.modelID, tempo: Nullable($0.tempo),
                outcomes: $0.outcomes, skillOverAge: Nullable($0.skillOverAge))
        }
        tempoChanged = record.tempoChanged
        moved = record.moved
    }
}
