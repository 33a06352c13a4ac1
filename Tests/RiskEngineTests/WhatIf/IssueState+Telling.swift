import Domain

extension IssueState {
    /// A state of which `issue` is the plain form, as far as random issues go.
    init(telling issue: Issue) {
        self.init(id: issue.id)
        let version = Version(at: issue.updated, sentAt: issue.updated)
        fields.key = Versioned(issue.key, version)
        fields.summary = Versioned(issue.summary, version)
        fields.priority = Versioned(issue.priority, version)
        fields.status = Versioned(issue.status, version)
        fields.created = Versioned(issue.created, version)
        fields.dueDate = Versioned(issue.dueDate, version)
        fields.assignee = Versioned(issue.assignee, version)
        fields.storyPoints = Versioned(issue.storyPoints, version)
        fields.sprints = Versioned(issue.sprints, version)
        fields.links = Versioned(issue.links, version)
        comments = Dictionary(uniqueKeysWithValues: issue.comments.map { ($0.id, $0) })
        changes = Dictionary(uniqueKeysWithValues: issue.changes.map { ($0.id, $0) })
        lastActivityAt = issue.updated
        lastHumanActivityAt = issue.activeAt
        lastEventAt = issue.updated
        isDeleted = issue.isDeleted
    }
}
