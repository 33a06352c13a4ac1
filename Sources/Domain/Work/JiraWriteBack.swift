/// What of an issue's risk is written into Jira, and when again. Off where a tenant has none.
public struct WriteBackSettings: Sendable, Hashable {
    /// Where the values go.
    public enum Target: String, Sendable, Codable, CaseIterable {
        /// To one property of the issue, which apps see and people do not.
        case property
        /// To custom fields, which boards and filters show.
        case fields
        /// Nowhere: only comments that are asked for are posted.
        case none
    }

    /// The custom fields that values go to, by id; nil for a value that goes nowhere.
    public struct Fields: Sendable, Hashable {
        /// A number field.
        public var score: String?
        /// A text field of one line.
        public var band: String?
        /// A date field.
        public var forecastDate: String?
        /// A text field of one line.
        public var cause: String?

        public init(
            score: String? = nil, band: String? = nil, forecastDate: String? = nil, cause: String? = nil
        ) {
            self.score = score
            self.band = band
            self.forecastDate = forecastDate
            self.cause = cause
        }

        /// Those that are set.
        public var ids: [String] { [score, band, forecastDate, cause].compactMap(\.self) }
    }

    /// The property's name where a tenant gives none.
    public static let standardPropertyKey = "consilod.risk"

    /// Where the values go.
    public var target: Target
    /// The name of the property, for the target `property`.
    public var propertyKey: String
    /// For the target `fields`.
    public var fields: Fields
    /// By how many points the score must differ from the one written last, within its band: 1–100.
    public var stepPoints: Int
    /// By how many days the forecast date must differ from the one written last: 1–365.
    public var stepDays: Int
    /// The least time between two writes to one issue, in seconds: 60 or more.
    public var intervalSeconds: Int64

    public init(
        target: Target, propertyKey: String = WriteBackSettings.standardPropertyKey, fields: Fields = Fields(),
        stepPoints: Int = 5, stepDays: Int = 3, intervalSeconds: Int64 = 600
    ) {
        self.target = target
        self.propertyKey = propertyKey
        self.fields = fields
        self.stepPoints = stepPoints
        self.stepDays = stepDays
        self.intervalSeconds = intervalSeconds
    }

    /// Whether a forecast's date is written, and so whether another one is a reason to write.
    public var writesForecast: Bool {
        switch target {
        case .property: true
        case .fields: fields.forecastDate != nil
        case .none: false
        }
    }

    /// Whether other values, or the same ones to another place, follow from these than from `other`: all are written again.
    public func isOtherPlace(than other: WriteBackSettings) -> Bool {
        switch (target, other.target) {
        case (.none, _): false
        case (.property, .property): propertyKey != other.propertyKey
        case (.fields, .fields): fields != other.fields
        default: true
        }
    }
}

/// What is written of an issue's risk.
public struct WrittenRisk: Sendable, Hashable {
    /// 0–100.
    public var score: Int
    /// The instant by which the forecast has it done with 85 %; nil without a forecast. Its date in UTC is what is written.
    public var forecastAt: Timestamp?
    /// The factor with most points, in one sentence that names no other issue; nil where none has any.
    public var cause: String?

    public init(score: Int, forecastAt: Timestamp? = nil, cause: String? = nil) {
        self.score = score
        self.forecastAt = forecastAt
        self.cause = cause
    }

    /// The band of the score.
    public var band: RiskBand { RiskBand(score: score) }

    /// The forecast's date in UTC, as `2026-12-24`.
    public var forecastDate: String? { forecastAt.map { String($0.description.prefix(10)) } }
}

/// Within what an issue's values stay without being written again: made when they are written.
public struct WriteWindow: Sendable, Hashable {
    /// Scores that are as good as the one that was written.
    public var scores: ClosedRange<Int>
    /// A forecast of after this, and before ``forecastBefore``, is as good as the written one; nil where none was written.
    public var forecastAfter: Timestamp?
    /// As ``forecastAfter``.
    public var forecastBefore: Timestamp?

