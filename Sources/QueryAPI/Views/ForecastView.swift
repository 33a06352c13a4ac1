import Domain

/// What is said of when an open issue will be done, or why there is nothing yet.
struct ForecastView: Encodable, Sendable {
    enum State: String, Encodable, Sendable, CaseIterable {
        /// There is at least one answer.
        case ready
        /// None was made yet.
        case pending
        /// The team has finished too little.
        case insufficientEvidence = "insufficient_evidence"
        /// The issue was never seen whole.
        case historyUnknown = "history_unknown"
    }

    var state: State
    /// What is missing before more can be said, of the first question.
    var missing: [MissingEvidence]
    /// The model or baseline behind it.
    var model: String?
    var asOf: Timestamp?
    var finishedIssues: Int?
    /// How old it is among what the team finished, in percent and in words.
    var agePercentile: Int?
    var ageSentence: String?
    var answers: [ForecastAnswerView]
    /// When it is 50 and 85 % likely to be done.
    var done50At: Timestamp?
    var done85At: Timestamp?

    // The encoder's snake case would not split the numbers off.
    private enum CodingKeys: String, CodingKey {
        case state, missing, model, asOf, finishedIssues, agePercentile, ageSentence, answers
        case done50At = "done_50_at"
        case done85At = "done_85_at"
    }

    init(_ forecast: IssueForecast?) {
        guard let forecast else {
            self.init(state: .pending, missing: [], answers: [])
            return
        }
        let isReady = forecast.answers.contains { $0.probability != nil }
        self.init(
            state: forecast.isPastUnknown ? .historyUnknown : isReady ? .ready : .insufficientEvidence,
            missing: forecast.answers.first?.missing ?? forecast.missing, model: forecast.modelID,
            asOf: forecast.asOf, finishedIssues: forecast.finished, agePercentile: forecast.agePercentile,
            ageSentence: forecast.ageSentence, answers: forecast.answers.map(ForecastAnswerView.init),
            done50At: forecast.p50At, done85At: forecast.p85At)
    }

    private init(
        state: State, missing: [MissingEvidence], model: String? = nil, asOf: Timestamp? = nil,
        finishedIssues: Int? = nil, agePercentile: Int? = nil, ageSentence: String? = nil,
        answers: [ForecastAnswerView], done50At: Timestamp? = nil, done85At: Timestamp? = nil
    ) {
        self.state = state
        self.missing = missing
        self.model = model
        self.asOf = asOf
        self.finishedIssues = finishedIssues
        self.agePercentile = agePercentile
        self.ageSentence = ageSentence
        self.answers = answers
        self.done50At = done50At
        self.done85At = done85At
    }
}

/// Whether an issue is done by one deadline. Of `percent`, `level` and `late_by_days` there is one at most.
struct ForecastAnswerView: Encodable, Sendable {
    struct Similar: Encodable, Sendable {
        var issues: Int
        var late: Int
    }
    struct Later: Encodable, Sendable {
        var days: Int
        var percent: Int
    }
    struct BlockersClosed: Encodable, Sendable {
        var percent: Int
        var samples: Int
        var late: Int
    }
    struct Explanation: Encodable, Sendable {
        struct Part: Encodable, Sendable {
            var group: String
            var points: Int
            var text: String
        }
        var typical: Int
        var parts: [Part]
        var other: Int
    }

    var question: ForecastQuestion
    var rung: ForecastRung
    var deadline: Timestamp
    var sentence: String
    /// The probability that it is done later.
    var percent: Int?
    var level: ForecastLevel?
    var lateByDays: Int?
    /// What is missing for the next rung.
    var missing: [MissingEvidence]
    /// Issues with such a number in the backtest, and how many came late.
    var similar: Similar?
    /// The number with a later deadline.
    var later: [Later]?
    var blockersClosed: BlockersClosed?
    /// With `typical` and `other` the parts' points sum to the number.
    var explanation: Explanation?

    init(_ answer: IssueForecast.Answer) {
        question = answer.question
        rung = answer.rung
        deadline = answer.deadline
        sentence = answer.sentence
        percent = answer.percent
        level = answer.level
        lateByDays = answer.lateByDays
        missing = answer.missing
        similar = answer.tenth.map { Similar(issues: $0.issues, late: $0.late) }
        later = answer.later.isEmpty ? nil : answer.later.map { Later(days: $0.days, percent: $0.percent) }
        blockersClosed = answer.blockersClosed.map {
            BlockersClosed(percent: $0.percent, samples: $0.samples, late: $0.late)
        }
        explanation = answer.explanation.map { explanation in
            Explanation(
                typical: explanation.typical,
                parts: explanation.parts.map {
                    Explanation.Part(group: $0.group, points: $0.points, text: $0.text)
                }, other: explanation.other)
        }
    }
}

/// How many of several issues will be late.
struct OutlookView: Encodable, Sendable {
    enum State: String, Encodable, Sendable, CaseIterable {
        case ready
        /// No issue has a number.
        case insufficientEvidence = "insufficient_evidence"
    }

    var question: ForecastQuestion
    var state: State
    var openIssues: Int
    var alreadyLate: Int
    var withoutForecast: Int
    /// The mean and the standard deviation of the number of late ones, to one decimal.
    var expected: Double?
    var deviation: Double?
    /// The 10th and 90th percentile of that number.
    var low: Int?
    var high: Int?
    var sentence: String?
    var missing: [MissingEvidence]

    init(_ outlook: ForecastOutlook) {
        question = outlook.question
        state = outlook.lateness == nil ? .insufficientEvidence : .ready
        openIssues = outlook.openIssues
        alreadyLate = outlook.alreadyLate
        withoutForecast = outlook.withoutForecast
        expected = outlook.expected
        deviation = outlook.deviation
        low = outlook.lateness?.low
        high = outlook.lateness?.high
        sentence = outlook.sentence
        missing = outlook.missing
    }
}
