import Domain
import Foundation

/// The values that the frozen fixtures hold: every field of every stored form has a value in at least one of them.
enum StoredSamples {
    static let tenant = TenantID(uuid(1))
    static let at = Timestamp(milliseconds: 1_790_000_000_123)
    static let later = at.adding(days: 2)

    /// A UUID that ends in a number.
    static func uuid(_ number: UInt8) -> UUID {
        UUID(uuid: (0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x47, 0x08, 0x89, 0x0A, 0, 0, 0, 0, 0, number))
    }

    // MARK: Issues

    private static let ada = Person(id: "5b10ac8d82e05b22cc7d4ef5", displayName: "Ada Nowak", timeZone: "Europe/Warsaw")
    private static let ben = Person(id: "ben", displayName: "Ben \"B\" Öztürk")
    private static let version = Version(at: at, changelog: 10_042, sentAt: at.adding(seconds: 1))
    private static let sprint = Sprint(
        id: "7", name: "Sprint 7 / Zahlungen", state: "active", boardID: "3", startDate: at.adding(days: -5),
        endDate: at.adding(days: 9), completeDate: at.adding(days: 10))
    private static let link = IssueLink(
        id: "501", relation: .blockedBy, typeName: "Blocks", otherID: "10002", otherKey: "PAY-2")

    /// Every field told, with comments, changes, links of both kinds and sprints.
    static let fullState: IssueState = {
        var state = IssueState(id: "10001")
        state.fields = fullFields
        state.comments = [
            "201": Comment(id: "201", author: ada, body: "Blocked again 🙁\nsee /x", created: at, updated: later),
            "202": Comment(id: "202", author: nil, body: "", created: at, updated: at),
        ]
        state.deletedComments = ["202", "199", "21"]
        state.changes = [
            "301/0": Change(
                id: "301/0", at: at, author: ben, field: "status", from: "1", fromString: "Open", to: "3",
                toString: "In Progress"),
            "301/1": Change(
                id: "301/1", at: at, author: nil, field: "Sprint", from: nil, fromString: nil, to: nil, toString: nil),
        ]
        state.linkEvents = [
            "501": Versioned(link, version), "502": Versioned(nil, Version(at: later, sentAt: later)),
        ]
        state.lastActivityAt = later
        state.lastEventAt = later.adding(milliseconds: 7)
        state.isDeleted = true
        state.wholeComments = Versioned(["201", "202"], version)
        state.presence = Versioned(.hidden, version)
        return state
    }()

    private static let fullFields: IssueFields = {
        var fields = IssueFields()
        fields.key = Versioned("PAY-1", version)
        fields.projectKey = Versioned("PAY", version)
        fields.projectName = Versioned("Payments", version)
        fields.summary = Versioned("Refund button does nothing", version)
        fields.description = Versioned("Steps: https://pay.example/refund", version)
        fields.issueType = Versioned("Bug", version)
        fields.priority = Versioned("High", version)
        fields.status = Versioned(Status(name: "In Progress", category: .indeterminate), version)
        fields.resolution = Versioned("Done", version)
        fields.resolvedAt = Versioned(later, version)
        fields.created = Versioned(at.adding(days: -40), version)
        fields.dueDate = Versioned(CalendarDay(daysSinceEpoch: 20_720), version)
        fields.assignee = Versioned(ada, version)
        fields.reporter = Versioned(ben, version)
        fields.labels = Versioned(["checkout", "süd"], version)
        fields.components = Versioned(["web"], version)
        fields.storyPoints = Versioned(2.5, version)
        fields.sprints = Versioned([sprint, Sprint(id: "8", name: "Next", state: "future")], version)
        fields.links = Versioned(
            [link, IssueLink(id: "503", relation: .relatesTo, typeName: "Relates", otherID: nil, otherKey: "APP-9")],
            version)
        return fields
    }()

    /// Every field that can be told to be empty, told so.
    static let emptiedState: IssueState = {
        var state = IssueState(id: "10002")
        state.fields.key = Versioned("PAY-2", version)
        state.fields.projectName = Versioned(nil, version)
        state.fields.description = Versioned(nil, version)
        state.fields.issueType = Versioned(nil, version)
        state.fields.priority = Versioned(nil, version)
        state.fields.status = Versioned(Status(name: "Waiting", category: nil), version)
        state.fields.resolution = Versioned(nil, version)
        state.fields.resolvedAt = Versioned(nil, version)
        state.fields.dueDate = Versioned(nil, version)
        state.fields.assignee = Versioned(nil, version)
        state.fields.reporter = Versioned(nil, version)
        state.fields.labels = Versioned([], version)
        state.fields.storyPoints = Versioned(nil, version)
        state.linkEvents = [
            "504": Versioned(
                IssueLink(id: "504", relation: .blocks, typeName: "Blocks", otherID: "10009", otherKey: nil), version)
        ]
        return state
    }()

