public import Foundation

/// Why an issue is to be fetched from Jira.
public enum FetchReason: String, Sendable, Codable, CaseIterable {
    /// A request for its analysis waits for it.
    case asked
    /// A webhook named it first, and describes only a part of it.
    case firstSeen = "first_seen"
    /// Jira knows something of it that no webhook brought.
    case missed
    /// Somebody asked for a backfill.
    case backfill
    /// It was listed once, and now is not.
    case vanished
}

/// An issue to be fetched.
public struct IssueFetch: Sendable, Hashable {
    /// Jira's number of the issue.
    public var issueID: IssueID
    /// What asked for it; decides its turn.
    public var reason: FetchReason
    /// Failed attempts before this one.
    public var attempts: Int

    public init(issueID: IssueID, reason: FetchReason, attempts: Int) {
        self.issueID = issueID
        self.reason = reason
        self.attempts = attempts
    }
}

/// How the fetch of an issue stands that has not ended.
public enum FetchStanding: Sendable, Hashable {
    /// It is due, or to be tried again.
    case waiting
    /// It was given up: Jira does not show the issue, or every attempt failed.
    case parked
}

/// A tenant that is due for a sync, claimed under a lease: until it expires, no other node takes it.
public struct SyncClaim: Sendable, Hashable {
    /// The tenant whose Jira is synced.
    public var tenantID: TenantID
    /// Names the lease; what is recorded under an expired one has no effect.
    public var leaseToken: String
    /// Failed attempts in a row before this one.
    public var attempts: Int
    /// When the last sweep that succeeded began; nil before the first.
    public var sweptAt: Timestamp?
    /// When the last sweep through all issues that succeeded began.
    public var fullySweptAt: Timestamp?
    /// When the next sweep is due; nil before the first.
    public var sweepDueAt: Timestamp?
    /// Whether somebody asked for a sweep through all issues.
    public var isFullSweepAsked: Bool
    /// Why the last sweep was refused, for people; nil when it was not.
    public var sweepError: String?

    public init(
        tenantID: TenantID, leaseToken: String, attempts: Int, sweptAt: Timestamp?, fullySweptAt: Timestamp?,
        sweepDueAt: Timestamp?, isFullSweepAsked: Bool, sweepError: String?
    ) {
        self.tenantID = tenantID
        self.leaseToken = leaseToken
        self.attempts = attempts
        self.sweptAt = sweptAt
        self.fullySweptAt = fullySweptAt
        self.sweepDueAt = sweepDueAt
        self.isFullSweepAsked = isFullSweepAsked
        self.sweepError = sweepError
    }
}

/// What the store holds of an issue, as far as it must be known to tell whether Jira knows more.
public struct IssueOutline: Sendable, Hashable {
    /// Nil while only webhooks without the project are known.
    public var projectKey: String?
    /// The newest sign of life known, or of consilod's own writes, by which Jira dates an issue as well.
    public var updated: Timestamp?
    /// When it was last fetched whole; nil when webhooks are all that is known.
    public var wholeAt: Timestamp?
    /// Whether fields that are read now were not asked for when it was last fetched.
    public var lacksFields: Bool
    /// Deleted, or no longer shown to the account.
    public var isGone: Bool
    /// Whether events of it wait to be folded: what they tell is not in the rest of this yet.
    public var hasPendingEvents: Bool

    public init(
        projectKey: String?, updated: Timestamp?, wholeAt: Timestamp?, lacksFields: Bool = false, isGone: Bool,
        hasPendingEvents: Bool
    ) {
        self.projectKey = projectKey
        self.updated = updated
        self.wholeAt = wholeAt
        self.lacksFields = lacksFields
        self.isGone = isGone
        self.hasPendingEvents = hasPendingEvents
    }
}

/// How a tenant's access to Jira stands, and what it has brought.
public struct JiraAccessStatus: Sendable, Hashable {
    /// Why no calls are made any more, for people; nil while they are.
    public var stoppedReason: String?
    /// When the calls were stopped; nil while they are made.
    public var stoppedAt: Timestamp?
    /// Why the last attempt failed; nil when it did not.
    public var lastError: String?
    /// When the last successful sweep began; nil before the first.
    public var sweptAt: Timestamp?
    /// When the last successful sweep over all issues began; nil before the first.
    public var fullySweptAt: Timestamp?
    /// Issues of which Jira knew something that no webhook had brought.
    public var missed: Int
    /// Those of them that were fetched since.
    public var healed: Int
    /// Issues found deleted without a webhook that said so.
    public var deleted: Int
    /// Issues that the account can no longer see.
    public var hidden: Int
    /// Calls to Jira.
    public var calls: Int
    /// Issues that wait to be fetched.
    public var waiting: Int
    /// Issues that cannot be fetched: Jira does not show them to the account, or they failed again and again.
    public var unavailable: Int

