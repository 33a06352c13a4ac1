import Domain

/// An issue as of the instant to which its history was played: its fields and the running counts of the features.
struct IssueProgress: Sendable {
    private(set) var facts: IssueFacts
    /// How many steps were played.
    private(set) var played = 0
    private(set) var isGone = false

    // Instants are milliseconds since the Unix epoch.
    private(set) var statusSince: Int64
    /// When it was first in progress.
    private(set) var startedAt: Int64?
    private(set) var assignedAt: Int64?
    private(set) var lastActivity: Int64
    private(set) var lastOwnerActivity: Int64?
    /// The last change or comment; nil before the first.
    private(set) var lastStir: Int64?

    private(set) var editors: Set<String>
    private(set) var commenters: Set<String> = []
    private(set) var commentLengths = 0
    private(set) var measuredComments = 0

    private(set) var statusChanges = 0
    private(set) var reopenings = 0
    private(set) var assigneeChanges = 0
    private(set) var priorityChanges = 0
    private(set) var fixVersionChanges = 0
    private(set) var textChanges = 0
    private(set) var dueDateChanges = 0
    private(set) var daysPostponed = 0
    private(set) var sprintChanges = 0
    private(set) var linkChanges = 0
    private(set) var attachments = 0
    private(set) var estimateChanges = 0

    /// The issue as it was created.
    init(_ history: IssueHistory) { self.init(facts: history.start, created: history.created.milliseconds) }

    init(facts: IssueFacts, created: Int64) {
        self.facts = facts
        statusSince = created
        startedAt = facts.category == .indeterminate ? created : nil
        assignedAt = facts.assignee == nil ? nil : created
        lastActivity = created
        // Jira's change log does not name the creator; it is the reporter nearly always.
        editors = facts.reporter.map { [$0] } ?? []
    }

    /// Whether it counts as open work.
    var isOpen: Bool { !facts.isDone && !isGone }

    /// Plays the next step.
    mutating func play(_ step: HistoryStep) {
        played += 1
        switch step.kind {
        case .edit(let author, let changes):
            noteAct(of: author, at: step.at)
            if let author { editors.insert(author) }
            for change in changes { apply(change, at: step.at) }
        case .comment(let author, let length):
            noteAct(of: author, at: step.at)
            commenters.insert(author ?? "")
            if let length { measure(length) }
        case .commentLength(let length): measure(length)
        case .sight(.linkAdded(let link)): facts.links.append(link)
        case .sight(.linkRemoved(let link)): remove(link)
        case .sight: break
        case .subtasks(let count): facts.subtasks = count
        case .state(let state): adopt(state, at: step.at)
        case .gone: isGone = true
        }
    }

    /// Plays what is dated up to an instant.
    mutating func play(_ history: IssueHistory, through at: Timestamp) {
        while played < history.steps.count, history.steps[played].at <= at.milliseconds {
            play(history.steps[played])
        }
    }

    /// When what the change log misses was done is unknown: it is dated by when it was seen.
    private mutating func adopt(_ state: IssueFacts, at: Int64) {
        if facts.category != state.category { statusSince = at }
        if state.category == .indeterminate, startedAt == nil { startedAt = at }
        if facts.assignee != state.assignee { assignedAt = state.assignee == nil ? nil : at }
        facts = state
    }

    private mutating func noteAct(of author: String?, at: Int64) {
        lastActivity = at
        lastStir = at
        if let author, author == facts.assignee { lastOwnerActivity = at }
    }

    private mutating func measure(_ length: Int) {
        commentLengths += length
        measuredComments += 1
    }

    private mutating func remove(_ link: LinkFact) {
        if let place = facts.links.firstIndex(of: link) { facts.links.remove(at: place) }
    }

    private mutating func apply(_ change: FactChange, at: Int64) {
        switch change {
        case .status(let category): enter(category, at: at)
        case .assignee(let person):
            assigneeChanges += 1
            facts.assignee = person
            assignedAt = person == nil ? nil : at
        case .reporter(let person): facts.reporter = person
        case .project(let key): facts.project = key
        case .kind(let kind): facts.kind = kind
        case .priority(let rank):
            priorityChanges += 1
            facts.priority = rank
        case .summary(let traits):
            textChanges += 1
            facts.summary = traits
        case .description(let traits):
            textChanges += 1
            facts.description = traits
        case .components(let count): facts.components = count
        case .labels(let count): facts.labels = count
        case .affectedVersions(let count): facts.affectedVersions = count
        case .fixVersions(let count):
            fixVersionChanges += 1
            facts.fixVersions = count
        case .attachment: attachments += 1
        case .originalEstimate, .remainingEstimate, .timeSpent, .storyPoints: estimate(change)
        case .dueDay(let day, let postponed):
            dueDateChanges += 1
            daysPostponed += postponed
            facts.dueDay = day
        case .sprints(let ids):
            sprintChanges += 1
            facts.sprints = ids
        case .linkAdded(let link):
            linkChanges += 1
            facts.links.append(link)
        case .linkRemoved(let link):
            linkChanges += 1
            remove(link)
        case .other: break
        }
    }

    private mutating func estimate(_ change: FactChange) {
        estimateChanges += 1
        switch change {
        case .originalEstimate(let seconds): facts.work.originalEstimate = seconds
        case .remainingEstimate(let seconds): facts.work.remainingEstimate = seconds
        case .timeSpent(let seconds): facts.work.timeSpent = seconds
        case .storyPoints(let points): facts.storyPoints = points
        default: break
        }
    }

    private mutating func enter(_ category: Status.Category?, at: Int64) {
        statusChanges += 1
        statusSince = at
        if facts.isDone, category != .done { reopenings += 1 }
        if category == .indeterminate, startedAt == nil { startedAt = at }
        facts.category = category
    }
}
