/// A sprint with its open issues, as lists show it.
public struct SprintListing: Sendable, Hashable {
    /// What was said last of it.
    public var sprint: Sprint
    /// The keys of the projects whose issues are or were in it, in the order of the alphabet.
    public var projectKeys: [String]
    /// The issues that are in it, not done and scored, by band.
    public var open: RiskCounts

    public init(sprint: Sprint, projectKeys: [String], open: RiskCounts = RiskCounts()) {
        self.sprint = sprint
        self.projectKeys = projectKeys
        self.open = open
    }

    /// Whether this one comes first in a list: the active ones, then those of the future, then the one that started last.
    public func isBefore(_ other: SprintListing) -> Bool {
        let states = ["active", "future"]
        func rank(_ listing: SprintListing) -> Int { states.firstIndex(of: listing.sprint.state) ?? states.count }
        if rank(self) != rank(other) { return rank(self) < rank(other) }
        let (start, otherStart) = (sprint.startDate?.milliseconds ?? .min, other.sprint.startDate?.milliseconds ?? .min)
        if start != otherStart { return start > otherStart }
        // Jira numbers sprints as they are made.
        return (sprint.id.count, sprint.id) > (other.sprint.id.count, other.sprint.id)
    }
}
