/// A backtest that somebody asked for, as it is stored: a tenant has one, the newest.
public struct ForecastBacktest: Sendable, Hashable {
    /// How far it is.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// No node has ended it yet.
        case waiting
        /// ``ForecastBacktest/result`` holds the figures.
        case done
        /// ``ForecastBacktest/error`` says why.
        case failed
    }

    /// How far it is.
    public var state: State
    /// What was asked, a JSON object whose form belongs to who asks.
    public var options: String
    /// When it was asked for.
    public var requestedAt: Timestamp
    /// When it ended; nil while it waits.
    public var finishedAt: Timestamp?
    /// Cuts that are done, of ``total``; both 0 before it is known.
    public var done: Int
    /// See ``done``.
    public var total: Int
    /// The figures, a JSON object whose form belongs to who makes it.
    public var result: String?
    /// Why it failed, for people.
    public var error: String?

    public init(
        state: State, options: String, requestedAt: Timestamp, finishedAt: Timestamp? = nil, done: Int = 0,
        total: Int = 0, result: String? = nil, error: String? = nil
    ) {
        self.state = state
        self.options = options
        self.requestedAt = requestedAt
        self.finishedAt = finishedAt
        self.done = done
        self.total = total
        self.result = result
        self.error = error
    }
}

/// A backtest that a node works on, under a lease.
public struct BacktestClaim: Sendable, Hashable {
    /// The tenant.
    public var tenantID: TenantID
    /// Names the lease; what is recorded under an expired one has no effect.
    public var leaseToken: String
    /// ``ForecastBacktest/options``.
    public var options: String
    /// Attempts before this one that came to no end.
    public var attempts: Int

    public init(tenantID: TenantID, leaseToken: String, options: String, attempts: Int) {
        self.tenantID = tenantID
        self.leaseToken = leaseToken
        self.options = options
        self.attempts = attempts
    }
}

/// A rule score of an issue, as it was recorded.
public struct PastScore: Sendable, Hashable {
    /// The issue.
    public var issueID: IssueID
    /// The instant that it speaks of.
    public var at: Timestamp
    /// 0–100.
    public var score: Int
    /// ``EngineIdentity/scorer`` of the rules that gave it.
    public var scorer: String

    public init(issueID: IssueID, at: Timestamp, score: Int, scorer: String) {
        self.issueID = issueID
        self.at = at
        self.score = score
        self.scorer = scorer
    }
}
