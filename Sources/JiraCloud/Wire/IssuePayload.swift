import Domain
import Foundation

/// An issue: full in `jira:issue_*` webhooks, thin (a handful of fields, no `updated`) in those of comments.
struct IssuePayload: DecodableWithConfiguration {
    let key: IssueKey?
    let fields: IssueFieldsPayload?
    /// The whole history, in a fetched issue.
    let history: [ChangelogPayload.Entry]
    /// Whether the issue itself has a change log, if only an empty one: fetched issues have, and those of Jira Automation.
    let hasHistory: Bool

    init(from decoder: any Decoder, configuration: JiraFieldMapping) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        key = container.value("key", as: JiraID.self).map { IssueKey($0.text) }
        fields = container.value("fields", configuration: configuration)
        history = container.value("changelog", as: HistoryPayload.self)?.entries ?? []
        hasHistory = container.contains("changelog")
    }

    private struct HistoryPayload: Decodable {
        let entries: [ChangelogPayload.Entry]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: WireKey.self)
            entries = container.value("histories", as: LossyList<ChangelogPayload.Entry>.self)?.values ?? []
        }
    }

    /// The registers that this payload writes, all under one version.
    func registers(version: Version) -> IssueFields {
        var registers = IssueFields()
        registers.key = key.map { Versioned($0, version) }
        guard let fields else { return registers }
        registers.projectKey = fields.project?.key.map { Versioned($0, version) }
        registers.projectID = fields.project?.id.map { Versioned($0, version) }
        registers.projectName = fields.project.map { Versioned($0.name, version) }
        registers.summary = fields.summary.map { Versioned($0, version) }
        registers.description = fields.description.map { Versioned($0, version) }
        registers.issueType = fields.issueType.map { Versioned($0, version) }
        registers.isSubtask = fields.isSubtask.map { Versioned($0, version) }
        registers.priority = fields.priority.map { Versioned($0, version) }
        registers.status = fields.status.map { Versioned($0, version) }
        registers.resolution = fields.resolution.map { Versioned($0, version) }
        registers.resolvedAt = fields.resolvedAt.map { Versioned($0, version) }
        registers.created = fields.created.map { Versioned($0, version) }
        registers.dueDate = fields.dueDate.map { Versioned($0, version) }
        registers.assignee = fields.assignee.map { Versioned($0, version) }
        registers.reporter = fields.reporter.map { Versioned($0, version) }
        registers.labels = fields.labels.map { Versioned($0, version) }
        registers.components = fields.components.map { Versioned($0, version) }
        registers.storyPoints = fields.storyPoints.map { Versioned($0, version) }
        registers.timeTracking = fields.timeTracking.map { Versioned($0, version) }
        registers.isFlagged = fields.isFlagged.map { Versioned($0, version) }
        registers.securityLevel = fields.securityLevel.map { Versioned($0, version) }
        registers.categoryChangedAt = fields.categoryChangedAt.map { Versioned($0, version) }
        registers.fixVersions = fields.fixVersions.map { Versioned($0, version) }
        registers.affectedVersions = fields.affectedVersions.map { Versioned($0, version) }
        registers.attachments = fields.attachments.map { Versioned($0, version) }
        registers.subtasks = fields.subtasks.map { Versioned($0, version) }
        registers.parent = fields.parent.map { Versioned($0, version) }
        registers.sprints = fields.sprints.map { Versioned($0, version) }
        registers.links = fields.links.map { Versioned($0, version) }
        return registers
    }
}

extension IssueFieldsPayload {
    /// The names of all fields that are read, as a fetch asks for them: this list and `init(from:configuration:)` belong
    /// together.
    static func names(_ mapping: JiraFieldMapping) -> [String] {
        systemNames + mapping.storyPoints + mapping.sprint + mapping.flag
    }

    /// Jira's own fields.
    private static let systemNames = [
        "summary", "description", "issuetype", "project", "priority", "status", "statuscategorychangedate",
        "resolution",
        "resolutiondate", "created", "updated", "duedate", "assignee", "reporter", "labels", "components", "security",
        "fixVersions", "versions", "attachment", "subtasks", "parent", "issuelinks", "comment", "timeoriginalestimate",
        "timeestimate", "timespent",
    ]
}