    public init(scores: ClosedRange<Int>, forecastAfter: Timestamp? = nil, forecastBefore: Timestamp? = nil) {
        self.scores = scores
        self.forecastAfter = forecastAfter
        self.forecastBefore = forecastBefore
    }
}

/// A tenant whose issues may be due to be written to, claimed under a lease.
public struct WriteBackClaim: Sendable, Hashable {
    /// The tenant whose Jira is written to.
    public var tenantID: TenantID
    /// Names the lease; what is recorded under a lost one has no effect.
    public var leaseToken: String
    /// Visits in a row that failed before this one.
    public var attempts: Int
    /// Where and when to write.
    public var settings: WriteBackSettings

    public init(tenantID: TenantID, leaseToken: String, attempts: Int, settings: WriteBackSettings) {
        self.tenantID = tenantID
        self.leaseToken = leaseToken
        self.attempts = attempts
        self.settings = settings
    }
}

/// An issue whose values in Jira are due to be written.
public struct IssueToWrite: Sendable, Hashable {
    /// Jira's number of the issue.
    public var issueID: IssueID
    /// The key of its project; nil where that is not known.
    public var projectKey: String?
    /// What to write; nil where the issue is done, and what was written is to be removed.
    public var risk: WrittenRisk?
    /// Attempts that Jira refused since the last one that succeeded.
    public var attempts: Int

    public init(issueID: IssueID, projectKey: String?, risk: WrittenRisk?, attempts: Int) {
        self.issueID = issueID
        self.projectKey = projectKey
        self.risk = risk
        self.attempts = attempts
    }
}

/// What became of a write.
public enum WriteOutcome: Sendable, Hashable {
    /// Jira has these values, which stand for all within the window.
    case written(WrittenRisk, WriteWindow)
    /// Jira has no values any more.
    case cleared
    /// Jira refused it, in its own words, or does not have the issue.
    case refused(String)
}

/// How a tenant's writes to Jira stand.
public struct WriteBackStatus: Sendable, Hashable {
    /// Where and when values are written; nil where that is off.
    public var settings: WriteBackSettings?
    /// Who changed it last; nil where it was never changed.
    public var changedBy: String?
    /// When it was changed last; nil where it never was.
    public var changedAt: Timestamp?
    /// Until when nothing is written, because Jira refused it; nil while nothing stands in the way.
    public var stoppedUntil: Timestamp?
    /// Why, for people.
    public var stoppedReason: String?
    /// Issues that Jira has values of.
    public var written: Int
    /// Issues whose last write Jira refused.
    public var refused: Int
    /// What Jira said to the last of those; nil without one.
    public var refusal: String?
    /// When Jira last took a value; nil where it never did.
    public var lastWrittenAt: Timestamp?

    public init(
        settings: WriteBackSettings? = nil, changedBy: String? = nil, changedAt: Timestamp? = nil,
        stoppedUntil: Timestamp? = nil, stoppedReason: String? = nil, written: Int = 0, refused: Int = 0,
        refusal: String? = nil, lastWrittenAt: Timestamp? = nil
    ) {
        self.settings = settings
        self.changedBy = changedBy
        self.changedAt = changedAt
        self.stoppedUntil = stoppedUntil
        self.stoppedReason = stoppedReason
        self.written = written
        self.refused = refused
        self.refusal = refusal
        self.lastWrittenAt = lastWrittenAt
    }
}

/// What a comment that was asked for says of an issue's risk.
public struct RiskComment: Sendable, Hashable {
    /// `72 of 100 (high)`, and more in whole sentences.
    public var head: String
    /// One sentence for each factor that adds points, the largest first.
    public var causes: [String]
    /// One sentence each: what would lower the score.
    public var remedies: [String]
    /// Where consilod shows the issue; nil where the host has no public address.
    public var link: String?

    public init(head: String, causes: [String], remedies: [String], link: String?) {
        self.head = head
        self.causes = causes
        self.remedies = remedies
        self.link = link
    }
}
