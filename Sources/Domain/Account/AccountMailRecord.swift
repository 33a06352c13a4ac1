public import Foundation

/// How far a mail about an account is. The raw values are those of `account_mails.state`.
public enum AccountMailState: String, Sendable, Hashable, Codable, CaseIterable {
    /// It waits to be sent.
    case queued
    /// The relay has taken it over.
    case sent
    /// It was given up; the reason says why, and the operator can have it tried again.
    case dead
    /// It was not sent, because it was no longer true or its recipient wants none.
    case leftOut = "left_out"
}

/// A mail that a node has taken, with what is known of its tenant now.
public struct AccountMailClaim: Sendable, Hashable {
    /// The row.
    public var id: UUID
    /// What it says, about what, to whom.
    public var key: AccountMailKey
    /// The instant that it speaks of, where that follows from nothing else: the end of a period of grace.
    public var refersTo: Timestamp?
    /// Attempts before this one.
    public var attempts: Int
    /// Proves that the claim is this one.
    public var leaseToken: String
    /// The tenant.
    public var facts: AccountMailFacts

    public init(
        id: UUID, key: AccountMailKey, refersTo: Timestamp?, attempts: Int, leaseToken: String, facts: AccountMailFacts
    ) {
        self.id = id
        self.key = key
        self.refersTo = refersTo
        self.attempts = attempts
        self.leaseToken = leaseToken
        self.facts = facts
    }
}

/// What became of an attempt to send a mail about an account.
public enum AccountMailOutcome: Sendable, Hashable {
    /// The relay has taken it over.
    case sent
    /// It may work later: not before `at`.
    case retry(at: Timestamp, reason: String)
    /// It is given up.
    case dead(reason: String)
    /// It was not tried: it is no longer true, or its recipient wants none.
    case leftOut(reason: String)
}

/// A mail about an account, for the operator's list.
public struct AccountMailRecord: Sendable, Hashable {
    /// The row.
    public var id: UUID
    /// What it says.
    public var kind: AccountMailKind
    /// What it is said about.
    public var occasion: String
    /// The recipient's address as it is now; nil for a person who is gone, or has no address.
    public var recipient: String?
    /// How far it is.
    public var state: AccountMailState
    /// Attempts so far.
    public var attempts: Int
    /// When it was decided.
    public var createdAt: Timestamp
    /// When it is, or was, to be tried.
    public var dueAt: Timestamp
    /// When it was sent, given up or left out; nil while it waits.
    public var settledAt: Timestamp?
    /// Why the last attempt failed, or it was not sent; nil for none.
    public var reason: String?

    public init(
        id: UUID, kind: AccountMailKind, occasion: String, recipient: String?, state: AccountMailState, attempts: Int,
        createdAt: Timestamp, dueAt: Timestamp, settledAt: Timestamp?, reason: String?
    ) {
        self.id = id
        self.kind = kind
        self.occasion = occasion
        self.recipient = recipient
        self.state = state
        self.attempts = attempts
        self.createdAt = createdAt
        self.dueAt = dueAt
        self.settledAt = settledAt
        self.reason = reason
    }
}

/// What the page of a link that switches optional mails off shows.
public struct LinkedAccountMails: Sendable, Hashable {
    /// The tenant's Jira site.
    public var siteURL: String
    /// Whether they are off.
    public var isOff: Bool

    public init(siteURL: String, isOff: Bool) {
        self.siteURL = siteURL
        self.isOff = isOff
    }
}

/// How many mails about accounts there are, for metrics.
public struct AccountMailFigures: Sendable, Hashable {
    /// Those that wait.
    public var queued: Int
    /// Those that were given up.
    public var dead: Int

    public init(queued: Int = 0, dead: Int = 0) {
        self.queued = queued
        self.dead = dead
    }
}
