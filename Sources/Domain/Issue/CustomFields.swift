/// Which custom fields of a Jira site hold what; every site numbers its own. Of several, the first that has a value counts.
public struct CustomFields: Sendable, Hashable, Codable {
    /// Ids of fields with the estimate of an issue in story points.
    public var storyPoints: [String]
    /// Ids of fields with the sprints of an issue.
    public var sprint: [String]
    /// Ids of fields with the flag of an issue (`Flagged`).
    public var flag: [String]
    /// What consilod itself has written into the site, or may have: no activity of anybody.
    public var own: OwnWrites

    /// The fields to read, most preferred first; without arguments those of a new Jira Cloud site.
    public init(
        storyPoints: [String] = ["customfield_10016"], sprint: [String] = ["customfield_10020"],
        flag: [String] = ["customfield_10021"], own: OwnWrites = OwnWrites()
    ) {
        self.storyPoints = storyPoints
        self.sprint = sprint
        self.flag = flag
        self.own = own
    }

    /// What a field is read as, for people; nil for one that is not read. Nothing may be written to one that is.
    public func use(of id: String) -> String? {
        if storyPoints.contains(id) { return "story points" }
        if sprint.contains(id) { return "sprints" }
        return flag.contains(id) ? "the flag" : nil
    }

    /// Without these fields: what consilod writes itself is not read.
    public func excluding(_ ids: Set<String>) -> CustomFields {
        CustomFields(
            storyPoints: storyPoints.filter { !ids.contains($0) }, sprint: sprint.filter { !ids.contains($0) },
            flag: flag.filter { !ids.contains($0) }, own: own)
    }
}
