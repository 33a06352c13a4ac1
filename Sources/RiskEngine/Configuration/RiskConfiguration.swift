/// Every number, name and word the scorer works with.
///
/// The values are plain, so that any configuration source can fill them; ``RiskScorer/init(_:)`` refuses a
/// configuration that ``validate()`` refuses. The `classic` profile takes its points and keywords from the original
/// formula, not from here; costs, estimates and people are configured for both profiles.
public struct RiskConfiguration: Sendable, Hashable, Codable {
    /// Which formula makes the score.
    public enum Profile: String, Sendable, Hashable, Codable, CaseIterable {
        /// The original product's formula to the letter.
        case classic
        /// Factors whose points are fitted to what became of real issues, or set where that cannot be measured.
        case standard
    }

    /// The most points each factor of the `standard` profile may add, 0–100 each. Where they are more than 100 together,
    /// the last factors add no more than what the ones before them leave of 100.
    public struct Caps: Sendable, Hashable, Codable {
        /// Points; default 5. Mood has not been shown to predict delay (docs/decisions/0023).
        public var sentiment = 5
        /// Points; default 30.
        public var blockers = 30
        /// Points; default 18.
        public var age = 18
        /// Points; default 12.
        public var staleness = 12
        /// Points; default 50.
        public var dueDate = 50
        /// Points; default 5.
        public var churn = 5
        /// Points; default 24.
        public var progress = 24
        /// Points; default 12.
        public var owner = 12
        /// Points; default 10.
        public var priority = 10
        /// Points; default 10.
        public var upstream = 10

        /// The defaults.
        public init() {}
    }

    /// What is known of one person. A part that is nil is found out as for anybody else.
    public struct Placement: Sendable, Hashable, Codable {
        /// A key of ``RiskConfiguration/roleRates``.
        public var role: String?
        /// A key of ``RiskConfiguration/locationMultipliers``.
        public var location: String?

        /// Both parts may be left out.
        public init(role: String? = nil, location: String? = nil) {
            self.role = role
            self.location = location
        }
    }

    /// A role told by words in a display name, as in `Jane Doe (Sr. QA)`.
    public struct RolePattern: Sendable, Hashable, Codable {
        /// Whole words in this order, upper or lower case; punctuation between them does not matter.
        public var words: String
        /// A key of ``RiskConfiguration/roleRates``.
        public var role: String

        /// People whose display name holds `words` have `role`.
        public init(_ words: String, _ role: String) {
            self.words = words
            self.role = role
        }
    }

    /// The values every installation starts with.
    public static let `default` = RiskConfiguration()

    /// The defaults.
    public init() {}

    /// The formula; default `standard`.
    public var profile = Profile.standard
    /// The most points per factor; see ``Caps``.
    public var caps = Caps()

    // MARK: Sentiment

    /// How many imagined neutral comments stand beside the real ones, so that a few comments cannot make the whole
    /// factor. Comments, ≥ 0; default 4.
    public var sentimentDamping = 4.0
    /// How long a comment counts in full. Days, ≥ 0; default 14.
    public var recentCommentDays = 14
    /// How much an older comment counts. 0–1; default 0.5.
    public var olderCommentWeight = 0.5

    // MARK: Blockers

    /// What each open blocker adds, up to the cap. Points, 0–100; default 15.
    public var pointsPerBlocker = 15
    /// Whole-word phrases that open a blocker, beside the sentences that ``BlockerReader`` knows; default none.
    public var blockerPhrases: [String] = []
    /// Whole-word phrases that close the blockers opened in earlier comments; default English and German.
    public var resolvingPhrases = RiskConfiguration.defaultResolvingPhrases
    /// Words that, anywhere before a phrase in its clause, take it back; default English and German.
    public var negations = RiskConfiguration.defaultNegations
    /// Words that, anywhere before a phrase in its clause, make it a mere possibility; default English and German.
    public var hypotheticals = RiskConfiguration.defaultHypotheticals
    /// Whole-word phrases by category of blocker: `technical_debt`, `dependency`, `resource`, `external`,
    /// `requirements`, `testing`, `deployment`. Default English and German.
    public var categoryPhrases = RiskConfiguration.defaultCategoryPhrases
    /// Names of workflow statuses that say work is held up, in upper or lower case.
    public var blockedStatusNames = [
        "Blocked", "Impeded", "Impediment", "On hold", "Waiting", "Blockiert", "Angehalten", "Wartend",
    ]
    /// Names of workflow statuses that end the work, in upper or lower case; needed where Jira does not tell the
    /// status category, as in the change log.
    public var doneStatusNames = [
        "Done", "Closed", "Resolved", "Fixed", "Completed", "Released", "Fertig", "Erledigt", "Geschlossen", "Gelöst",
        "Abgeschlossen",
    ]

