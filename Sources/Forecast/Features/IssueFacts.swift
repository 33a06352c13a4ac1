import Domain

/// The fields of an issue at one instant, as far as features read them.
struct IssueFacts: Sendable, Hashable {
    /// Key of the project.
    var project: String
    /// Nil where the category of the status is not known.
    var category: Status.Category?
    /// Account ids.
    var assignee: String?
    var reporter: String?
    /// Nil where the type is not known.
    var kind: IssueKind?
    /// 1 to 5; nil for a name outside Jira's usual ones.
    var priority: Int?
    var summary: TextTraits
    var description: TextTraits
    var components: Int
    var labels: Int
    /// Nil where no event named them; so with the fix versions.
    var affectedVersions: Int?
    var fixVersions: Int?
    /// Nil where no event named them.
    var subtasks: Int?
    var work: TimeTracking
    var storyPoints: Double?
    var dueDay: CalendarDay?
    /// Ids, or names where the change log has no ids.
    var sprints: [String]
    var links: [LinkFact]

    var isDone: Bool { category == .done }
}

/// A link, seen from the issue.
struct LinkFact: Sendable, Hashable {
    var relation: IssueLink.Relation
    var isDuplicate: Bool
    /// The other issue: its id or, where that is not known, its key.
    var other: String

    init(_ link: IssueLink) {
        relation = link.relation
        isDuplicate = link.typeName.lowercased().contains("duplicate")
        other = link.otherID?.rawValue ?? link.otherKey?.rawValue ?? ""
    }

    /// A link as the change log tells it: `This issue is blocked by ENG-1`.
    init(key: String, text: String) {
        relation = IssueLink.Relation(words: text)
        isDuplicate = text.lowercased().contains("duplicate")
        other = key
    }
}

/// One fact of an issue that an edit set.
enum FactChange: Sendable, Hashable {
    case status(Status.Category?)
    case assignee(String?)
    case reporter(String?)
    case project(String)
    case kind(IssueKind?)
    case priority(Int?)
    case summary(TextTraits)
    case description(TextTraits)
    case components(Int)
    case labels(Int)
    case affectedVersions(Int?)
    case fixVersions(Int?)
    case attachment
    case originalEstimate(Int?)
    case remainingEstimate(Int?)
    case timeSpent(Int?)
    case storyPoints(Double?)
    /// With the days by which it was postponed, 0 if it was not.
    case dueDay(CalendarDay?, postponed: Int)
    case sprints([String])
    case linkAdded(LinkFact)
    case linkRemoved(LinkFact)
    /// A field that no feature reads; its change is activity all the same.
    case other
}

/// What happened to an issue at one instant.
struct HistoryStep: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// One edit by one person, of one or more fields.
        case edit(author: String?, [FactChange])
        /// A comment; its length is nil if its text of then is not known, because it was edited later.
        case comment(author: String?, length: Int?)
        /// The length of a comment that was edited becomes known.
        case commentLength(Int)
        /// Without an edit something became known: a link or sub-task that was first seen then, or that was gone.
        case sight(FactChange)
        case subtasks(Int)
        /// The last state of the issue, where the change log leads to another.
        case state(IssueFacts)
        /// The issue was deleted or hidden.
        case gone
    }

    /// Milliseconds since the Unix epoch.
    var at: Int64
    var kind: Kind
}
