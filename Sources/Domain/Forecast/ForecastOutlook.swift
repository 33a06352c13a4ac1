/// What the forecasts of several open issues say together of one question.
public struct ForecastOutlook: Sendable, Hashable {
    /// The question.
    public var question: ForecastQuestion
    /// Issues with such a deadline, or all of a sprint.
    public var openIssues: Int
    /// Those of them whose deadline has passed; they count as late.
    public var alreadyLate: Int
    /// Those of them without a number: no forecast was made yet, or their past is not known.
    public var withoutForecast: Int
    /// Over the issues with a number; nil where the tenant's rung gives none.
    public var lateness: LatenessOutlook?
    /// What is missing for numbers.
    public var missing: [MissingEvidence]

    /// The outlook of issues.
    ///
    /// - Parameters:
    ///   - forecasts: of each open issue; nil without one.
    ///   - deadline: leaves out answers for another one, as when an issue is in two sprints; nil takes all.
    ///   - countsAll: whether an issue without such a deadline counts, as one of a sprint does.
    public init(
        _ question: ForecastQuestion, of forecasts: [IssueForecast?], deadline: Timestamp? = nil, countsAll: Bool
    ) {
        self.question = question
        let answers = forecasts.map { forecast -> IssueForecast.Answer? in
            guard let answer = forecast?[question], deadline.map({ answer.deadline == $0 }) ?? true else { return nil }
            return answer
        }
        let known = answers.compactMap(\.self)
        openIssues = countsAll ? answers.count : known.count
        alreadyLate = known.count { $0.lateByDays != nil }
        let isShown = known.contains { $0.rung.givesNumbers }
        let probabilities = known.filter { $0.rung.givesNumbers || (isShown && $0.lateByDays != nil) }
            .compactMap(\.probability)
        lateness = probabilities.isEmpty || !isShown ? nil : LatenessOutlook(probabilities)
        withoutForecast = openIssues - probabilities.count
        missing = isShown ? [] : known.first?.missing ?? forecasts.compactMap { $0?.missing }.first ?? []
    }

    /// The mean of the number of late ones as it is shown, to one decimal; nil without numbers.
    public var expected: Double? { lateness.map { Self.tenths($0.expected) } }

    /// The standard deviation of that number, as ``expected``.
    public var deviation: Double? { lateness.map { Self.tenths($0.deviation) } }

    private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    /// `Of 14 open issues about 5 ± 2 will not be done by the end`; nil without numbers.
    public var sentence: String? {
        guard let lateness else { return nil }
        func whole(_ value: Double) -> Int { Int(value.rounded()) }
        let event =
            switch question {
            case .usual: "will take longer than usual"
            case .due: "will miss their due dates"
            case .sprint: "will not be done by the end"
            }
        let rest = withoutForecast > 0 ? "; \(withoutForecast) more have no forecast" : ""
        return
            "Of \(lateness.issues) open issues about \(whole(lateness.expected)) ± \(whole(lateness.deviation)) \(event)"
            + rest
    }
}
