import Domain
import Foundation

/// The state of a tenant's access to Jira, and what the calls have found.
struct JiraAccessView: Encodable, Sendable {
    var enabled: Bool
    var stoppedReason: Nullable<String>
    var stoppedAt: Nullable<Timestamp>
    var lastError: Nullable<String>
    var lastSweepAt: Nullable<Timestamp>
    var lastFullSweepAt: Nullable<Timestamp>
    var missed: Int
    var healed: Int
    var deleted: Int
    var hidden: Int
    var calls: Int
    var waitingIssues: Int
    var unavailableIssues: Int

    init(_ status: JiraAccessStatus, isEnabled: Bool) {
        enabled = isEnabled
        stoppedReason = Nullable(status.stoppedReason)
        stoppedAt = Nullable(status.stoppedAt)
        lastError = Nullable(status.lastError)
        lastSweepAt = Nullable(status.sweptAt)
        lastFullSweepAt = Nullable(status.fullySweptAt)
        missed = status.missed
        healed = status.healed
        deleted = status.deleted
        hidden = status.hidden
        calls = status.calls
        waitingIssues = status.waiting
        unavailableIssues = status.unavailable
    }
}

/// A backfill and its progress.
struct BackfillView: Encodable, Sendable {
    var id: String
    var jql: String
    var state: Backfill.State
    var listingComplete: Bool
    var listed: Int
    var requested: Int
    var fetched: Int
    var unavailable: Int
    var listingCalls: Int
    var error: Nullable<String>
    var createdAt: Timestamp
    var finishedAt: Nullable<Timestamp>

    init(_ backfill: Backfill) {
        id = backfill.id.canonicalText
        jql = backfill.jql
        state = backfill.state
        listingComplete = backfill.isListed
        listed = backfill.listed
        requested = backfill.requested
        fetched = backfill.fetched
        unavailable = backfill.unavailable
        listingCalls = backfill.calls
        error = Nullable(backfill.error)
        createdAt = backfill.createdAt
        finishedAt = Nullable(backfill.finishedAt)
    }
}
