public import Foundation

/// An alert of an issue as scorecards count it: what decided it, and what became of it in consilod.
public struct RaisedAlert: Sendable, Hashable {
    /// The alert's id.
    public var id: UUID
    /// The rule that raised or cleared it; it may have been deleted since.
    public var ruleID: UUID
    /// The issue.
    public var issueID: IssueID
    /// The issue's key at that time.
    public var issueKey: IssueKey
    /// Whether it begins or ends.
    public var event: Alert.Event
    /// The instant of the decision.
    public var at: Timestamp
    /// The risk score, 0–100.
    public var score: Int
    /// For a spike, the lowest score of its window, 0–100; nil for another kind, or where the alert cannot be read.
    public var spikeFrom: Int?
    /// Whether a silence kept it back.
    public var isSilenced: Bool
    /// Whether somebody acknowledged it.
    public var isAcknowledged: Bool
    /// The channels that it was sent to, or waits to be sent to.
    public var channelIDs: Set<UUID>

    public init(
        id: UUID, ruleID: UUID, issueID: IssueID, issueKey: IssueKey, event: Alert.Event, at: Timestamp, score: Int,
        spikeFrom: Int? = nil, isSilenced: Bool = false, isAcknowledged: Bool = false, channelIDs: Set<UUID> = []
    ) {
        self.id = id
        self.ruleID = ruleID
        self.issueID = issueID
        self.issueKey = issueKey
        self.event = event
        self.at = at
        self.score = score
        self.spikeFrom = spikeFrom
        self.isSilenced = isSilenced
        self.isAcknowledged = isAcknowledged
        self.channelIDs = channelIDs
    }
}
