public import Domain

extension IssueFold {
    /// The state resolved to plain values; nil while the key, or any instant to date the issue by, is unknown.
    ///
    /// `created` falls back to the oldest instant known of the issue until a webhook tells it.
    public static func issue(from state: IssueState) -> Issue? {
        let fields = state.fields
        guard let key = fields.key?.value, let created = fields.created?.value ?? oldestInstant(of: state) else {
            return nil
        }
        let updated = max(created, state.lastActivityAt ?? created)
        let changes = changes(of: state)
        return Issue(
            id: state.id, key: key, projectKey: fields.projectKey?.value, projectID: fields.projectID?.value,
            projectName: fields.projectName?.value, summary: fields.summary?.value ?? "",
            description: fields.description?.value, issueType: fields.issueType?.value,
            isSubtask: fields.isSubtask?.value ?? false, priority: fields.priority?.value, status: fields.status?.value,
            resolution: fields.resolution?.value, resolvedAt: fields.resolvedAt?.value, created: created,
            updated: updated, activeAt: min(updated, max(created, state.lastHumanActivityAt ?? updated)),
            categoryChangedAt: fields.categoryChangedAt?.value, dueDate: fields.dueDate?.value,
            assignee: fields.assignee?.value, reporter: fields.reporter?.value, labels: fields.labels?.value ?? [],
            components: fields.components?.value ?? [], storyPoints: fields.storyPoints?.value,
            timeTracking: fields.timeTracking?.value, isFlagged: isFlagged(state, changes: changes),
            securityLevel: fields.securityLevel?.value, fixVersions: fields.fixVersions?.value,
            affectedVersions: fields.affectedVersions?.value, attachments: fields.attachments?.value,
            subtasks: fields.subtasks?.value, parent: fields.parent?.value, sprints: fields.sprints?.value ?? [],
            comments: comments(of: state), changes: changes, links: links(of: state), isDeleted: state.isGone,
            isHidden: !state.isDeleted && state.presence?.value == .hidden)
    }

    /// Whether the flag is set: by its field or, where that is older or of another number than this site's, by the change log,
    /// which calls it `Flagged` everywhere.
    private static func isFlagged(_ state: IssueState, changes: [Change]) -> Bool {
        let told = state.fields.isFlagged
        guard let change = changes.last(where: { $0.field.lowercased() == "flagged" }),
            told.map({ $0.version.isThin || $0.version.at <= change.at }) ?? true
        else { return told?.value ?? false }
        return !(change.toString ?? change.to ?? "").isEmpty
    }

    /// The oldest instant that is known of an issue; nil without any.
    static func oldestInstant(of state: IssueState) -> Timestamp? {
        let told = [state.lastActivityAt, state.lastEventAt].compactMap(\.self)
        return (state.comments.values.map(\.created) + state.changes.values.map(\.at) + told).min()
    }

    private static func comments(of state: IssueState) -> [Comment] {
        state.comments.values
            .filter { state.showsComment($0.id) && !$0.isOwn }
            .sorted { ($0.created, NumericOrder($0.id)) < ($1.created, NumericOrder($1.id)) }
    }

    /// The changes, each once, oldest first: one that came without Jira's number is left out where a later fetch of the whole
    /// issue has brought it under its number, and so is what consilod itself wrote.
    public static func changes(of state: IssueState) -> [Change] {
        let wholeAt = state.wholeAt
        return state.changes.values
            .filter { change in !change.isOwn && (!change.isUnnumbered || wholeAt.map { change.at > $0 } ?? true) }
            .sorted { ($0.at, NumericOrder($0.id)) < ($1.at, NumericOrder($1.id)) }
    }

    /// The whole list that the newest full issue showed, and on top of it the links made and removed since.
    private static func links(of state: IssueState) -> [IssueLink] {
        var links = Dictionary(
            (state.fields.links?.value ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for (id, event) in state.linkEvents where state.fields.links.map({ event.version > $0.version }) ?? true {
            if let link = event.value {
                // A link that the list has too is the same one, but the list also names the other issue's key.
                links[id] = links[id] ?? link
            } else {
                links[id] = nil
            }
        }
        return links.sorted { NumericOrder($0.key) < NumericOrder($1.key) }.map(\.value)
    }
}
