/// What an alert is about, as routes and silences match it. A name may have several values (an issue has several labels), or
/// none.
public struct AlertLabels: Sendable, Hashable {
    /// By their names; an absent name has no value.
    public var values: [AlertMatcher.Name: [String]]

    public init(_ values: [AlertMatcher.Name: [String]] = [:]) { self.values = values }

    /// Those of `alert`. An alert that is about no issue has its kind, event and band alone.
    public init(of alert: Alert) {
        values = [.kind: [alert.kind.rawValue], .event: [alert.event.rawValue], .band: [alert.band.rawValue]]
        guard let issue = alert.issue else { return }
        values[.project] = [issue.projectKey]
        values[.issue] = [issue.issueKey.rawValue]
        values[.rule] = [issue.ruleName]
        values[.assignee] = [issue.assignee]
        values[.issueType] = [issue.issueType].compactMap(\.self)
        values[.label] = issue.labels
        values[.component] = issue.components
        values[.sprint] = issue.sprints
    }
}

/// A condition on one name of an alert's labels, as Alertmanager's matchers are, with a list of values in place of a regular
/// expression.
public struct AlertMatcher: Sendable, Hashable {
    /// What can be matched.
    public enum Name: String, Sendable, Codable, CaseIterable {
        case project, issue, rule, kind, event, band, label, component, assignee, sprint
        case issueType = "issue_type"
    }

    /// What is looked at.
    public var name: Name
    /// Whether one of `values` must be among the alert's; else none may be.
    public var isEqual: Bool
    /// At least one. Compared without regard to case.
    public var values: [String]

    public init(name: Name, isEqual: Bool = true, values: [String]) {
        self.name = name
        self.isEqual = isEqual
        self.values = values
    }

    /// Whether the alert with these labels meets the condition.
    public func matches(_ labels: AlertLabels) -> Bool {
        let wanted = Set(values.map { $0.lowercased() })
        return (labels.values[name] ?? []).contains { wanted.contains($0.lowercased()) } == isEqual
    }
}
