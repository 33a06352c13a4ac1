import Domain
import Forecast
import Queries

/// What the page of the forecasts reads.
struct ForecastContent: Sendable {
    struct QuestionRow: Sendable {
        var question: String
        var rung: String
        var verdict: String?
        var missing: [String]
    }

    struct FiguresRow: Sendable {
        var model: String
        var auc: String
        var brier: String
        var ece: String
    }

    struct TenthRow: Sendable {
        var range: String
        var issues: Int
        var late: Int
        var percent: String
    }

    struct Result: Sendable {
        var question: String
        var sentence: String
        var samples: Int
        var issues: Int
        var figures: [FiguresRow]
        var tenths: [TenthRow]
        var hasTenths: Bool
    }

    struct Backtest: Sendable {
        var isUnderWay: Bool
        var progress: String
        var done: Int
        var total: Int
        var error: String?
        var results: [Result]
    }

    var hasBasis: Bool
    var finished: Int
    var questions: [QuestionRow]
    var model: String
    var training: [String]
    var problem: String?
    var steppedDown: String?
    var tempoChanged: Bool
    var backtest: Backtest?
    var isUnderWay: Bool
    var cuts: Int
    var horizonDays: Int
    var formToken: String
    var asOf: String

    /// Throws `DecodingError` when a stored backtest cannot be read.
    init(
        _ standing: ForecastStanding, backtest: ForecastBacktest?, formToken: String, problem: String?,
        asOf: Timestamp
    ) throws {
        hasBasis = standing.basis != nil
        finished = standing.basis?.finished ?? 0
        questions = standing.questions.map { answered in
            QuestionRow(
                question: Self.words(for: answered.question),
                rung: PageTexts.english("forecast", "rung_\(answered.rung.rawValue)"),
                verdict: answered.verdict?.sentence,
                missing: answered.missing.map {
                    PageTexts.english(
                        "forecast", "missing",
                        ["kind": $0.kind.words, "have": "\($0.have)", "need": "\($0.need)"])
                })
        }
        model =
            standing.active.map {
                PageTexts.english(
                    "forecast", "model", ["kind": $0.kind, "at": PageText.instant($0.createdAt)])
            } ?? PageTexts.english("forecast", "no_model")
        training = Self.sentences(of: standing.training)
        steppedDown = standing.basis?.steppedDownAt.map {
            PageTexts.english("forecast", "stepped_down", ["at": PageText.instant($0)])
        }
        tempoChanged = standing.drift?.tempoChanged ?? false
        self.backtest = try backtest.map(Self.backtest)
        isUnderWay = backtest?.state == .waiting
        let wanted = BacktestRequest()
        (cuts, horizonDays) = (wanted.cuts, wanted.horizonDays)
        self.formToken = formToken
        self.problem = problem
        self.asOf = PageText.instant(asOf)
    }

    private static func words(for question: Question) -> String {
        switch question {
        case .usual: PageTexts.english("forecast", "question_usual")
        case .due: PageTexts.english("forecast", "question_due")
        case .sprint: PageTexts.english("forecast", "question_sprint")
        case .horizon(let days): PageTexts.english("forecast", "question_days", ["days": "\(days)"])
        }
    }

    private static func sentences(of training: TrainingStatus) -> [String] {
        [
            training.trainedAt.map {
                PageTexts.english("forecast", "trained", ["at": PageText.instant($0)])
            },
            training.dueAt.map { PageTexts.english("forecast", "trained_next", ["at": PageText.instant($0)]) },
            training.lastError.map {
                PageTexts.english(
                    "forecast", "training_failed", ["attempts": "\(training.attempts)", "error": $0])
            },
        ].compactMap(\.self)
    }

    private static func backtest(_ backtest: ForecastBacktest) throws -> Backtest {
        let report = try backtest.result.map { try BacktestReport(stored: $0) }
        let progress =
            switch backtest.state {
            case .waiting:
                PageTexts.english("forecast", "under_way", ["done": "\(backtest.done)", "total": "\(backtest.total)"])
            case .done, .failed:
                PageTexts.english(
                    "forecast", backtest.state == .done ? "done" : "failed",
                    ["at": (backtest.finishedAt ?? backtest.requestedAt).description.prefix(10).description])
            }
        return Backtest(
            isUnderWay: backtest.state == .waiting, progress: progress, done: backtest.done,
            total: max(backtest.total, 1), error: backtest.error, results: report?.results.map(result) ?? [])
    }

    private static func result(_ result: BacktestResult) -> Result {
        let tenths = result.tenths.enumerated().filter { $1.issues > 0 }.map { index, tenth in
            TenthRow(
                range: "\(index * 10)–\(index * 10 + 10) %", issues: tenth.issues, late: tenth.late,
                percent: "\(Int((Double(tenth.late) / Double(tenth.issues) * 100).rounded())) %")
        }
        return Result(
            question: Question(name: result.question).map(words) ?? result.question, sentence: result.verdict.sentence,
            samples: result.pooled.samples, issues: result.pooled.issues,
            figures: result.pooled.figures.map { figures in
                FiguresRow(
                    model: figures.model.replacing("_", with: " "), auc: decimals(figures.auc),
                    brier: decimals(figures.brier), ece: decimals(figures.ece))
            }, tenths: tenths, hasTenths: !tenths.isEmpty)
    }

    /// Three decimals, or a dash.
    private static func decimals(_ value: Double?) -> String {
        guard let value else { return "–" }
        let thousandths = Int((value * 1000).rounded())
        let digits = "\(abs(thousandths % 1000))"
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
    }
}
