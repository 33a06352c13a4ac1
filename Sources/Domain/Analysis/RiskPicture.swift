/// Figures of all open issues of a tenant, or of one of its projects, that take too long to put together while somebody waits
/// for a page: a worker keeps them. Nothing else rests on them, and one that cannot be read is made again. It is also the form
/// in which it is stored: a new member is optional.
public struct RiskPicture: Sendable, Hashable, Codable {
    /// The instant of its figures.
    public var asOf: Timestamp
    /// The open issues by band.
    public var open: RiskCounts
    /// The issues that were open at earlier instants by their bands then, the oldest first; instants from before the first
    /// analysis are left out.
    public var days: [DigestContent.Day]
    /// Of all open issues, in money per day, in the unit of the configured rates.
    public var dailyCost: Double
    /// Person-days that are lost on each day that the blocked issues stay blocked.
    public var daysLostPerDay: Double
    /// Of all open issues.
    public var mood: Mood
    /// Open blockers.
    public var blockers: Int
    /// Those by category; one of several categories counts in each.
    public var blockersByCategory: [String: Int]
    /// By project and category, of the projects with the most blockers; only in the picture of all projects.
    public var blockersByProject: [ProjectBlockers]?
    /// What moved since a week ago, and what is due within the next; only in the picture of all projects.
    public var week: DigestContent?

    /// What the comments sound like.
    public struct Mood: Sendable, Hashable, Codable {
        /// All comments.
        public var comments: Int
        /// Comments that sound positive.
        public var positive: Int
        /// Comments that sound negative.
        public var negative: Int

        public init(comments: Int = 0, positive: Int = 0, negative: Int = 0) {
            self.comments = comments
            self.positive = positive
            self.negative = negative
        }

        private enum CodingKeys: String, CodingKey { case comments, positive, negative }
    }

    /// The open blockers of one project.
    public struct ProjectBlockers: Sendable, Hashable, Codable {
        /// The project's key.
        public var projectKey: String
        /// Its open blockers.
        public var blockers: Int
        /// Those by category; one of several categories counts in each.
        public var byCategory: [String: Int]

        public init(projectKey: String, blockers: Int, byCategory: [String: Int]) {
            self.projectKey = projectKey
            self.blockers = blockers
            self.byCategory = byCategory
        }

        private enum CodingKeys: String, CodingKey { case projectKey, blockers, byCategory }
    }

    /// Projects in ``blockersByProject`` at most.
    public static let projectLimit = 15
    /// Days before now that are looked up one by one.
    private static let singleDays = 14
    /// Weeks before now.
    private static let weeks = 13

    public init(
        asOf: Timestamp, open: RiskCounts = .init(), days: [DigestContent.Day] = [], dailyCost: Double = 0,
        daysLostPerDay: Double = 0, mood: Mood = Mood(), blockers: Int = 0, blockersByCategory: [String: Int] = [:],
        blockersByProject: [ProjectBlockers]? = nil, week: DigestContent? = nil
    ) {
        self.asOf = asOf
        self.open = open
        self.days = days
        self.dailyCost = dailyCost
        self.daysLostPerDay = daysLostPerDay
        self.mood = mood
        self.blockers = blockers
        self.blockersByCategory = blockersByCategory
        self.blockersByProject = blockersByProject
        self.week = week
    }

    private enum CodingKeys: String, CodingKey {
        case asOf, open, days, dailyCost, daysLostPerDay, mood, blockers, blockersByCategory, blockersByProject, week
    }

    /// The instants of ``days`` for a picture of this instant: the beginnings of the last days in UTC, and of one day in seven
    /// before, the oldest first.
    public static func instants(before asOf: Timestamp) -> [Timestamp] {
        let today = asOf.utcDay.daysSinceEpoch
        let days = Array(0..<singleDays) + (2...weeks).map { 7 * $0 }
        return days.reversed().map { CalendarDay(daysSinceEpoch: today - $0).startUTC }
    }

    /// Counts an open issue.
    public mutating func add(_ analysis: Analysis) {
        switch analysis.band {
        case .high: open.high += 1
        case .medium: open.medium += 1
        case .low: open.low += 1
        }
        dailyCost += analysis.capacity.dailyCost
        daysLostPerDay += analysis.capacity.daysLostPerDayBlocked
        mood.comments += analysis.sentiment.total
        mood.positive += analysis.sentiment.positive
        mood.negative += analysis.sentiment.negative
        blockers += analysis.blockers.count
        for category in analysis.blockers.flatMap({ Set($0.categories) }) {
            blockersByCategory[category, default: 0] += 1
        }
    }
}

/// A tenant whose pictures are due, claimed under a lease: until it expires, no other node takes it.
public struct RiskPictureClaim: Sendable, Hashable {
    /// The tenant.
    public var tenantID: TenantID
    /// The tenant's Jira.
    public var siteURL: String
    /// Names the lease.
    public var leaseToken: String

    public init(tenantID: TenantID, siteURL: String, leaseToken: String) {
        self.tenantID = tenantID
        self.siteURL = siteURL
        self.leaseToken = leaseToken
    }
}
