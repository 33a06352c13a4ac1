/// An issue that is or was in a sprint, as the sprint's scope is told from.
public struct SprintIssue: Sendable, Hashable {
    /// Its plain columns, and of its changes those of sprints and status.
    public var issue: Issue
    /// Whether the issue's own sprint field names the sprint.
    public var isMember: Bool
    /// When the issue's sprint field was told; nil where no webhook told it, and its changes alone speak.
    public var toldAt: Timestamp?
    /// The score of its latest analysis; nil without one.
    public var riskScore: Int?

    public init(issue: Issue, isMember: Bool, toldAt: Timestamp?, riskScore: Int?) {
        self.issue = issue
        self.isMember = isMember
        self.toldAt = toldAt
        self.riskScore = riskScore
    }
}

extension Change {
    /// Whether the change put the issue into sprints or took it out of some. Jira names the field `Sprint`; a site may
    /// have given it another name, and is not followed then.
    public var isOfSprints: Bool { field == "Sprint" || field == "sprint" }

    /// The ids of the sprints that the issue was in before a change of sprints: `from` is `12, 13`.
    public var sprintIDsBefore: [String] { Self.ids(in: from) }
    /// The ids of the sprints that the issue was in after it.
    public var sprintIDsAfter: [String] { Self.ids(in: to) }

    private static func ids(in list: String?) -> [String] {
        (list ?? "").split(separator: ",").compactMap { part in
            let id = part.drop { $0 == " " }.prefix { $0 != " " }
            return id.isEmpty ? nil : String(id)
        }
    }
}

extension IssueState {
    /// The sprints that the issue names or that its changes say it was in before.
    public var sprintIDsEver: Set<String> {
        changes.values.lazy.filter(\.isOfSprints).reduce(into: Set(sprintIDs)) { ids, change in
            ids.formUnion(change.sprintIDsBefore)
            ids.formUnion(change.sprintIDsAfter)
        }
    }
}