/// `issue.fields`. Nil means that the payload does not tell; where a field can be empty, nil inside means empty.
struct IssueFieldsPayload: DecodableWithConfiguration {
    let project: ProjectPayload?
    let summary: String?
    let description: String??
    let issueType: String??
    let isSubtask: Bool?
    let priority: String??
    let status: Status??
    let resolution: String??
    let resolvedAt: Timestamp??
    let created: Timestamp?
    let updated: Timestamp?
    let dueDate: CalendarDay??
    let assignee: Person??
    let reporter: Person??
    let labels: [String]?
    let components: [String]?
    let storyPoints: Double??
    let timeTracking: TimeTracking??
    let isFlagged: Bool?
    let securityLevel: String??
    let categoryChangedAt: Timestamp??
    let fixVersions: [ProjectVersion]?
    let affectedVersions: [ProjectVersion]?
    let attachments: [Attachment]?
    let subtasks: [Subtask]?
    let parent: ParentIssue??
    let sprints: [Sprint]?
    let links: [IssueLink]?
    /// Jira Server repeats the comments inside the issue.
    let comments: [CommentPayload]
    /// Whether those are all comments of the issue.
    let hasAllComments: Bool

    init(from decoder: any Decoder, configuration: JiraFieldMapping) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        project = fields.value("project")
        summary = fields.text("summary", .line)
        description = fields.told("description", as: JiraText.self)
            .map { $0.map { TextLimit.text.cut(JiraText.plainText(of: $0)) } }
        let type = fields.told("issuetype", as: IssueTypePayload.self)
        issueType = type.map { $0?.name }
        isSubtask = type.map { $0?.isSubtask ?? false }
        priority = fields.told("priority", as: NamePayload.self).map { $0?.name }
        status = fields.told("status", as: StatusPayload.self).map { $0?.status }
        resolution = fields.told("resolution", as: NamePayload.self).map { $0?.name }
        resolvedAt = fields.told("resolutiondate", as: JiraInstant.self).map { $0?.timestamp }
        created = fields.value("created", as: JiraInstant.self)?.timestamp
        updated = fields.value("updated", as: JiraInstant.self)?.timestamp
        dueDate = fields.told("duedate", as: CalendarDay.self)
        assignee = fields.told("assignee", as: PersonPayload.self).map { $0?.person }
        reporter = fields.told("reporter", as: PersonPayload.self).map { $0?.person }
        labels = fields.told("labels", as: LossyList<String>.self).map { $0?.values.map(TextLimit.line.cut) ?? [] }
        components = fields.told("components", as: LossyList<NamePayload>.self).map { $0?.values.map(\.name) ?? [] }
        storyPoints = fields.told(firstOf: configuration.storyPoints)
        timeTracking = TimeTracking.told(in: fields)
        // A list of options, of which a site has one (`Impediment`, in its language).
        isFlagged = fields.told(firstOf: configuration.flag, as: LossyList<OptionPayload>.self)
            .map { !($0?.values.isEmpty ?? true) }
        securityLevel = fields.told("security", as: NamePayload.self).map { $0?.name }
        categoryChangedAt = fields.told("statuscategorychangedate", as: JiraInstant.self).map { $0?.timestamp }
        fixVersions = fields.told("fixVersions", as: LossyList<VersionPayload>.self).map(VersionPayload.versions)
        affectedVersions = fields.told("versions", as: LossyList<VersionPayload>.self).map(VersionPayload.versions)
        attachments = fields.told("attachment", as: LossyList<AttachmentPayload>.self)
            .map { $0?.values.map(\.attachment) ?? [] }
        subtasks = fields.told("subtasks", as: LossyList<SubtaskPayload>.self).map { $0?.values.map(\.subtask) ?? [] }
        parent = fields.told("parent", as: ParentPayload.self).map { $0?.parent }
        sprints = fields.told(firstOf: configuration.sprint, as: LossyList<SprintPayload>.self)
            .map { $0?.values.compactMap(\.sprint) ?? [] }
        links = fields.told("issuelinks", as: LossyList<IssueLinkPayload>.self).map { $0?.values.map(\.link) ?? [] }
        let list = fields.value("comment", as: CommentListPayload.self)
        comments = list?.comments ?? []
        hasAllComments = list.map { $0.total == $0.comments.count } ?? false
    }
}

