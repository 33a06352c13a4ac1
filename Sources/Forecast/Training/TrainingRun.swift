import Domain

/// One training of a tenant, as far as it takes the processor's time: a pure function of what it is given.
struct TrainingRun: Sendable {
    let histories: [IssueHistory]
    /// What is dated later is not read.
    let now: Timestamp
    let prior: ForecastModel?
    /// Called between steps; what it throws ends the run.
    let checkpoint: @Sendable () throws -> Void

    private let lifetimes: [IssueLifetime]
    private let maker = SampleMaker()

    init(
        _ histories: [IssueHistory], now: Timestamp, prior: ForecastModel?,
        checkpoint: @escaping @Sendable () throws -> Void = {}
    ) {
        self.histories = histories
        self.now = now
        self.prior = prior
        self.checkpoint = checkpoint
        lifetimes = histories.map { IssueLifetime($0, end: now) }
    }

    /// The instant up to which a model learns. The start of the day: two trainings on one day give the same model.
    var cut: Timestamp { now.utcDay.startUTC }

    /// Issues that were finished in the 24 months before the instant.
    func finished(at instant: Timestamp) -> Int {
        BacktestInput(grid: [], lifetimes: lifetimes, end: instant, training: { _ in [] }).finished(before: instant)
    }

    /// What forecasts of single issues rest on, as of now.
    func basis() throws -> ForecastBasis {
        let pace = try maker.pace(of: histories, asOf: now).stored()
        try checkpoint()
        return ForecastBasis(pace: pace, asOf: now, finished: finished(at: now))
    }

    /// Trains and judges a model; nil where there is nothing to learn from.
    func model() throws -> (model: ForecastModel, results: [BacktestResult])? {
        let samples = maker.samples(of: histories, upTo: cut)
        try checkpoint()
        var training = HazardTraining()
        training.prior = prior
        let model: ForecastModel
        do {
            model = try training.model(
                of: samples.observed(at: cut), cut: cut, finished: finished(at: cut), source: "the tenant's history")
        } catch ForecastModelError.noRows {
            return nil
        }
        try checkpoint()
        var options = BacktestOptions()
        options.questions = Question.judged
        options.training = training
        let input = BacktestInput(samples, histories: histories, end: cut)
        let results = try Backtest(input, options).run { _, _ in try checkpoint() }
        return (model.judged(by: results), results)
    }

    /// A backtest that was asked for.
    ///
    /// - Parameter progress: called after each cut; what it throws ends the run.
    func backtest(
        _ request: BacktestRequest, scores: [RankingScore], progress: (_ done: Int, _ of: Int) throws -> Void
    ) throws -> BacktestReport {
        let samples = maker.samples(of: histories, upTo: cut)
        try checkpoint()
        var options = BacktestOptions()
        options.cuts = request.cuts
        options.horizonDays = request.horizonDays
        options.questions = request.questions
        options.training.prior = prior
        var input = BacktestInput(samples, histories: histories, end: cut)
        input.scores = scores
        let results = try Backtest(input, options).run(progress: progress)
        return BacktestReport(
            end: cut, request: request, issues: histories.count, finished: finished(at: cut),
            kind: options.training.kind, prior: try prior?.id, results: results)
    }
}
