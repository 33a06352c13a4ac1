import Domain

/// `issue_snapshots.state_json`.
struct StoredIssueState: StoredRow {
    static let version = 1

    let value: IssueState

    init(_ value: IssueState) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case id, fields, comments, deletedComments, changes, linkEvents, lastActivityAt, lastHumanActivityAt
        case lastEventAt, isDeleted
        case wholeComments, presence
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        _ = try Self.version(of: row, .version)
        var value = IssueState(id: try row.read(.id))
        value.fields = try row.read(.fields, as: StoredIssueFields.self)
        let comments: [CommentID: StoredComment] = try row.read(.comments)
        value.comments = comments.mapValues(\.value)
        value.deletedComments = try row.read(.deletedComments)
        let changes: [ChangeID: StoredChange] = try row.read(.changes)
        value.changes = changes.mapValues(\.value)
        let linkEvents: [LinkID: StoredRegister<StoredIssueLink?>] = try row.read(.linkEvents)
        value.linkEvents = linkEvents.mapValues { Versioned($0.content?.value, $0.version) }
        value.lastActivityAt = try row.readIfPresent(.lastActivityAt)
        value.lastHumanActivityAt = try row.readIfPresent(.lastHumanActivityAt)
        value.lastEventAt = try row.readIfPresent(.lastEventAt)
        value.isDeleted = try row.read(.isDeleted)
        value.wholeComments = try row.readRegister(.wholeComments)
        value.presence = try row.readRegister(.presence)
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(Self.version, .version)
        try row.write(value.id, .id)
        try row.write(value.fields, .fields, as: StoredIssueFields.self)
        try row.write(value.comments.mapValues(StoredComment.init), .comments)
        // In order, so that equal states are equal bytes.
        try row.write(value.deletedComments.sorted(), .deletedComments)
        try row.write(value.changes.mapValues(StoredChange.init), .changes)
        try row.write(
            value.linkEvents.mapValues { StoredRegister($0.value.map(StoredIssueLink.init), $0.version) }, .linkEvents)
        try row.writeIfPresent(value.lastActivityAt, .lastActivityAt)
        try row.writeIfPresent(value.lastHumanActivityAt, .lastHumanActivityAt)
        try row.writeIfPresent(value.lastEventAt, .lastEventAt)
        try row.write(value.isDeleted, .isDeleted)
        try row.writeRegister(value.wholeComments, .wholeComments)
        try row.writeRegister(value.presence, .presence)
    }
}

/// The fields of an issue. One that no event has told has no member; one that was told to be empty has the value null.
struct StoredIssueFields: StoredForm {
    let value: IssueFields

    init(_ value: IssueFields) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case key, projectKey, projectName, summary, description, issueType, priority, status, resolution, resolvedAt
        case created, dueDate, assignee, reporter, labels, components, storyPoints, sprints, links
        case projectID, isSubtask, timeTracking, isFlagged, securityLevel, categoryChangedAt
        case fixVersions, affectedVersions, attachments, subtasks, parent
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        var value = IssueFields()
        value.key = try row.readRegister(.key)
        value.projectKey = try row.readRegister(.projectKey)
        value.projectName = try row.readRegister(.projectName)
        value.summary = try row.readRegister(.summary)
        value.description = try row.readRegister(.description)
        value.issueType = try row.readRegister(.issueType)
        value.priority = try row.readRegister(.priority)
        value.status = try row.readRegister(.status, ofOptional: StoredStatus.self)
        value.resolution = try row.readRegister(.resolution)
        value.resolvedAt = try row.readRegister(.resolvedAt)
        value.created = try row.readRegister(.created)
        value.dueDate = try row.readRegister(.dueDate)
        value.assignee = try row.readRegister(.assignee, ofOptional: StoredPerson.self)
        value.reporter = try row.readRegister(.reporter, ofOptional: StoredPerson.self)
        value.labels = try row.readRegister(.labels)
        value.components = try row.readRegister(.components)
        value.storyPoints = try row.readRegister(.storyPoints)
        value.sprints = try row.readRegister(.sprints, ofList: StoredSprint.self)
        value.links = try row.readRegister(.links, ofList: StoredIssueLink.self)
        value.projectID = try row.readRegister(.projectID)
        value.isSubtask = try row.readRegister(.isSubtask)
        value.timeTracking = try row.readRegister(.timeTracking, ofOptional: StoredTimeTracking.self)
        value.isFlagged = try row.readRegister(.isFlagged)
        value.securityLevel = try row.readRegister(.securityLevel)
        value.categoryChangedAt = try row.readRegister(.categoryChangedAt)
        value.fixVersions = try row.readRegister(.fixVersions, ofList: StoredProjectVersion.self)
        value.affectedVersions = try row.readRegister(.affectedVersions, ofList: StoredProjectVersion.self)
        value.attachments = try row.readRegister(.attachments, ofList: StoredAttachment.self)
        value.subtasks = try row.readRegister(.subtasks, ofList: StoredSubtask.self)
        value.parent = try row.readRegister(.parent, ofOptional: StoredParentIssue.self)
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.writeRegister(value.key, .key)
        try row.writeRegister(value.projectKey, .projectKey)
        try row.writeRegister(value.projectName, .projectName)
        try row.writeRegister(value.summary, .summary)
        try row.writeRegister(value.description, .description)
        try row.writeRegister(value.issueType, .issueType)
        try row.writeRegister(value.priority, .priority)
        try row.writeRegister(value.status, .status, ofOptional: StoredStatus.self)
        try row.writeRegister(value.resolution, .resolution)
        try row.writeRegister(value.resolvedAt, .resolvedAt)
        try row.writeRegister(value.created, .created)
        try row.writeRegister(value.dueDate, .dueDate)
        try row.writeRegister(value.assignee, .assignee, ofOptional: StoredPerson.self)
        try row.writeRegister(value.reporter, .reporter, ofOptional: StoredPerson.self)
        try row.writeRegister(value.labels, .labels)
        try row.writeRegister(value.components, .components)
        try row.writeRegister(value.storyPoints, .storyPoints)
        try row.writeRegister(value.sprints, .sprints, ofList: StoredSprint.self)
        try row.writeRegister(value.links, .links, ofList: StoredIssueLink.self)
        try row.writeRegister(value.projectID, .projectID)
        try row.writeRegister(value.isSubtask, .isSubtask)
        try row.writeRegister(value.timeTracking, .timeTracking, ofOptional: StoredTimeTracking.self)
        try row.writeRegister(value.isFlagged, .isFlagged)
        try row.writeRegister(value.securityLevel, .securityLevel)
        try row.writeRegister(value.categoryChangedAt, .categoryChangedAt)
        try row.writeRegister(value.fixVersions, .fixVersions, ofList: StoredProjectVersion.self)
        try row.writeRegister(value.affectedVersions, .affectedVersions, ofList: StoredProjectVersion.self)
        try row.writeRegister(value.attachments, .attachments, ofList: StoredAttachment.self)
        try row.writeRegister(value.subtasks, .subtasks, ofList: StoredSubtask.self)
        try row.writeRegister(value.parent, .parent, ofOptional: StoredParentIssue.self)
    }
}
