import Domain

/// The weekly check of a tenant's model against what has happened since; a pure function of what it is given.
struct DriftCheck: Sendable {
    let histories: [IssueHistory]
    let maker = SampleMaker()
    let now: Timestamp

    /// Days in which completions are counted.
    static let tempoDays = 28
    /// Days in which outcomes have ripened.
    static let outcomeDays = 56

    /// Chooses the model that may be judged: the newest whose cut is at least ``tempoDays`` ago, for what a model has learned
    /// from is no test of it. `models`: those that were active, in any order. Nil where all are younger.
    static func judged(among models: [ForecastModelRecord], now: Timestamp) -> ForecastModelRecord? {
        models.filter { $0.state != .rejected && $0.cutAt <= now.adding(days: -tempoDays) }
            .max { ($0.cutAt, $0.id) < ($1.cutAt, $1.id) }
    }

    /// The one that has the most outcomes to be judged by: the oldest whose cut is not more than ``outcomeDays`` ago, or else
    /// the newest of the older ones.
    static func judgedByOutcomes(among models: [ForecastModelRecord], now: Timestamp) -> ForecastModelRecord? {
        let used = models.filter { $0.state != .rejected }.sorted { ($0.cutAt, $0.id) < ($1.cutAt, $1.id) }
        let start = now.adding(days: -outcomeDays)
        return used.last { $0.cutAt <= start } ?? used.first
    }

    /// Completions since ``tempoDays`` ago against those that the model expected; nil where no issue was open.
    func tempo(_ model: ForecastModel) throws -> Drift.Tempo? {
        let start = now.adding(days: -Self.tempoDays)
        let samples = maker.samples(of: histories, at: start)
        guard !samples.isEmpty else { return nil }
        let curves = try model.predictor().curves(samples.map(\.features))
        let outcomes = outcomes
        let completions = zip(samples, curves).compactMap { sample, curve -> (probability: Double, done: Bool)? in
            guard let outcome = outcomes(sample) else { return nil }
            // Deleted before the end: neither done nor not.
            guard outcome.done != nil || outcome.observedUntil >= now else { return nil }
            return (1 - curve.survival(days: Double(Self.tempoDays)), outcome.done != nil)
        }
        return completions.isEmpty ? nil : Drift.tempo(completions)
    }

    /// What came of the model's "later than usual" since its cut, where that is known since ``outcomeDays`` ago: the first
    /// prediction of each issue.
    func ripened(_ model: ForecastModel) throws -> [(model: Double, age: Double, late: Bool)] {
        guard let age = model.ages.first(where: { $0.question == Question.usual.name }) else { return [] }
        let samples = SampleMaker(grid: SampleGrid(first: model.cut.adding(milliseconds: 1)))
            .samples(of: histories, upTo: now).training(at: now)
        let start = max(model.cut, now.adding(days: -Self.outcomeDays))
        let outcomes = outcomes
        var seen: Set<IssueID> = []
        var chosen: [(sample: Sample, late: Bool, left: Double)] = []
        for sample in samples where !seen.contains(sample.issue) {
            guard let deadline = Question.usual.deadline(of: sample), deadline > start, let outcome = outcomes(sample),
                let late = Question.usual.isLate(sample, outcome, cut: now)
            else { continue }
            seen.insert(sample.issue)
            chosen.append((sample, late, deadline.days(since: sample.at)))
        }
        let curves = try model.predictor().curves(chosen.map(\.sample.features))
        return zip(chosen, curves).compactMap { choice, curve in
            age.probability(of: choice.sample).map { (curve.survival(days: choice.left), $0, choice.late) }
        }
    }

    /// The features that matter most whose values among open issues are not those of the training.
    func moved(_ model: ForecastModel) -> [DriftRecord.Moved] {
        let samples = maker.samples(of: histories, at: now)
        return model.distributions.compactMap { distribution in
            let index = distribution.stabilityIndex(of: samples.map { $0[distribution.feature] })
            guard let index, index > Drift.stabilityLimit else { return nil }
            return DriftRecord.Moved(feature: distribution.feature.rawValue, index: index)
        }
    }

    private var outcomes: (Sample) -> Outcome? {
        let byID = Dictionary(histories.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return { sample in byID[sample.issue]?.outcome(after: sample.at, cut: now) }
    }
}
