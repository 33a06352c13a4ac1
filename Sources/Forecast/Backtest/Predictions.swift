import Domain

/// What a backtest predicted and what came true, for one question: columns of equal length.
struct Predictions: Sendable {
    /// ``BacktestFigures/model`` and its values; NaN where it has none.
    private(set) var models: [(name: String, isProbability: Bool, values: [Double])]
    private(set) var issues: [IssueID] = []
    private(set) var instants: [Timestamp] = []
    private(set) var late: [Bool] = []
    /// Days to the deadline, and from creation to it.
    private(set) var left: [Double] = []
    private(set) var allowed: [Double] = []

    init(models: [(name: String, isProbability: Bool)]) {
        self.models = models.map { ($0.name, $0.isProbability, []) }
    }

    var count: Int { late.count }

    mutating func append(_ sample: Sample, deadline: Timestamp, late isLate: Bool, values: [Double]) {
        issues.append(sample.issue)
        instants.append(sample.at)
        late.append(isLate)
        left.append(deadline.days(since: sample.at))
        allowed.append(deadline.days(since: sample.created))
        for (index, value) in values.enumerated() { models[index].values.append(value) }
    }

    /// The predictions of a place and a length.
    func part(_ range: Range<Int>) -> Predictions {
        var part = self
        part.issues = Array(issues[range])
        part.instants = Array(instants[range])
        part.late = Array(late[range])
        part.left = Array(left[range])
        part.allowed = Array(allowed[range])
        part.models = models.map { ($0.name, $0.isProbability, Array($0.values[range])) }
        return part
    }

    func values(of model: String) -> [Double]? { models.first { $0.name == model }?.values }

    /// For each prediction the number of its issue, from 0 on in the order of first appearance.
    var issueNumbers: [Int] {
        var numbers: [IssueID: Int] = [:]
        return issues.map { issue in
            let number = numbers[issue] ?? numbers.count
            numbers[issue] = number
            return number
        }
    }

    func figures(cut: Timestamp?) -> BacktestPart {
        BacktestPart(
            cut: cut?.milliseconds, samples: count, issues: Set(issues).count,
            baseRate: count == 0 ? 0 : Double(late.count { $0 }) / Double(count),
            figures: models.compactMap { figures(of: $0, withBins: cut == nil) })
    }

    private func figures(
        of model: (name: String, isProbability: Bool, values: [Double]), withBins: Bool
    ) -> BacktestFigures? {
        // A rule score may have no value for some: then it is judged on the others.
        let known = model.values.indices.filter { !model.values[$0].isNaN }
        guard !known.isEmpty else { return nil }
        let (values, outcomes) = (known.map { model.values[$0] }, known.map { late[$0] })
        var figures = BacktestFigures(
            model: model.name, values: values, outcomes: outcomes, isProbability: model.isProbability)
        if !withBins { figures.reliability = nil }
        figures.precisionAtTen = precisionAtTen(values, places: known)
        return figures
    }

    private func precisionAtTen(_ values: [Double], places: [Int]) -> Double? {
        let groups = Dictionary(grouping: places.indices) { instants[places[$0]] }
        let shares = groups.sorted { $0.key < $1.key }.compactMap { group -> Double? in
            guard group.value.count >= 20 else { return nil }
            let first = group.value.sorted { (values[$1], $0) < (values[$0], $1) }.prefix(10)
            return Double(first.count { late[places[$0]] }) / 10
        }
        return shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
    }

    /// 1 - Brier(model) / Brier(other), with its 90 % interval.
    func skill(of model: String, over other: String, _ bootstrap: Bootstrap) -> Interval? {
        guard let first = values(of: model), let second = values(of: other) else { return nil }
        let errors = late.indices.map { Calibration.squaredError(first[$0], late[$0]) }
        let others = late.indices.map { Calibration.squaredError(second[$0], late[$0]) }
        return bootstrap.interval(confidence: 0.9) { weights in
            var (a, b) = (0.0, 0.0)
            for index in errors.indices {
                let weight = weights?[index] ?? 1
                a += weight * errors[index]
                b += weight * others[index]
            }
            return b > 0 ? 1 - a / b : nil
        }
    }

    /// AUC of `model`, less that of `other` if there is one, with its 95 % interval.
    func area(of model: String, less other: String? = nil, _ bootstrap: Bootstrap) -> Interval? {
        guard let first = values(of: model) else { return nil }
        let ranking = Ranking(first, late)
        let otherRanking = other.flatMap { values(of: $0) }.map { Ranking($0, late) }
        return bootstrap.interval(confidence: 0.95) { weights in
            guard let area = ranking.area(weights: weights) else { return nil }
            guard let otherRanking else { return area }
            return otherRanking.area(weights: weights).map { area - $0 }
        }
    }

    /// At 80, 90 and 95 % precision.
    func leadTimes(of model: String) -> [FlagLeadTime] {
        guard let values = values(of: model) else { return [] }
        let numbers = issueNumbers
        let flaggable = late.indices.map { index in
            FlagLeadTime.Flaggable(
                issue: numbers[index], at: instants[index].milliseconds, probability: values[index],
                isLate: late[index], left: left[index], allowed: allowed[index])
        }
        return [0.8, 0.9, 0.95].compactMap { FlagLeadTime.of(flaggable, precision: $0) }
    }

    /// Issues and late ones by tenths of a model's probability.
    func tenths(of model: String) -> [OutcomeTenths.Tenth] {
        var (all, lateOnes) = ([Set<IssueID>](repeating: [], count: 10), [Set<IssueID>](repeating: [], count: 10))
        for (index, value) in (values(of: model) ?? []).enumerated() {
            let tenth = OutcomeTenths.index(of: value)
            all[tenth].insert(issues[index])
            if late[index] { lateOnes[tenth].insert(issues[index]) }
        }
        return zip(all, lateOnes).map { OutcomeTenths.Tenth(issues: $0.count, late: $1.count) }
    }
}
