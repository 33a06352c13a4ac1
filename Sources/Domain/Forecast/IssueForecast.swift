import Foundation

/// What is said of when an open issue will be done: an answer for each question that it has a deadline for, and two dates.
///
/// It is a value that rendering needs nothing else for. Its stored form has a version, see ``init(from:)``.
public struct IssueForecast: Sendable, Hashable {
    /// The model or baseline behind it, see ``ForecastBasisID/modelKey``.
    public var modelID: String
    /// The instant of which it speaks.
    public var asOf: Timestamp
    /// Issues that the tenant finished in the 24 months before.
    public var finished: Int
    /// Whether too little is known of the issue's past: it was never seen whole. Then there is nothing else.
    public var isPastUnknown: Bool
    /// The share of the issues that the team finished which took less time than this one has been open, in whole percent;
    /// nil where none was finished.
    public var agePercentile: Int?
    /// In the order of ``ForecastQuestion``; a question without a deadline has none.
    public var answers: [Answer]
    /// When it is 50 % likely to be done; nil without a model, and beyond what the model looks at.
    public var p50At: Timestamp?
    /// When it is 85 % likely to be done, as ``p50At``.
    public var p85At: Timestamp?
    /// What is missing before more can be said of the usual time: for an issue without that answer.
    public var missing: [MissingEvidence]

    public init(
        modelID: String, asOf: Timestamp, finished: Int, isPastUnknown: Bool = false, agePercentile: Int? = nil,
        answers: [Answer] = [], p50At: Timestamp? = nil, p85At: Timestamp? = nil, missing: [MissingEvidence] = []
    ) {
        self.modelID = modelID
        self.asOf = asOf
        self.finished = finished
        self.isPastUnknown = isPastUnknown
        self.agePercentile = agePercentile
        self.answers = answers
        self.p50At = p50At
        self.p85At = p85At
        self.missing = missing
    }

    /// The answer to a question; nil where the issue has no such deadline.
    public subscript(question: ForecastQuestion) -> Answer? { answers.first { $0.question == question } }
}

extension IssueForecast {
    /// Whether the issue is done by one deadline.
    public struct Answer: Sendable, Hashable, Codable {
        /// The question.
        public var question: ForecastQuestion
        /// By when.
        public var deadline: Timestamp
        /// What the tenant is shown, by the evidence there is.
        public var rung: ForecastRung
        /// What is missing for the next rung.
        public var missing: [MissingEvidence]
        /// The probability, 0 to 1, that it is done later, exact; 1 past the deadline. Nil where nothing predicts. Not to be
        /// shown: ``percent`` is.
        public var probability: Double?
        /// Days by which the deadline has passed, begun ones counted: then it is late, which is no forecast. Nil before.
        public var lateByDays: Int?
        /// What came of the predictions of the same tenth in the backtest; nil without a backtest.
        public var tenth: Tenth?
        /// What the number would be with a later deadline, where that is another; exact, by the same curve.
        public var later: [LaterDeadline]
        /// What it would be if the issues that block this one were closed; nil where nothing supports such a statement.
        public var blockersClosed: BlockersClosed?
        /// Why the number is what it is; nil where it was not asked for or there is no number of the model.
        public var explanation: Explanation?

        public init(
            question: ForecastQuestion, deadline: Timestamp, rung: ForecastRung, missing: [MissingEvidence] = [],
            probability: Double? = nil, lateByDays: Int? = nil, tenth: Tenth? = nil, later: [LaterDeadline] = [],
            blockersClosed: BlockersClosed? = nil, explanation: Explanation? = nil
        ) {
            self.question = question
            self.deadline = deadline
            self.rung = rung
            self.missing = missing
            self.probability = probability
            self.lateByDays = lateByDays
            self.tenth = tenth
            self.later = later
            self.blockersClosed = blockersClosed
            self.explanation = explanation
        }

        /// The number that is shown, in percent; nil past the deadline, and on a rung that gives none.
        public var percent: Int? {
            guard rung.givesNumbers, lateByDays == nil else { return nil }
            return probability.map(ShownProbability.percent)
        }

        /// The word that is shown on the prior's rung; nil on others and past the deadline.
        public var level: ForecastLevel? {
            guard rung == .prior, lateByDays == nil else { return nil }
            return probability.map(ShownProbability.level)
        }

        private enum CodingKeys: String, CodingKey {
            case question, deadline, rung, missing, probability, lateByDays, tenth, later, blockersClosed, explanation
        }
    }

    /// Issues whose predictions lay in one tenth of probability, and those of them that came late.
    public struct Tenth: Sendable, Hashable, Codable {
        /// Issues.
        public var issues: Int
        /// Those of them that came late.
        public var late: Int

        public init(issues: Int, late: Int) {
            self.issues = issues
            self.late = late
        }

