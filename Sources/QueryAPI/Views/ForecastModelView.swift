import Domain
import Forecast
import Queries

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

    init(_ standing: ForecastStanding) {
        asOf = Nullable(standing.basis?.asOf)
        finished = Nullable(standing.basis?.finished)
        learner = HazardTraining.bestKind
        questions = standing.questions.map {
            Standing(
                question: $0.question.name, rung: $0.rung, missing: $0.missing,
                verdict: $0.verdict.map(VerdictView.init))
        }
        judged = Nullable(standing.judged.map(Model.init))
        active = Nullable(standing.active.map(Model.init))
        steppedDownAt = Nullable(standing.basis?.steppedDownAt)
        drift = Nullable(standing.drift.map(DriftView.init))
        let training = standing.training
        self.training = Training(
            dueAt: Nullable(training.dueAt), reason: training.reason, trainedAt: Nullable(training.trainedAt),
            judgedAt: Nullable(standing.basis?.judgedAt), attempts: training.attempts,
            lastError: Nullable(training.lastError))
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
