/// Which custom fields of a Jira site hold what.
///
/// Every site numbers its custom fields itself. Where several are named, the first one with a value counts. The
/// defaults are the numbers that new Jira Cloud sites are given.
public struct JiraFieldMapping: Sendable, Hashable {
    /// Field ids with the estimate of an issue in story points.
    public var storyPoints: [String]
    /// Field ids with the sprints of an issue.
    public var sprint: [String]

    /// The fields to read, most preferred first; without arguments those of a new Jira Cloud site.
    public init(storyPoints: [String] = ["customfield_10016"], sprint: [String] = ["customfield_10020"]) {
        self.storyPoints = storyPoints
        self.sprint = sprint
    }
}
