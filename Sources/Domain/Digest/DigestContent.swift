/// What a digest says: a value that rendering needs nothing else for. It is also the form in which it is stored with its
/// alert: a new member is optional.
public struct DigestContent: Sendable, Hashable, Codable {
    /// Of how long a time it speaks.
    public var every: DigestSchedule.Period
    /// The zone in whose days and times it speaks, an IANA name.
    public var timeZone: String
    /// The beginning of its period.
    public var from: Timestamp
    /// The end of its period, which is the instant it was due.
    public var to: Timestamp
    /// The instant of its figures: after ``to`` where it is late.
    public var asOf: Timestamp
    /// Whether somebody asked for it before it was due.
    public var isRequested: Bool
    /// The tenant's Jira.
    public var siteURL: String
    /// The projects it is about; empty for all.
    public var projectKeys: [String]
    /// The open issues by band.
    public var open: RiskCounts
    /// Open issues of high or medium risk, the highest first; at most ten.
    public var riskiest: [Line]
    /// Open issues whose score rose most; at most five.
    public var risen: [Line]
    /// Open issues whose score fell most; at most five.
    public var fallen: [Line]
    /// Issues at risk that are due before the next digest, the first due first; at most ten.
    public var due: [Line]
    /// How many there are of those.
    public var dueCount: Int
    /// Active sprints, the first that ends first; at most five.
    public var sprints: [SprintLine]
    /// Alerts of the period that a silence kept back, by silence, the most first; at most ten.
    public var silenced: [SilencedLine]
    /// What was given up in the period, by channel and reason, the most first; at most ten.
    public var undelivered: [UndeliveredLine]
    /// How the issues that are open now stood on the days before, the oldest first.
    public var days: [Day]
    /// What the scorecards of the rules say; nil in a daily digest.
    public var rules: RuleReview?

    public init(
        every: DigestSchedule.Period, timeZone: String, from: Timestamp, to: Timestamp, asOf: Timestamp,
        isRequested: Bool = false, siteURL: String, projectKeys: [String] = [], open: RiskCounts = RiskCounts(),
        riskiest: [Line] = [], risen: [Line] = [], fallen: [Line] = [], due: [Line] = [], dueCount: Int = 0,
        sprints: [SprintLine] = [], silenced: [SilencedLine] = [], undelivered: [UndeliveredLine] = [],
        days: [Day] = [], rules: RuleReview? = nil
    ) {
        self.every = every
        self.timeZone = timeZone
        self.from = from
        self.to = to
        self.asOf = asOf
        self.isRequested = isRequested
        self.siteURL = siteURL
        self.projectKeys = projectKeys
        self.open = open
        self.riskiest = riskiest
        self.risen = risen
        self.fallen = fallen
        self.due = due
        self.dueCount = dueCount
        self.sprints = sprints
        self.silenced = silenced
        self.undelivered = undelivered
        self.days = days
        self.rules = rules
    }

    private enum CodingKeys: String, CodingKey {
        case every, timeZone, from, to, asOf, isRequested, siteURL, projectKeys, open, riskiest, risen, fallen, due
        case dueCount, sprints, silenced, undelivered, days, rules
    }

    /// Whether there is nothing to say: no issue at risk, none that moved, nothing silenced, nothing that could not be
    /// delivered, no sprint of whose issues one or more are expected to be late, and no rule to change.
    public var isEmpty: Bool {
        riskiest.isEmpty && risen.isEmpty && fallen.isEmpty && due.isEmpty && silenced.isEmpty && undelivered.isEmpty
            && !sprints.contains { ($0.expectedLate ?? 0) >= 0.5 } && rules?.changes.isEmpty ?? true
    }

    /// The address of an issue in a browser.
    public func address(of key: IssueKey) -> String { "\(siteURL)/browse/\(key)" }
}

extension DigestContent {
    /// One issue.
    public struct Line: Sendable, Hashable, Codable {
        /// The issue's key.
        public var key: IssueKey
        /// As in Jira, not shortened.
        public var summary: String
        /// 0–100.
        public var score: Int
        /// The score when the period began; nil where it had none then.
        public var previousScore: Int?
        /// The largest factor's sentence; of an issue that moved, how the factor moved that moved most.
        public var cause: String?
        /// What the forecast says, one sentence without a full stop; nil without one.
        public var forecast: String?
        /// The due date.
        public var dueDate: CalendarDay?
        /// Whether the issue has a security level: not everybody in Jira may read it.
        public var isRestricted: Bool

        public init(
            key: IssueKey, summary: String, score: Int, previousScore: Int? = nil, cause: String? = nil,
            forecast: String? = nil, dueDate: CalendarDay? = nil, isRestricted: Bool = false
        ) {
            self.key = key
            self.summary = summary
            self.score = score
            self.previousScore = previousScore
            self.cause = cause
            self.forecast = forecast
            self.dueDate = dueDate
            self.isRestricted = isRestricted
        }

        private enum CodingKeys: String, CodingKey {
            case key, summary, score, previousScore, cause, forecast, dueDate, isRestricted
        }
    }

    /// One active sprint.
    public struct SprintLine: Sendable, Hashable, Codable {
        /// The sprint's name.
        public var name: String
        /// The planned end; nil where Jira named none.
        public var endsAt: Timestamp?
        /// Its open issues by band.
        public var open: RiskCounts
        /// How many of them will not be done by the end, by their forecasts; nil where the tenant's rung gives no numbers.
        public var expectedLate: Double?
        /// The outlook in one sentence without a full stop; nil as ``expectedLate``.
        public var outlook: String?

        public init(
            name: String, endsAt: Timestamp?, open: RiskCounts, expectedLate: Double? = nil, outlook: String? = nil
        ) {
            self.name = name
            self.endsAt = endsAt
            self.open = open
            self.expectedLate = expectedLate
            self.outlook = outlook
        }

        private enum CodingKeys: String, CodingKey { case name, endsAt, open, expectedLate, outlook }
    }

    /// What one silence kept back.
    public struct SilencedLine: Sendable, Hashable, Codable {
        /// Why, in the words of who made the silence.
        public var reason: String
        /// Who made it.
        public var createdBy: String
        /// How many alerts.
        public var alerts: Int

        public init(reason: String, createdBy: String, alerts: Int) {
            self.reason = reason
            self.createdBy = createdBy
            self.alerts = alerts
        }

        private enum CodingKeys: String, CodingKey { case reason, createdBy, alerts }
    }

    /// What could not be delivered on one channel, for one reason.
    public struct UndeliveredLine: Sendable, Hashable, Codable {
        /// The channel's name at that time.
        public var channel: String
        /// Why.
        public var reason: String
        /// How many deliveries.
        public var deliveries: Int

        public init(channel: String, reason: String, deliveries: Int) {
            self.channel = channel
            self.reason = reason
            self.deliveries = deliveries
        }

        private enum CodingKeys: String, CodingKey { case channel, reason, deliveries }
    }

    /// The issues that are open now, as they stood at an earlier instant; those that had no score then are left out.
    public struct Day: Sendable, Hashable, Codable {
        /// The instant.
        public var at: Timestamp
        /// By band.
        public var open: RiskCounts

        public init(at: Timestamp, open: RiskCounts) {
            self.at = at
            self.open = open
        }

        private enum CodingKeys: String, CodingKey { case at, open }
    }
}
