/// What a digest is to be about.
public struct DigestRequest: Sendable, Hashable {
    /// Points by which a score must have moved to be news.
    public static let leastMove = 5

    /// Whose issues.
    public var tenantID: TenantID
    /// The tenant's Jira.
    public var siteURL: String
    /// Only issues of these projects; empty for all.
    public var projectKeys: [String]
    /// How often such a digest comes: how far ahead it looks for due dates.
    public var every: DigestSchedule.Period
    /// An IANA name; where this host does not know it, days are those of UTC.
    public var timeZone: String
    /// The beginning of the period.
    public var from: Timestamp
    /// The end of the period.
    public var to: Timestamp
    /// Now.
    public var asOf: Timestamp
    /// Whether somebody asked for it before it was due.
    public var isRequested: Bool

    public init(
        tenantID: TenantID, siteURL: String, projectKeys: [String] = [], every: DigestSchedule.Period,
        timeZone: String, from: Timestamp, to: Timestamp, asOf: Timestamp, isRequested: Bool = false
    ) {
        self.tenantID = tenantID
        self.siteURL = siteURL
        self.projectKeys = projectKeys
        self.every = every
        self.timeZone = timeZone
        self.from = from
        self.to = to
        self.asOf = asOf
        self.isRequested = isRequested
    }

    /// The days whose due dates are named: today and the next one, or the next seven.
    public var dueDays: ClosedRange<CalendarDay> {
        let today = LocalCalendar(timeZone)?.day(of: asOf) ?? asOf.utcDay
        return today...CalendarDay(daysSinceEpoch: today.daysSinceEpoch + (every == .day ? 1 : 7))
    }

    /// The instants whose scores are looked up: the beginning of the period first, then others of the seven days before now,
    /// the oldest first.
    public var pastInstants: [Timestamp] {
        [from] + (1...6).reversed().map { asOf.adding(days: -$0) }
    }
}

/// An open issue with its scores, as the issues of a digest are chosen by.
public struct DigestScore: Sendable, Hashable {
    /// The issue.
    public var issueID: IssueID
    /// Its key, by which equals are ordered.
    public var key: IssueKey
    /// 0–100.
    public var score: Int
    /// The scores at ``DigestRequest/pastInstants``; nil where it had none yet.
    public var past: [Int?]
    /// The due date.
    public var dueDate: CalendarDay?
    /// The probability that it is done after its due date; nil without a forecast.
    public var lateDue: Double?

    public init(
        issueID: IssueID, key: IssueKey, score: Int, past: [Int?], dueDate: CalendarDay? = nil, lateDue: Double? = nil
    ) {
        self.issueID = issueID
        self.key = key
        self.score = score
        self.past = past
        self.dueDate = dueDate
        self.lateDue = lateDue
    }

    /// When the period began.
    public var previous: Int? { past.first ?? nil }
    /// How many points it gained since; 0 where it had no score then.
    public var rise: Int { previous.map { score - $0 } ?? 0 }
    /// Whether it is to be named before it is due: of high or medium risk, or more likely late than not.
    public var isAtRisk: Bool { RiskBand(score: score) != .low || (lateDue ?? 0) >= 0.5 }
}

/// Which issues a digest names. Pure: the order of the issues that are given changes nothing.
public struct DigestSelection: Sendable, Hashable {
    /// Of high or medium risk, the highest first; at most ten.
    public var riskiest: [DigestScore]
    /// Those that rose most, by at least ``DigestRequest/leastMove``; at most five.
    public var risen: [DigestScore]
    /// Those that fell most, as ``risen``.
    public var fallen: [DigestScore]
    /// At risk and due in the days of the request; at most ten.
    public var due: [DigestScore]
    /// How many are.
    public var dueCount: Int
    /// All by band.
    public var open: RiskCounts
    /// All by band at the earlier instants, the oldest first; those without any score are left out.
    public var days: [DigestContent.Day]

    /// - Parameter scores: those of all open issues.
    public init(of scores: [DigestScore], for request: DigestRequest) {
        func isBefore(_ one: DigestScore, _ other: DigestScore, by rank: (DigestScore) -> Int) -> Bool {
            let (first, second) = (rank(one), rank(other))
            return first == second ? one.key < other.key : first > second
        }
        let moved = scores.filter { abs($0.rise) >= DigestRequest.leastMove }
        riskiest = Array(
            scores.filter { RiskBand(score: $0.score) != .low }.sorted { isBefore($0, $1, by: \.score) }.prefix(10))
        risen = Array(moved.filter { $0.rise > 0 }.sorted { isBefore($0, $1, by: \.rise) }.prefix(5))
        fallen = Array(moved.filter { $0.rise < 0 }.sorted { isBefore($0, $1, by: { -$0.rise }) }.prefix(5))
        let dueDays = request.dueDays
        let due = scores.filter { score in score.isAtRisk && score.dueDate.map { dueDays.contains($0) } ?? false }
            .sorted { ($0.dueDate ?? dueDays.upperBound, $0.key) < ($1.dueDate ?? dueDays.upperBound, $1.key) }
        self.due = Array(due.prefix(10))
        dueCount = due.count
        open = RiskCounts(of: scores.map(\.score))
        let instants = Set(request.pastInstants).filter { $0 < request.asOf }.sorted()
        days = instants.compactMap { instant in
            guard let place = request.pastInstants.firstIndex(of: instant) else { return nil }
            let past = RiskCounts(
                of: scores.compactMap { $0.past.indices.contains(place) ? $0.past[place] : nil })
            return past.total == 0 ? nil : DigestContent.Day(at: instant, open: past)
        }
    }

    /// Every issue that is named, each once.
    public var issueIDs: [IssueID] {
        var seen: Set<IssueID> = []
        return (riskiest + risen + fallen + due).map(\.issueID).filter { seen.insert($0).inserted }
    }

    /// The issues that moved: of those it is said why.
    public var movedIssueIDs: [IssueID] { (risen + fallen).map(\.issueID) }
}
