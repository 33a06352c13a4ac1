public import Domain

extension RiskScorer {
    /// The past of an issue made of what is stored, with what is known besides its own webhooks, as its analyses see it. Nil
    /// while too little is known of the issue.
    public func history(of stored: StoredIssueHistory, statuses: StatusCatalog) -> IssuePast? {
        let state = stored.state
        guard var issue = IssueFold.issue(from: state) else { return nil }
        complete(
            &issue, of: state, sprints: stored.sprintRecords, project: stored.project, statuses: statuses, until: nil)
        return past(
            of: issue, state, project: stored.project,
            commentLengths: issue.comments.map { stored.commentLengths[$0.id] ?? 0 })
    }

    /// The past of an issue that is resolved and has the texts of its comments.
    func past(of issue: Issue, _ state: IssueState, project: ProjectRecord?) -> IssuePast {
        past(of: issue, state, project: project, commentLengths: issue.comments.map(\.textLength))
    }

    private func past(
        of issue: Issue, _ state: IssueState, project: ProjectRecord?, commentLengths: [Int]
    ) -> IssuePast {
        let isWhole = state.wholeAt != nil
        return IssuePast(
            issue: issue, commentLengths: commentLengths,
            knownFrom: isWhole ? issue.created : state.firstEventAt.map { max($0, issue.created) },
            goneAt: issue.isDeleted ? goneAt(state, project: project) : nil,
            sprintsToldAt: state.fields.sprints?.version.sentAt,
            linkedAt: state.linkEvents.compactMapValues { $0.value == nil ? nil : $0.version.at })
    }

    /// Adds to an issue what is known besides its own webhooks: what sprint webhooks said of its sprints, its project's
    /// present key, and whether its work is over.
    ///
    /// - Parameter until: for an issue as of the past, its instant: what was said later is left out.
    func complete(
        _ issue: inout Issue, of state: IssueState, sprints: [SprintRecord], project: ProjectRecord?,
        statuses: StatusCatalog, until: Timestamp?
    ) {
        if let told = state.fields.sprints?.version {
            issue.take(sprints.filter { $0.sentAt <= until ?? $0.sentAt }, over: told)
        }
        if let project, project.toldAt <= until ?? project.toldAt {
            issue.take(project, over: state.fields.projectKey?.version)
        }
        if var status = issue.status, status.category == nil {
            status.category = isDone(status) ? .done : statuses.category(id: status.id, name: status.name)
            issue.status = status
        }
    }

    /// When Jira ceased to show an issue that is gone: the first of what tells so. The webhook of its deletion is the last
    /// that there is of an issue.
    private func goneAt(_ state: IssueState, project: ProjectRecord?) -> Timestamp? {
        let told = [
            state.isDeleted ? state.lastEventAt : nil,
            state.presence.flatMap { $0.value == .present ? nil : $0.version.sentAt },
            project.flatMap { $0.isGone ? $0.toldAt : nil },
        ]
        return told.compactMap(\.self).min()
    }
}
