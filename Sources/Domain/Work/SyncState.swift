/// Whether what the store holds of a tenant's Jira is in step with it.
public struct SyncState: Sendable, Hashable {
    /// The tenant's access to Jira; nil for an unknown tenant.
    public var access: JiraAccessStatus?
    /// When the newest webhook came; nil before the first.
    public var lastWebhookAt: Timestamp?
    /// Webhooks that were not understood and are kept; counted up to ``countLimit``.
    public var rejectedWebhooks: Int
    /// Issues that could not be scored; counted as those.
    public var parkedIssues: Int

    /// Up to where rows are counted.
    public static let countLimit = 1000
    /// So long without a webhook is no weekend.
    public static let silenceDays = 4
    /// So long without a sweep is more than a pause.
    public static let sweepHours = 24

    public init(
        access: JiraAccessStatus? = nil, lastWebhookAt: Timestamp? = nil, rejectedWebhooks: Int = 0,
        parkedIssues: Int = 0
    ) {
        self.access = access
        self.lastWebhookAt = lastWebhookAt
        self.rejectedWebhooks = rejectedWebhooks
        self.parkedIssues = parkedIssues
    }

    /// What somebody has to do something about.
    public enum Problem: Sendable, Hashable {
        /// No calls to Jira are made any more; why.
        case stopped(String)
        /// The last call failed; why.
        case failing(String)
        /// No webhook ever came.
        case noWebhook
        /// None has come for so many whole days.
        case silent(days: Int)
        /// The last sweep is so many whole hours ago.
        case sweepOverdue(hours: Int)
        case rejected(Int)
        case parked(Int)
    }

    /// What is wrong at an instant, the worst first; empty where all is well.
    public func problems(at now: Timestamp) -> [Problem] {
        var problems: [Problem] = []
        if let access {
            if access.stoppedAt != nil {
                problems.append(.stopped(access.stoppedReason ?? ""))
            } else if let error = access.lastError {
                problems.append(.failing(error))
            } else if let sweptAt = access.sweptAt {
                let hours = Int((now.milliseconds - sweptAt.milliseconds) / 3_600_000)
                if hours >= Self.sweepHours { problems.append(.sweepOverdue(hours: hours)) }
            }
        }
        if let lastWebhookAt {
            let days = now.wholeDays(since: lastWebhookAt)
            if days >= Self.silenceDays { problems.append(.silent(days: days)) }
        } else {
            problems.append(.noWebhook)
        }
        if rejectedWebhooks > 0 { problems.append(.rejected(rejectedWebhooks)) }
        if parkedIssues > 0 { problems.append(.parked(parkedIssues)) }
        return problems
    }
}