    /// What survives renamings, and what issues, comments and accounts say of themselves; rows of version 0 have none of it.
    static let identifiedState: IssueState = {
        var state = IssueState(id: "10004")
        var thin = version
        thin.isThin = true
        let robot = Person(id: "robot", displayName: "Automation", isApp: true)
        state.fields.key = Versioned("PAY-4", thin)
        state.fields.projectID = Versioned("10100", version)
        state.fields.isSubtask = Versioned(true, version)
        state.fields.status = Versioned(Status(id: "3", name: "Doing", category: .indeterminate), version)
        state.fields.timeTracking = Versioned(
            TimeTracking(originalEstimate: 28_800, remainingEstimate: 1800, timeSpent: 27_000), version)
        state.fields.isFlagged = Versioned(true, version)
        state.fields.securityLevel = Versioned("Board only", version)
        state.fields.categoryChangedAt = Versioned(at, version)
        state.fields.links = Versioned(
            [
                IssueLink(
                    id: "505", relation: .blockedBy, typeName: "Blocks", otherID: "10005", otherKey: "PAY-5",
                    otherStatus: Status(id: "6", name: "Shipped", category: .done))
            ], version)
        state.comments = [
            "203": Comment(id: "203", author: robot, body: "Nightly", created: at, updated: at, isRestricted: true)
        ]
        state.lastHumanActivityAt = at
        return state
    }()

    /// What it belongs to and what belongs to it, which came later still: told, and told to be empty.
    static let contextState: IssueState = {
        var state = IssueState(id: "10006")
        state.fields.key = Versioned("PAY-6", version)
        state.fields.fixVersions = Versioned(
            [
                ProjectVersion(
                    id: "801", name: "2.0", isReleased: true, releaseDate: CalendarDay(daysSinceEpoch: 20_721)),
                ProjectVersion(id: "802", name: "Später"),
            ], version)
        state.fields.affectedVersions = Versioned([], version)
        state.fields.attachments = Versioned(
            [Attachment(id: "701", created: at, author: ben), Attachment(id: "702", created: later)], version)
        state.fields.subtasks = Versioned(
            [
                Subtask(id: "10007", key: "PAY-7", status: Status(id: "6", name: "Shipped", category: .done)),
                Subtask(id: "10008", key: "PAY-8"),
            ], version)
        state.fields.parent = Versioned(ParentIssue(id: "10009", key: "PAY-9"), version)
        state.firstEventAt = at
        return state
    }()

    /// Of an issue that only a comment's webhook named.
    static let bareState = IssueState(id: "10003")

    // MARK: Analyses

    /// All factors of `standard`, with every kind of evidence.
    static let standardAnalysis = Analysis(
        issueID: "10001", issueKey: "PAY-1", projectKey: "PAY", summary: "Refund button does nothing", asOf: at,
        ownScore: 64,
        factors: [
            Factor(
                name: .sentiment, points: 9, cap: 20, explanation: "2 of 3 comments sound negative.",
                remedy: "Answer them.",
                evidence: [
                    Evidence(kind: .comment, id: "201", at: at, note: "Blocked again 🙁"),
                    Evidence(kind: .comment, id: "203"),
                ]),
            Factor(
                name: .blockers, points: 21, cap: 25, explanation: "It is blocked by PAY-2.", remedy: "Resolve PAY-2.",
                evidence: [Evidence(kind: .link, id: "501", at: nil, note: "PAY-2")]),
            Factor(name: .age, points: 12, cap: 15, explanation: "It is 40 days old.", remedy: "Finish or split it."),
            Factor(name: .staleness, points: 0, cap: 10, explanation: "It was updated today."),
            Factor(
                name: .dueDate, points: 14, cap: 15, explanation: "It is due in 2 days.",
                remedy: "Agree on a new date.",
                evidence: [Evidence(kind: .field, id: "duedate", at: nil, note: "2026-09-24")]),
            Factor(
                name: .churn, points: 8, cap: 8, explanation: "It was reopened twice.", remedy: "Find out why.",
                evidence: [Evidence(kind: .change, id: "301/0", at: at, note: "Done to Open")]),
            Factor(name: .upstream, points: 7, cap: 7, explanation: "PAY-2 has a risk of 90.", remedy: "See PAY-2."),
        ],
        sentiment: SentimentSummary(
            total: 3, positive: 0, negative: 2, neutral: 1, positivePct: 0, negativePct: 66.66666666666667,
            trend: [
                .init(date: at.adding(days: -1), sentiment: .neutral, score: 0.5),
                .init(date: at, sentiment: .negative, score: 0.987654321),
                .init(date: at, sentiment: .positive, score: 1),
            ]),
        blockers: [
            Blocker(
                author: "Ada Nowak", date: at, snippet: "Blocked again 🙁", categories: ["dependency", "external"],
                evidence: Evidence(kind: .comment, id: "201", at: at, note: "Blocked again 🙁"))
        ],
        timeline: Timeline(
            created: at.adding(days: -40), updated: at, ageDays: 40, lastUpdateDays: 0, currentStatus: "In Progress",
            statusChanges: [StatusChange(from: "Open", to: "In Progress", date: at, author: "Ben \"B\" Öztürk")],
            timeInCurrentStatus: 3),
        capacity: Capacity(
            estimatedDays: 2.5, dailyCost: 4320.1, baseDailyCost: 3000,
            costMultipliers: ["location": 1.2, "weekend": 1.1],
            assignee: "Ada Nowak", assigneeRole: "Senior Engineer", assigneeLocation: "Warsaw",
            daysLostPerDayBlocked: 0.8, totalCostIfBlocked: 3456.08, totalEstimatedCost: 10_800.25,
            overtimeDetected: true, weekendDetected: true),
        predictions: Predictions(
            completionLikelihood: "low", recommendedAction: "Escalate the blockers", escalationNeeded: true),
        trends: Trends(sentimentTrend: "degrading", activityTrend: "decreasing", riskTrend: "increasing"),
        dependencies: Dependencies(blocks: ["APP-3"], blockedBy: ["PAY-2"], relatesTo: ["APP-9", "10009"]),
        engine: EngineIdentity(scorer: "standard-3-3f2a9c01", model: "finbert-4556d130"), nextChangeAt: later)