struct ProjectPayload: Decodable {
    let id: String?
    let key: String?
    let name: String?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        id = container.value("id", as: JiraID.self)?.text
        key = container.value("key", as: JiraID.self)?.text
        name = container.text("name", .line)
    }
}

/// Anything of which only the name matters: issue types, priorities, resolutions, components.
struct NamePayload: Decodable {
    let name: String

    init(from decoder: any Decoder) throws {
        name = try decoder.container(keyedBy: WireKey.self).name()
    }
}

extension KeyedDecodingContainer<WireKey> {
    /// The name of something that has one. Throws `DecodingError` where it is missing.
    fileprivate func name() throws -> String { TextLimit.line.cut(try decode(String.self, forKey: "name")) }
}

/// The type of an issue.
struct IssueTypePayload: Decodable {
    let name: String
    let isSubtask: Bool

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        name = try container.name()
        isSubtask = container.value("subtask") ?? false
    }
}

/// A chosen option of a field with check boxes.
struct OptionPayload: Decodable {
    let value: String
}

extension TimeTracking {
    /// What `fields` say of estimates and logged work: as numbers of seconds beside each other or, in places, gathered in
    /// `timetracking`. Nil where they say nothing; nil inside where they say that it is missing.
    fileprivate static func told(in fields: KeyedDecodingContainer<WireKey>) -> TimeTracking?? {
        if let gathered = fields.value("timetracking", as: TimeTrackingPayload.self)?.tracking { return gathered }
        let names: [WireKey] = ["timeoriginalestimate", "timeestimate", "timespent"]
        guard names.contains(where: fields.contains) else { return nil }
        let values = names.map { fields.value($0, as: Int.self).flatMap(seconds) }
        let tracking = TimeTracking(originalEstimate: values[0], remainingEstimate: values[1], timeSpent: values[2])
        return .some(tracking == TimeTracking() ? nil : tracking)
    }

    /// A number of seconds; nil for one that cannot be a span of work.
    fileprivate static func seconds(_ value: Int) -> Int? { (0...3_000_000_000).contains(value) ? value : nil }
}

/// `timetracking`; empty where nothing is tracked, and then the single fields may still tell.
private struct TimeTrackingPayload: Decodable {
    let tracking: TimeTracking?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        // Jira Automation writes 0 for what is missing, and null for its text.
        func seconds(_ key: WireKey, _ text: WireKey) -> Int? {
            let value = container.value(key, as: Int.self).flatMap(TimeTracking.seconds)
            let isTold = !container.contains(text) || container.value(text, as: String.self) != nil
            return value == 0 && !isTold ? nil : value
        }
        let told = TimeTracking(
            originalEstimate: seconds("originalEstimateSeconds", "originalEstimate"),
            remainingEstimate: seconds("remainingEstimateSeconds", "remainingEstimate"),
            timeSpent: seconds("timeSpentSeconds", "timeSpent"))
        tracking = told == TimeTracking() ? nil : told
    }
}

struct StatusPayload: Decodable {
    let status: Status

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        status = Status(
            id: container.value("id", as: JiraID.self)?.text, name: try container.name(),
            category: container.value("statusCategory", as: CategoryPayload.self)?.key)
    }

    private struct CategoryPayload: Decodable {
        let key: Status.Category
    }
}

private struct CommentListPayload: Decodable {
    let comments: [CommentPayload]
    /// How many the issue has; nil where Jira does not say.
    let total: Int?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        comments = container.value("comments", as: LossyList<CommentPayload>.self)?.values ?? []
        total = container.value("total")
    }
}
