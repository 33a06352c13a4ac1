/// Estimated and logged work of an issue, in seconds, as Jira's time tracking keeps them.
///
/// <https://support.atlassian.com/jira-cloud-administration/docs/configure-time-tracking/>
public struct TimeTracking: Sendable, Hashable, Codable {
    /// `timeoriginalestimate`; nil for none.
    public var originalEstimate: Int?
    /// `timeestimate`: what is left to do; nil for none.
    public var remainingEstimate: Int?
    /// `timespent`: what was logged; nil for nothing.
    public var timeSpent: Int?

    public init(originalEstimate: Int? = nil, remainingEstimate: Int? = nil, timeSpent: Int? = nil) {
        self.originalEstimate = originalEstimate
        self.remainingEstimate = remainingEstimate
        self.timeSpent = timeSpent
    }
}
