import Domain
public import RiskEngine

extension RequestFields {
    /// The changes of a what-if; nil or empty, with an error noted, when the list is empty or anything in it is invalid.
    public mutating func hypotheticalChanges() -> [HypotheticalChange]? {
        let before = errors.count
        let changes = objects("changes", limit: WhatIfs.changeLimit) { $0.hypotheticalChange() }
        if errors.count == before, changes?.isEmpty ?? true {
            reject("changes", "must have 1 to \(WhatIfs.changeLimit) changes")
        }
        return changes
    }

    private mutating func hypotheticalChange() -> HypotheticalChange? {
        let change: HypotheticalChange?
        switch required("kind", .choice(HypotheticalChange.Kind.allCases)) {
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
        }
        rejectUnread("is unknown")
        return change
    }
}

extension RequestError {
    /// A hypothetical change that cannot be made.
    init(_ error: HypothesisError) {
        let (name, message): (String, String) =
            switch error.problem {
            case .unknownBlocker: ("evidence_id", "is of no open blocker")
            case .unknownFormerStatus:
                ("evidence_id", "is of a status: say by a change of kind status where the issue would move to")
            case .unknownLink: ("issue_key", "is no issue that this one has a link to")
            case .unknownStatus: ("status", "is no status that an issue of the tenant was seen in")
            }
        self = .invalid([FieldError(field: "changes[\(error.index)].\(name)", message: message)])
    }
}
