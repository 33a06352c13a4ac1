import Domain
import Logging

/// Looks up, when a message is sent, what made the scores that it speaks of others. A message that nothing is found for in time says what is
/// stored with its alerts.
struct StoryTeller: Sendable {
    /// How long a message waits for its stories.
    private static let limit = Duration.seconds(5)
    /// Issues of a list that have one; the others say their largest factor.
    private static let issueLimit = 10

    let tell: AlertDeliverer.TellStory
    let logger: Logger

    /// The stories of the issues of a message, of those that the readers of `channel` may know of.
    func stories(for message: AlertMessage, to channel: AlertChannel) async -> [IssueID: AlertStory] {
        guard !message.isRepeat, [.slack, .teams, .email].contains(channel.kind) else { return [:] }
        let leads = message.byIssue.compactMap { alerts -> (alert: Alert, issue: IssueAlert)? in
            guard let alert = alerts.first, alert.event == .raised, let issue = alert.issue,
                channel.showsRestricted || !issue.isRestricted
            else { return nil }
            return (alert, issue)
        }
        let isAlone = message.byIssue.count == 1
        let asked = leads.prefix(Self.issueLimit).map {
            ($0.alert, $0.issue.issueID, message.previous[$0.issue.issueID])
        }
        let found = await Deadline.within(Self.limit) { [tell, logger] () async -> [IssueID: AlertStory] in
            var stories: [IssueID: AlertStory] = [:]
            for (alert, issueID, told) in asked where !Task.isCancelled {
                do {
                    stories[issueID] = try await tell(alert, told, isAlone)
                } catch {
                    logger.debug(
                        "no story of an alert", metadata: ["alert": "\(alert.id)", "error": "\(error)"])
                }
            }
            return stories
        }
        if found == nil { logger.warning("the stories of a message took too long") }
        return found ?? [:]
    }
}
