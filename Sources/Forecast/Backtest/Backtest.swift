import Domain

/// Judges a model on the tenant's own past: at each cut it is trained on what was known then, and predicts what came
/// after.
///
/// It is pure: the same input gives the same bytes. A fit costs about two seconds of one processor at 60,000 rows.
public struct Backtest {
    private let input: BacktestInput
    private let options: BacktestOptions

    public init(_ input: BacktestInput, _ options: BacktestOptions) {
        self.input = input
        self.options = options
    }

    /// Runs it.
    ///
    /// - Parameter progress: Called after each cut with how many are done; what it throws ends the run (cancellation).
    /// - Returns: A result for each question, in their order.
    /// - Throws: What the input, `progress` or the library throws.
    public func run(progress: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }) throws -> [BacktestResult] {
        let prior = try options.training.prior.map { try $0.predictor() }
        var models: [(name: String, isProbability: Bool)] = [("model", true)]
        if prior != nil { models.append(("prior", true)) }
        models += [("age", true), ("kaplan_meier", true), ("base_rate", true)]
        models += input.scores.map { ($0.name, false) }
        var asked = options.questions.map { Asked($0, Predictions(models: models)) }
        let cuts = options.cutInstants(end: input.end)
        for (index, cut) in cuts.enumerated() {
            let until = cut.adding(days: options.horizonDays)
            let test = input.grid.filter { $0.sample.at > cut && $0.sample.at <= until }
            if let fold = try fold(cut, test, prior) {
                for place in asked.indices { asked[place].answer(fold, scores: input.scores, end: input.end) }
            } else {
                for place in asked.indices { asked[place].leaveOut("no outcome was known at the cut", test.count) }
            }
            try progress(index + 1, cuts.count)
        }
        return asked.map { $0.result(hasPrior: prior != nil, besides: input.leftOut) }
    }

    /// Trains at a cut and predicts; nil if nothing can be learned there.
    private func fold(_ cut: Timestamp, _ test: [ObservedSample], _ prior: HazardPredictor?) throws -> Fold? {
        let model: ForecastModel
        do {
            model = try options.training.model(
                of: try input.training(cut), cut: cut, finished: input.finished(before: cut))
        } catch ForecastModelError.noRows {
            return nil
        }
        let vectors = test.map(\.sample.features)
        let lives = input.lifetimes.filter { $0.created <= cut }.map { life in
            let done = life.done.flatMap { $0 <= cut ? $0 : nil }
            return (days: (done ?? min(life.observedUntil, cut)).days(since: life.created), done: done != nil)
        }
        return Fold(
            cut: cut, test: test, curves: try model.predictor().curves(vectors),
            priorCurves: try prior?.curves(vectors), known: input.grid.filter { $0.sample.at <= cut },
            lives: KaplanMeier(lives))
    }
}

/// A cut with what was learned there.
private struct Fold {
    let cut: Timestamp
    let test: [ObservedSample]
    /// Of the test samples.
    let curves: [SurvivalCurve]
    let priorCurves: [SurvivalCurve]?
    /// Samples before the cut.
    let known: [ObservedSample]
    let lives: KaplanMeier
}

/// A question with the answers so far.
private struct Asked {
    let question: Question
    private var predictions: Predictions
    /// Where the predictions of a fold begin.
    private var folds: [(cut: Timestamp, start: Int)] = []
    private var leftOut: [LeftOut] = []

    init(_ question: Question, _ predictions: Predictions) {
        self.question = question
        self.predictions = predictions
    }

    mutating func leaveOut(_ reason: String, _ count: Int) {
        guard count > 0 else { return }
        if let place = leftOut.firstIndex(where: { $0.reason == reason }) {
            leftOut[place].count += count
        } else {
            leftOut.append(LeftOut(reason: reason, count: count))
        }
    }

    mutating func answer(_ fold: Fold, scores: [RankingScore], end: Timestamp) {
        let open = fold.test.indices.filter { question.isOpen(for: fold.test[$0].sample) }
        leaveOut("there was no such deadline, or it had passed", fold.test.count - open.count)
        // Among what is known, a sample counts as its issue has many or few.
        let known = fold.known.filter {
            question.isLate($0.sample, $0.outcome.known(at: fold.cut), cut: fold.cut) != nil
        }
        let counts = Dictionary(grouping: known, by: \.sample.issue).mapValues(\.count)
        let weight = { (sample: Sample) in 1 / Double(counts[sample.issue] ?? 1).squareRoot() }
        guard let age = AgeBaseline(question, samples: known, cut: fold.cut, weight: weight) else {
            leaveOut("no outcome was known at the cut", open.count)
            return
        }
        let late = known.count {
            question.isLate($0.sample, $0.outcome.known(at: fold.cut), cut: fold.cut) ?? false
        }
        let rate = Double(late) / Double(known.count)
        folds.append((fold.cut, predictions.count))
        for index in open {
            let (sample, outcome) = (fold.test[index].sample, fold.test[index].outcome)
            guard let deadline = question.deadline(of: sample) else { continue }
            guard let late = question.isLate(sample, outcome, cut: end) else {
                let isAfter = deadline > end
                leaveOut(
                    isAfter
                        ? "the deadline is after the end of what is known" : "deleted or hidden before the deadline", 1)
                continue
            }
            let left = deadline.days(since: sample.at)
            var values = [fold.curves[index].survival(days: left)]
            if let curves = fold.priorCurves { values.append(curves[index].survival(days: left)) }
            values.append(age.probability(of: sample) ?? rate)
            values.append(fold.lives.survival(sample.at.days(since: sample.created), further: left))
            values.append(rate)
            values += scores.map { $0.value(sample) ?? .nan }
            predictions.append(sample, deadline: deadline, late: late, values: values)
        }
    }

    func result(hasPrior: Bool, besides: [LeftOut]) -> BacktestResult {
        let bootstrap = Bootstrap(issues: predictions.issueNumbers)
        let issues = Set(predictions.issues)
        let late = Set(predictions.late.indices.lazy.filter { predictions.late[$0] }.map { predictions.issues[$0] })
        let onTime = Set(predictions.late.indices.lazy.filter { !predictions.late[$0] }.map { predictions.issues[$0] })
        let verdict = BacktestVerdict(
            question: question, samples: predictions.count, issues: issues.count, lateIssues: late.count,
            onTimeIssues: onTime.count, skillOverAge: predictions.skill(of: "model", over: "age", bootstrap),
            skillOverBaseRate: predictions.skill(of: "model", over: "base_rate", bootstrap),
            skillOverPrior: hasPrior ? predictions.skill(of: "model", over: "prior", bootstrap) : nil,
            priorSkillOverAge: hasPrior ? predictions.skill(of: "prior", over: "age", bootstrap) : nil,
            hasPrior: hasPrior)
        let parts = folds.indices.compactMap { index -> BacktestPart? in
            let end = index + 1 < folds.count ? folds[index + 1].start : predictions.count
            guard end > folds[index].start else { return nil }
            return predictions.part(folds[index].start..<end).figures(cut: folds[index].cut)
        }
        return BacktestResult(
            question: question.name, pooled: predictions.figures(cut: nil), folds: parts, verdict: verdict,
            auc: predictions.area(of: "model", bootstrap),
            aucOverAge: predictions.area(of: "model", less: "age", bootstrap),
            leadTimes: predictions.leadTimes(of: "model"), ageLeadTimes: predictions.leadTimes(of: "age"),
            tenths: predictions.tenths(of: "model"), leftOut: besides + leftOut)
    }
}
