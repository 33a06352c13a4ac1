import Domain
import Forecast

/// A backtest that was asked for, and what it found.
struct BacktestView: Encodable, Sendable {
    var state: ForecastBacktest.State
    var cuts: Int
    var horizonDays: Int
    var questions: [String]
    var requestedAt: Timestamp
    var finishedAt: Nullable<Timestamp>
    var done: Int
    var total: Int
    var error: Nullable<String>
    var report: Nullable<BacktestReportView>

    /// Throws `DecodingError` when what is stored cannot be read.
    init(_ backtest: ForecastBacktest) throws {
        let request = try BacktestRequest(stored: backtest.options)
        state = backtest.state
        cuts = request.cuts
        horizonDays = request.horizonDays
        questions = request.questions.map(\.name)
        requestedAt = backtest.requestedAt
        finishedAt = Nullable(backtest.finishedAt)
        done = backtest.done
        total = backtest.total
        error = Nullable(backtest.error)
        report = Nullable(try backtest.result.map { BacktestReportView(try BacktestReport(stored: $0)) })
    }
}

/// The figures of a backtest.
struct BacktestReportView: Encodable, Sendable {
    var end: Timestamp
    var issues: Int
    var finished: Int
    var learner: HazardTraining.Kind
    var prior: Nullable<String>
    var results: [BacktestResultView]

    init(_ report: BacktestReport) {
        end = report.end
        issues = report.issues
        finished = report.finished
        learner = report.kind
        prior = Nullable(report.prior)
        results = report.results.map(BacktestResultView.init)
    }
}

/// The figures of one question.
struct BacktestResultView: Encodable, Sendable {
    var question: String
    var verdict: VerdictView
    var pooled: BacktestPartView
    var folds: [BacktestPartView]
    var auc: Nullable<Interval>
    var aucOverAge: Nullable<Interval>
    var leadTimes: [FlagLeadTime]
    var ageLeadTimes: [FlagLeadTime]
    var tenths: [OutcomeTenths.Tenth]
    var leftOut: [LeftOut]

    init(_ result: BacktestResult) {
        question = result.question
        verdict = VerdictView(result.verdict)
        pooled = BacktestPartView(result.pooled)
        folds = result.folds.map(BacktestPartView.init)
        auc = Nullable(result.auc)
        aucOverAge = Nullable(result.aucOverAge)
        leadTimes = result.leadTimes
        ageLeadTimes = result.ageLeadTimes
        tenths = result.tenths
        leftOut = result.leftOut
    }
}

/// What follows from a backtest.
struct VerdictView: Encodable, Sendable {
    var sentence: String
    var best: Nullable<BacktestVerdict.Best>
    var samples: Int
    var issues: Int
    var skillOverAge: Nullable<Interval>
    var skillOverBaseRate: Nullable<Interval>
    var skillOverPrior: Nullable<Interval>
    var priorSkillOverAge: Nullable<Interval>
    var missing: [MissingEvidence]

    init(_ verdict: BacktestVerdict) {
        sentence = verdict.sentence
        best = Nullable(verdict.best)
        samples = verdict.samples
        issues = verdict.issues
        skillOverAge = Nullable(verdict.skillOverAge)
        skillOverBaseRate = Nullable(verdict.skillOverBaseRate)
        skillOverPrior = Nullable(verdict.skillOverPrior)
        priorSkillOverAge = Nullable(verdict.priorSkillOverAge)
        missing = verdict.missing
    }
}

/// A fold, or all of them.
struct BacktestPartView: Encodable, Sendable {
    var cut: Nullable<Timestamp>
    var samples: Int
    var issues: Int
    var baseRate: Double
    var figures: [BacktestFiguresView]

    init(_ part: BacktestPart) {
        cut = Nullable(part.cut.map { Timestamp(milliseconds: $0) })
        samples = part.samples
        issues = part.issues
        baseRate = part.baseRate
        figures = part.figures.map(BacktestFiguresView.init)
    }
}

/// The figures of one model or baseline.
struct BacktestFiguresView: Encodable, Sendable {
    var model: String
    var auc: Nullable<Double>
    var aucPr: Nullable<Double>
    var brier: Nullable<Double>
    var ece: Nullable<Double>
    var precisionAtTen: Nullable<Double>
    var reliability: Nullable<[ReliabilityBin]>

    init(_ figures: BacktestFigures) {
        model = figures.model
        auc = Nullable(figures.auc)
        aucPr = Nullable(figures.aucPR)
        brier = Nullable(figures.brier)
        ece = Nullable(figures.ece)
        precisionAtTen = Nullable(figures.precisionAtTen)
        reliability = Nullable(figures.reliability)
    }
}
