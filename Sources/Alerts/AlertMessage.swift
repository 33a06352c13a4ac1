public import Domain
import Foundation

/// The alerts of a notification, as one message. What several rules say of one issue is said once.
public struct AlertMessage: Sendable, Hashable {
    /// Of each issue and rule the newest, those with the highest scores first; at least one.
    public let alerts: [Alert]
    /// What the channel got of each issue in the message before this one of the group.
    let previous: [IssueID: Alert]
    /// Whether the channel had its alerts before, and they still hold.
    let isRepeat: Bool
    /// All alerts that it stands for, those that a later one of the same rule and issue replaces among them.
    public let count: Int
    /// What can be done from it; by default nothing.
    public var links = MessageLinks()
    /// What made the scores of its issues others, as far as that is known.
    var stories: [IssueID: AlertStory] = [:]

    /// - Parameters:
    ///   - alerts: in the order in which they were raised; at least one.
    ///   - previous: those of the group's notification before.
    ///   - isRepeat: whether the channel had `alerts` before.
    public init(_ alerts: [Alert], previous: [Alert] = [], isRepeat: Bool = false) {
        var newest: [String: Alert] = [:]
        for alert in alerts { newest[Self.subject(of: alert)] = alert }
        self.alerts = newest.values.sorted {
            let (one, other) = ($0.issue?.score ?? 101, $1.issue?.score ?? 101)
            if one != other { return one > other }
            return (Self.rank($0), $0.id.canonicalText) < (Self.rank($1), $1.id.canonicalText)
        }
        self.previous = Dictionary(
            previous.compactMap { alert in alert.issue.map { ($0.issueID, alert) } }, uniquingKeysWith: { $1 })
        self.isRepeat = isRepeat
        count = alerts.count
    }

    /// One alert alone.
    public init(_ alert: Alert) { self.init([alert]) }

    /// The one that gives the message its address and its colour: the highest.
    public var lead: Alert { alerts[0] }

    /// The alerts of each issue, the highest first. An alert that is about no issue stands alone.
    var byIssue: [[Alert]] {
        var (groups, places): ([[Alert]], [String: Int]) = ([], [:])
        for alert in alerts {
            let key = alert.issue?.issueID.rawValue ?? alert.id.canonicalText
            if let place = places[key] {
                groups[place].append(alert)
            } else {
                places[key] = groups.count
                groups.append([alert])
            }
        }
        return groups
    }

    /// Whether nothing in it is raised.
    var isResolved: Bool { alerts.allSatisfy { $0.event == .resolved } }

    private static func subject(of alert: Alert) -> String {
        alert.issue.map { "\($0.issueID) \($0.ruleID.canonicalText)" } ?? alert.id.canonicalText
    }

    /// What is raised goes before what is resolved, and a threshold before a spike, which says less of where it stands.
    private static func rank(_ alert: Alert) -> Int {
        (alert.event == .raised ? 0 : 2) + (alert.kind == .spike ? 1 : 0)
    }
}
