import Domain
public import RiskEngine

extension RequestFields {
    /// The changes of a what-if; nil or empty, with an error noted, when the list is empty or anything in it is invalid.
    public mutating func hypotheticalChanges() -> [HypotheticalChange]? {
        hypotheticalChanges(of: HypotheticalChange.Kind.ofIssues)
    }

    /// The issues of a what-if about a sprint, with their changes; as ``hypotheticalChanges()``.
    public mutating func issueChanges() -> [IssueChanges]? {
        let before = errors.count
        let issues = objects("issues", limit: SprintWhatIfs.changedIssueLimit) { fields -> IssueChanges? in
            let changes = fields.hypotheticalChanges(of: HypotheticalChange.Kind.allCases)
            let key = fields.required("issue_key", .issueKey)
            fields.rejectUnread("is unknown")
            guard let changes, let key else { return nil }
            return IssueChanges(key: key, changes: changes)
        }
        if errors.count == before, issues?.isEmpty ?? true {
            reject("issues", "must have 1 to \(SprintWhatIfs.changedIssueLimit) issues")
        }
        var keys: Set<IssueKey> = []
        for (index, issue) in (issues ?? []).enumerated() where !keys.insert(issue.key).inserted {
            reject("issues[\(index)].issue_key", "is named twice")
        }
        return issues
    }

    private mutating func hypotheticalChanges(of kinds: [HypotheticalChange.Kind]) -> [HypotheticalChange]? {
        let before = errors.count
        let changes = objects("changes", limit: WhatIfs.changeLimit) { $0.hypotheticalChange(of: kinds) }
        if errors.count == before, changes?.isEmpty ?? true {
            reject("changes", "must have 1 to \(WhatIfs.changeLimit) changes")
        }
        return changes
    }

    private mutating func hypotheticalChange(of kinds: [HypotheticalChange.Kind]) -> HypotheticalChange? {
        let change: HypotheticalChange?
        switch required("kind", .choice(kinds)) {
        case nil: return nil
        case .blockerResolved:
            let kind = required("evidence_kind", .choice([Evidence.Kind.comment, .change, .link, .field]))
            let id = required("evidence_id", .text(1...255))
            if let kind, let id { change = .blockerResolved(kind, id: id) } else { change = nil }
        case .linkRemoved: change = required("issue_key", .issueKey).map { .linkRemoved($0) }
        case .dueDate:
            let day: CalendarDay?? = nullable("due_date", .date)
            change = day.map { HypotheticalChange.dueDate($0) }
        case .assignee:
            let name: String?? = nullable("assignee", .text(1...255))
            change = name.map { HypotheticalChange.assignee($0) }
        case .status: change = required("status", .text(1...255)).map { .status($0) }
        case .comment: change = required("comment", .text(1...32_767)).map { .comment($0) }
        case .removeFromSprint: change = .removeFromSprint
        case .addToSprint: change = .addToSprint
        }
        rejectUnread("is unknown")
        return change
    }
}

extension RequestError {
    /// A hypothetical change that cannot be made.
    ///
    /// - Parameter prefix: what the name of its field begins with.
    init(_ error: HypothesisError, in prefix: String = "") {
        let (name, message): (String, String) =
            switch error.problem {
            case .unknownBlocker: ("evidence_id", "is of no open blocker")
            case .unknownFormerStatus:
                ("evidence_id", "is of a status: say by a change of kind status where the issue would move to")
            case .unknownLink: ("issue_key", "is no issue that this one has a link to")
            case .unknownStatus: ("status", "is no status that an issue of the tenant was seen in")
            case .notInSprint: ("kind", "is of an issue that is not in the sprint")
            case .inSprintAlready: ("kind", "is of an issue that is in the sprint already")
            }
        self = .invalid([FieldError(field: "\(prefix)changes[\(error.index)].\(name)", message: message)])
    }

    /// Changes to issues of a sprint that cannot be made.
    init(_ error: SprintHypothesisError) {
        let prefix = "issues[\(error.issue)]."
        self =
            error.change.map { RequestError($0, in: prefix) }
            ?? .invalid([FieldError(field: "\(prefix)issue_key", message: "is no issue that is known")])
    }
}