        private enum CodingKeys: String, CodingKey { case issues, late }
    }

    /// The number with another deadline.
    public struct LaterDeadline: Sendable, Hashable, Codable {
        /// Days after the present one.
        public var days: Int
        /// The number that would be shown.
        public var percent: Int

        public init(days: Int, percent: Int) {
            self.days = days
            self.percent = percent
        }

        private enum CodingKeys: String, CodingKey { case days, percent }
    }

    /// The number if no blocker were open, with what the statement rests on.
    public struct BlockersClosed: Sendable, Hashable, Codable {
        /// The number that would be shown.
        public var percent: Int
        /// Training samples whose blockers were closed.
        public var samples: Int
        /// Those of them that came late.
        public var late: Int

        public init(percent: Int, samples: Int, late: Int) {
            self.percent = percent
            self.samples = samples
            self.late = late
        }

        private enum CodingKeys: String, CodingKey { case percent, samples, late }
    }

    /// Why the number is what it is: with ``typical`` and ``other`` the parts' points sum to it. Association, not cause.
    public struct Explanation: Sendable, Hashable, Codable {
        /// What a group of features adds or takes.
        public struct Part: Sendable, Hashable, Codable {
            /// The group's name, as `activity`.
            public var group: String
            /// Percentage points.
            public var points: Int
            /// What is so with this issue, as `silent for 67 days`.
            public var text: String

            public init(group: String, points: Int, text: String) {
                self.group = group
                self.points = points
                self.text = text
            }

            private enum CodingKeys: String, CodingKey { case group, points, text }
        }

        /// A typical open issue's number for the same time left.
        public var typical: Int
        /// The largest effect first.
        public var parts: [Part]
        /// Groups under a point together, and what rounding the shown number adds.
        public var other: Int

        public init(typical: Int, parts: [Part], other: Int) {
            self.typical = typical
            self.parts = parts
            self.other = other
        }

        private enum CodingKeys: String, CodingKey { case typical, parts, other }
    }
}

// The form in which it is stored, apart from any answer of the API.
extension IssueForecast: Codable {
    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case modelID, asOf, finished, isPastUnknown, agePercentile, answers, p50At, p85At, missing
    }

    /// Of the stored form. A reader leaves out what it does not know; another number is another meaning.
    private static var version: Int { 1 }

    /// Reads the stored form. Throws `DecodingError`, also for one of a later version.
    public init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        guard try row.decode(Int.self, forKey: .version) == Self.version else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: row, debugDescription: "a forecast of another version")
        }
        self.init(
            modelID: try row.decode(String.self, forKey: .modelID), asOf: try row.decode(Timestamp.self, forKey: .asOf),
            finished: try row.decode(Int.self, forKey: .finished),
            isPastUnknown: try row.decodeIfPresent(Bool.self, forKey: .isPastUnknown) ?? false,
            agePercentile: try row.decodeIfPresent(Int.self, forKey: .agePercentile),
            answers: try row.decodeIfPresent([Answer].self, forKey: .answers) ?? [],
            p50At: try row.decodeIfPresent(Timestamp.self, forKey: .p50At),
            p85At: try row.decodeIfPresent(Timestamp.self, forKey: .p85At),
            missing: try row.decodeIfPresent([MissingEvidence].self, forKey: .missing) ?? [])
    }

    /// Writes the stored form.
    public func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.encode(Self.version, forKey: .version)
        try row.encode(modelID, forKey: .modelID)
        try row.encode(asOf, forKey: .asOf)
        try row.encode(finished, forKey: .finished)
        if isPastUnknown { try row.encode(true, forKey: .isPastUnknown) }
        try row.encodeIfPresent(agePercentile, forKey: .agePercentile)
        try row.encode(answers, forKey: .answers)
        try row.encodeIfPresent(p50At, forKey: .p50At)
        try row.encodeIfPresent(p85At, forKey: .p85At)
        if !missing.isEmpty { try row.encode(missing, forKey: .missing) }
    }
}

extension ForecastRecord {
    /// The record of an issue's forecast. Throws for numbers that JSON has not.
    public init(_ forecast: IssueForecast, of issueID: IssueID) throws {
        self.init(
            issueID: issueID, modelID: forecast.modelID, asOf: forecast.asOf,
            lateUsual: forecast[.usual]?.probability, lateDue: forecast[.due]?.probability,
            lateSprint: forecast[.sprint]?.probability, p50At: forecast.p50At, p85At: forecast.p85At,
            payload: String(decoding: try CanonicalJSON.encode(forecast), as: UTF8.self))
    }

    /// What it says; nil where it is of a form that this version does not know, as after a downgrade: it is made again soon.
    public var forecast: IssueForecast? {
        // Unreadable is as good as not there yet.
        try? CanonicalJSON.decode(IssueForecast.self, from: Data(payload.utf8))
    }
}
