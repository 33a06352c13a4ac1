import Domain
import Foundation
import Logging
import Synchronization

/// Looks up, when a message is sent, what made the scores that it speaks of others. A message that nothing is found for in time says what is
/// stored with its alerts.
struct StoryTeller: Sendable {
    /// How long a message waits for its stories.
    private static let limit = Duration.seconds(5)
    /// Issues of a list that have one; the others say their largest factor.
    private static let issueLimit = 10

    let tell: AlertDeliverer.TellStory
    let logger: Logger
    private let memo = StoryMemo()

    init(tell: @escaping AlertDeliverer.TellStory, logger: Logger) {
        self.tell = tell
        self.logger = logger
    }

    /// The stories of the issues of a message, of those that the readers of `channel` may know of.
    func stories(for message: AlertMessage, to channel: AlertChannel) async -> [IssueID: AlertStory] {
        guard !message.isRepeat, [.slack, .teams, .email].contains(channel.kind) else { return [:] }
        let leads = message.byIssue.compactMap { alerts -> (alert: Alert, issue: IssueAlert)? in
            guard let alert = alerts.first, alert.event == .raised, let issue = alert.issue,
                channel.showsRestricted || !issue.isRestricted,
                // The first look at an issue compares with nothing.
                message.previous[issue.issueID] != nil || issue.previousScore != nil
            else { return nil }
            return (alert, issue)
        }
        guard let tenantID = leads.first?.alert.tenantID, !memo.isPaused(tenantID) else { return [:] }
        let isAlone = message.byIssue.count == 1
        let asked = leads.prefix(Self.issueLimit).map {
            ($0.alert, $0.issue.issueID, message.previous[$0.issue.issueID])
        }
        let found = await Deadline.within(Self.limit) { [tell, logger, memo] () async -> [IssueID: AlertStory] in
            var stories: [IssueID: AlertStory] = [:]
            for (alert, issueID, told) in asked where !Task.isCancelled {
                let key = StoryMemo.Key(alert: alert.id, told: told?.id, wantsLeast: isAlone)
                if let known = memo.story(of: key) {
                    stories[issueID] = known
                    continue
                }
                do {
                    guard let story = try await tell(alert, told, isAlone) else { continue }
                    stories[issueID] = story
                    memo.keep(story, of: key)
                } catch {
                    logger.debug(
                        "no story of an alert", metadata: ["alert": "\(alert.id)", "error": "\(error)"])
                }
            }
            return stories
        }
        guard let found else {
            logger.warning("alert stories timed out", metadata: ["tenant": "\(tenantID)"])
            memo.pause(tenantID)
            return [:]
        }
        return found
    }
}

/// The stories of the last minute, so that one that goes to many recipients is looked up once, and tenants whose stories timed out, whose
/// messages do not wait for the next ones.
private final class StoryMemo: Sendable {
    struct Key: Hashable {
        var alert: UUID
        var told: UUID?
        var wantsLeast: Bool
    }

    private struct State {
        var stories: [Key: (story: AlertStory, until: ContinuousClock.Instant)] = [:]
        var paused: [TenantID: ContinuousClock.Instant] = [:]
    }

    /// The actions that help may be others later, and a person may be erased.
    private static let lifetime = Duration.seconds(60)
    private static let limit = 256

    private let state = Mutex(State())

    func story(of key: Key) -> AlertStory? {
        state.withLock { state in state.stories[key].flatMap { $0.until > .now ? $0.story : nil } }
    }

    func keep(_ story: AlertStory, of key: Key) {
        state.withLock { state in
            if state.stories.count >= Self.limit { state.stories = state.stories.filter { $0.value.until > .now } }
            if state.stories.count >= Self.limit { state.stories = [:] }
            state.stories[key] = (story, .now.advanced(by: Self.lifetime))
        }
    }

    func isPaused(_ tenantID: TenantID) -> Bool {
        state.withLock { state in state.paused[tenantID].map { $0 > .now } ?? false }
    }

    func pause(_ tenantID: TenantID) {
        state.withLock { state in
            state.paused = state.paused.filter { $0.value > .now }
            state.paused[tenantID] = .now.advanced(by: Self.lifetime)
        }
    }
}