    // MARK: Time

    /// An issue older than these days gets so much of the cap, up to all of it beyond the last. Increasing numbers; as
    /// many as the default (30, 60, 90, 180, 365, 730) have the fitted shares of the cap, any other number equal ones.
    public var ageThresholdDays = FittedPoints.age.map { $0.days }
    /// An issue without activity for longer than these days gets so much of the cap, as with age. Default 14, 30, 90.
    public var stalenessThresholdDays = FittedPoints.staleness.map { $0.days }
    /// When the time left is at most this many times the estimate, a fifth, 44 % and 54 % of the cap; 64 % once overdue,
    /// more after a day, a week, 30 and 90 days, and all of it after a year. Three decreasing numbers > 0; default
    /// 2, 1, 0.5.
    public var dueDateRatios = [2.0, 1.0, 0.5]

    // MARK: Progress and priority

    /// Names of workflow statuses in which work has begun, in upper or lower case; needed for earlier statuses, of which
    /// Jira does not tell the category.
    public var startedStatusNames = [
        "In Progress", "In Review", "In Development", "In Testing", "Review", "Code Review", "Testing", "QA",
        "In Arbeit", "In Bearbeitung", "In Prüfung",
    ]
    /// What the priority adds, by its name, once it counts. Points, 0–100; none for any other name.
    public var pointsByPriority: [String: Int] = [
        "Highest": 10, "High": 8, "Medium": 4, "Low": 2, "Lowest": 0,
        "Blocker": 10, "Critical": 8, "Major": 4, "Minor": 2, "Trivial": 0,
    ]

    // MARK: Churn

    /// How long a change back and forth counts. Days, ≥ 1; default 90.
    public var churnWindowDays = 90
    /// For each time a done issue was opened again. Points, 0–100; default 4.
    public var pointsPerReopening = 4
    /// For each time the due date was moved to later. Points, 0–100; default 3.
    public var pointsPerPostponement = 3
    /// For each time the issue went back to somebody who had it before. Points, 0–100; default 2.
    public var pointsPerHandback = 2

    // MARK: Upstream

    /// The part of a blocking issue's own score that is passed on. 0–1; default 0.15.
    public var upstreamFraction = 0.25

    // MARK: Effort and cost

    /// Estimated days by priority where an issue has no story points. Days, > 0. The `standard` profile also knows
    /// ``daysByOtherPriority``.
    public var daysByPriority: [String: Double] = ["Highest": 5, "High": 3, "Medium": 2, "Low": 1, "Lowest": 0.5]
    /// Estimated days for any other priority, or none. Days, > 0; default 2.
    public var defaultEstimateDays = 2.0
    /// What a role costs. Money per day, ≥ 0, in a currency of your choice.
    public var roleRates = RiskConfiguration.defaultRoleRates
    /// The role of somebody whose role cannot be told; default `Mid Engineer`.
    public var defaultRole = "Mid Engineer"
    /// Roles by words in display names; the first that matches wins.
    public var rolePatterns = RiskConfiguration.defaultRolePatterns
    /// Role and location of people, by account id or by display name; none by default.
    public var people: [String: Placement] = [:]
    /// What a location multiplies the day rate by. ≥ 0.
    public var locationMultipliers: [String: Double] = [
        "San Francisco": 1.3, "New York": 1.2, "Austin": 1.0, "Portland": 1.0, "Remote": 1.0, "Warsaw": 0.5,
        "Bangalore": 0.4,
    ]
    /// Locations by IANA time zone.
    public var timeZoneLocations = [
        "America/New_York": "New York", "America/Chicago": "Austin", "Europe/Warsaw": "Warsaw",
        "Asia/Kolkata": "Bangalore", "Asia/Calcutta": "Bangalore",
    ]
    /// The location of somebody whose location cannot be told; default `Remote`.
    public var defaultLocation = "Remote"
    /// What work outside the working hours multiplies the day rate by. ≥ 1; default 1.5.
    public var overtimeMultiplier = 1.5
    /// What work on Saturday or Sunday multiplies the day rate by. ≥ 1; default 2.
    public var weekendMultiplier = 2.0
    /// The first working hour, in the commenter's time zone. 0–23; default 9.
    public var workdayStartHour = 9
    /// The hour at which the working day is over. 1–24, after the start; default 18.
    public var workdayEndHour = 18
    /// How far back the `standard` profile looks for work at odd hours. Days, ≥ 0; default 14.
    public var overtimeWindowDays = 14
}