    public init(
        stoppedReason: String?, stoppedAt: Timestamp?, lastError: String?, sweptAt: Timestamp?,
        fullySweptAt: Timestamp?, missed: Int, healed: Int, deleted: Int, hidden: Int, calls: Int, waiting: Int,
        unavailable: Int
    ) {
        self.stoppedReason = stoppedReason
        self.stoppedAt = stoppedAt
        self.lastError = lastError
        self.sweptAt = sweptAt
        self.fullySweptAt = fullySweptAt
        self.missed = missed
        self.healed = healed
        self.deleted = deleted
        self.hidden = hidden
        self.calls = calls
        self.waiting = waiting
        self.unavailable = unavailable
    }
}

/// What has come of asking Jira, over all tenants there are.
public struct JiraTallies: Sendable, Hashable {
    /// As in ``JiraAccessStatus``.
    public var missed = 0
    /// As in ``JiraAccessStatus``.
    public var healed = 0
    /// As in ``JiraAccessStatus``.
    public var deleted = 0
    /// As in ``JiraAccessStatus``.
    public var hidden = 0
    /// Tenants whose calls are stopped.
    public var stoppedTenants = 0
    /// Issues that wait to be fetched.
    public var waiting = 0
    /// Issues that cannot be fetched.
    public var unavailable = 0

    public init() {}
}

/// A backfill: the issues that a JQL query finds, fetched into the store. It is a row, and goes on after a restart.
public struct Backfill: Sendable, Hashable {
    /// The states by the words of the API.
    public enum State: String, Sendable, Codable, CaseIterable {
        case running, done, failed
    }

    /// Chosen by consilod; the one to ask for its progress by.
    public var id: UUID
    /// Whose issues are fetched.
    public var tenantID: TenantID
    /// The query as it was given.
    public var jql: String
    /// `running` until every issue found was fetched or given up; `failed` has its reason in ``error``.
    public var state: State
    /// Where the listing goes on; nil at its beginning.
    public var pageToken: String?
    /// How many times the listing began again, as Jira no longer knew the place.
    public var restarts: Int
    /// Whether all that the query finds has been listed.
    public var isListed: Bool
    /// Issues found so far.
    public var listed: Int
    /// Those of them that had to be fetched, because they were unknown or have changed.
    public var requested: Int
    /// Those of `requested` that are still waiting.
    public var waiting: Int
    /// Those of `requested` that cannot be fetched: Jira does not show them, or they failed again and again.
    public var unavailable: Int
    /// Calls to Jira that the listing took.
    public var calls: Int
    /// Why it failed, for people.
    public var error: String?
    /// When it was asked for.
    public var createdAt: Timestamp
    /// When it was done or failed; nil while it runs.
    public var finishedAt: Timestamp?

    /// Those of `requested` that are in the store.
    public var fetched: Int { requested - waiting - unavailable }

    public init(
        id: UUID, tenantID: TenantID, jql: String, state: State = .running, pageToken: String? = nil,
        restarts: Int = 0, isListed: Bool = false, listed: Int = 0, requested: Int = 0, waiting: Int = 0,
        unavailable: Int = 0, calls: Int = 0, error: String? = nil, createdAt: Timestamp, finishedAt: Timestamp? = nil
    ) {
        self.id = id
        self.tenantID = tenantID
        self.jql = jql
        self.state = state
        self.pageToken = pageToken
        self.restarts = restarts
        self.isListed = isListed
        self.listed = listed
        self.requested = requested
        self.waiting = waiting
        self.unavailable = unavailable
        self.calls = calls
        self.error = error
        self.createdAt = createdAt
        self.finishedAt = finishedAt
    }
}

/// What became of a fetch.
public enum FetchOutcome: Sendable, Hashable {
    /// The issue came, and is in the inbox.
    case kept
    /// Jira no longer has it.
    case deleted
    /// Jira may have it, but does not show it.
    case hidden
    /// It did not come, for a reason told to people; nil for when it is not to be tried again.
    case failed(error: String, retryAt: Timestamp?)
}

/// How a tenant's Jira is reached; the token is sealed.
public struct JiraCredentials: Sendable, Hashable {
    /// `https://acme.atlassian.net`, without a slash at its end.
    public var siteURL: String
    /// The account's address, its user name at Jira's API.
    public var email: String
    /// The API token, encrypted by the host's key.
    public var sealedToken: String
    /// Which custom fields of the site hold what; nil where that was not found out.
    public var fields: CustomFields?
    /// What consilod itself has written into the site; it stands in place of that of ``fields``.
    public var own: OwnWrites

    /// Whether both are the same account on the same site.
    public func isSameAccount(as other: JiraCredentials) -> Bool {
        (siteURL, email, sealedToken) == (other.siteURL, other.email, other.sealedToken)
    }

    public init(
        siteURL: String, email: String, sealedToken: String, fields: CustomFields?, own: OwnWrites = OwnWrites()
    ) {
        self.siteURL = siteURL
        self.email = email
        self.sealedToken = sealedToken
        self.fields = fields
        self.own = own
    }
}
