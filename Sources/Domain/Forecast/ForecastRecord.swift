/// The current forecast of an open issue, as it is stored: one for each issue.
public struct ForecastRecord: Sendable, Hashable {
    /// The issue.
    public var issueID: IssueID
    /// What made it, see ``ForecastBasisID/modelKey``.
    public var modelID: String
    /// The instant of which it speaks.
    public var asOf: Timestamp
    /// Probability, 0 to 1, that it is done later than usual; nil where that has no answer.
    public var lateUsual: Double?
    /// Probability, 0 to 1, that it is done after its due date; nil where that has no answer.
    public var lateDue: Double?
    /// Probability, 0 to 1, that it is done after the end of its sprint; nil where that has no answer.
    public var lateSprint: Double?
    /// When it is 50 % likely to be done; nil where that is beyond what the model looks at.
    public var p50At: Timestamp?
    /// When it is 85 % likely to be done; nil where that is beyond what the model looks at.
    public var p85At: Timestamp?
    /// Everything else, a JSON object. Its form, with a version of its own, belongs to who makes it; the store keeps the text
    /// as it is.
    public var payload: String

    public init(
        issueID: IssueID, modelID: String, asOf: Timestamp, lateUsual: Double? = nil, lateDue: Double? = nil,
        lateSprint: Double? = nil, p50At: Timestamp? = nil, p85At: Timestamp? = nil, payload: String
    ) {
        self.issueID = issueID
        self.modelID = modelID
        self.asOf = asOf
        self.lateUsual = lateUsual
        self.lateDue = lateDue
        self.lateSprint = lateSprint
        self.p50At = p50At
        self.p85At = p85At
        self.payload = payload
    }

    /// The probability for a question; nil where that has no answer.
    public subscript(question: ForecastQuestion) -> Double? {
        switch question {
        case .usual: lateUsual
        case .due: lateDue
        case .sprint: lateSprint
        }
    }
}

/// A model that makes forecasts of a tenant's issues, as it is stored.
public struct ForecastModelRecord: Sendable, Hashable {
    /// Whether the model is used.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// It makes the tenant's forecasts; a tenant has one such model at most.
        case active
        /// It lost its backtest.
        case rejected
        /// It was active until a later one was.
        case superseded
    }

    /// Hash of all that the model was made from, unique in the tenant: the same history gives the same id.
    public var id: String
    /// What kind of model it is, in the words of who makes it.
    public var kind: String
    /// Whether it is used.
    public var state: State
    /// When it was made.
    public var createdAt: Timestamp
    /// The cut: it knows nothing of what came later.
    public var cutAt: Timestamp
    /// What it is loaded from; empty where only the verdict is kept.
    public var file: [UInt8]
    /// How its backtest ended and what it was made from, a JSON object whose form belongs to who makes it; the store keeps the
    /// text as it is. Nil without a backtest.
    public var verdict: String?

    public init(
        id: String, kind: String, state: State, createdAt: Timestamp, cutAt: Timestamp, file: [UInt8],
        verdict: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.createdAt = createdAt
        self.cutAt = cutAt
        self.file = file
        self.verdict = verdict
    }
}