    /// Three comments of which nobody could read any.
    static let partlyJudgedAnalysis = {
        var analysis = classicAnalysis
        analysis.sentiment = SentimentSummary(
            total: 3, positive: 0, negative: 0, neutral: 0, positivePct: 0, negativePct: 0, trend: [],
            notJudged: ["French": 2, "Japanese": 1])
        return analysis
    }()
    /// A blocker with all that may be absent; rows of version 0 have no such one.
    static var blockedAnalysis: Analysis {
        var analysis = standardAnalysis
        analysis.blockers[0].furtherEvidence = [Evidence(kind: .link, id: "401", at: nil, note: "Blocked by PAY-2")]
        analysis.blockers[0].evidence.author = "Ada Nowak"
        analysis.blockers[0].unansweredSince = at
        return analysis
    }

    /// One that not everybody may read, with a comment that fewer may.
    static var restrictedAnalysis: Analysis {
        var analysis = blockedAnalysis
        analysis.blockers[0].evidence.restrictedNote = "Legal has not signed."
        analysis.restrictions = Restrictions(securityLevel: "Board only", withheldComments: 2)
        return analysis
    }

    /// The four factors of `classic`, of a quiet issue.
    static let classicAnalysis = Analysis(
        issueID: "10004", issueKey: "PAY-4", projectKey: "PAY", summary: "", asOf: later, ownScore: 35,
        factors: [
            Factor(name: .sentiment, points: 0, cap: 30, explanation: "There are no comments."),
            Factor(
                name: .blockers, points: 0, cap: 30, explanation: "Nothing says that work is blocked."),
            Factor(name: .age, points: 20, cap: 20, explanation: "It is 61 days old.", remedy: "Finish or split it."),
            Factor(name: .staleness, points: 15, cap: 20, explanation: "No update for 12 days.", remedy: "Update it."),
        ],
        sentiment: SentimentSummary(
            total: 0, positive: 0, negative: 0, neutral: 0, positivePct: 0, negativePct: 0, trend: []),
        blockers: [],
        timeline: Timeline(
            created: later.adding(days: -61), updated: later.adding(days: -12), ageDays: 61, lastUpdateDays: 12,
            currentStatus: "Unknown", statusChanges: [], timeInCurrentStatus: 61),
        capacity: Capacity(
            estimatedDays: 3, dailyCost: 3000, baseDailyCost: 3000, costMultipliers: [:], assignee: "Unassigned",
            assigneeRole: "Mid Engineer", assigneeLocation: "Remote", daysLostPerDayBlocked: 0, totalCostIfBlocked: 0,
            totalEstimatedCost: 9000, overtimeDetected: false, weekendDetected: false),
        predictions: Predictions(
            completionLikelihood: "high", recommendedAction: "Continue as planned", escalationNeeded: false),
        trends: Trends(sentimentTrend: "stable", activityTrend: "stable", riskTrend: "insufficient_data"),
        dependencies: Dependencies(blocks: [], blockedBy: [], relatesTo: []),
        engine: EngineIdentity(scorer: "classic-2-00c0ffee", model: "wordlist-2"), nextChangeAt: nil)

    // MARK: Rules

    static let thresholdRule = AlertRule(
        id: uuid(10), name: "High risk", isEnabled: true, condition: .threshold(raiseAt: 70, clearBelow: 60),
        projectKeys: ["PAY", "APP"], channelIDs: [uuid(21), uuid(22)], notifiesResolved: false)
    static let spikeRule = AlertRule(
        id: uuid(11), name: "Sudden rise", isEnabled: false, condition: .spike(points: 25, windowSeconds: 86_400))

    static let forecastRule = AlertRule(
        id: uuid(11), name: "Sudden rise", isEnabled: false,
        condition: .forecast(question: .due, raiseAt: 80, clearBelow: 60))

    // MARK: Custom fields

    static let customFields = CustomFields(
        storyPoints: ["customfield_10016", "customfield_10024"], sprint: ["customfield_10020"])
}
