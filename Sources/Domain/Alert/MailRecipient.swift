public import Foundation

/// An address of a mail channel, with what its owner says of the mail.
public struct MailRecipient: Sendable, Hashable {
    /// The states by the words of the API.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// Its owner has not agreed yet. Alerts wait.
        case unconfirmed
        /// It gets the channel's alerts.
        case confirmed
        /// Its owner wants none.
        case unsubscribed
    }

    /// Why a delivery waits for an address that is not confirmed.
    public static let waitingReason = "waits for confirmation by the recipient"

    /// Chosen by consilod; links name the address by it.
    public var id: UUID
    /// The channel whose alerts it is about.
    public var channelID: UUID
    /// The mail address. The store has it sealed.
    public var address: String
    /// What its owner says.
    public var state: State
    /// When it came to this state.
    public var changedAt: Timestamp
    /// When its owner is to be asked; nil where there is nothing to ask.
    public var confirmationDueAt: Timestamp?
    /// When its owner was asked last; nil before the first time.
    public var confirmationSentAt: Timestamp?

    public init(
        id: UUID, channelID: UUID, address: String, state: State, changedAt: Timestamp,
        confirmationDueAt: Timestamp? = nil, confirmationSentAt: Timestamp? = nil
    ) {
        self.id = id
        self.channelID = channelID
        self.address = address
        self.state = state
        self.changedAt = changedAt
        self.confirmationDueAt = confirmationDueAt
        self.confirmationSentAt = confirmationSentAt
    }
}

/// An address whose owner is to be asked: a row that a node has taken.
public struct ConfirmationRequest: Sendable, Hashable {
    /// The recipient's id.
    public var id: UUID
    /// Whose alerts it is to get.
    public var tenantID: TenantID
    /// The mail address, sealed.
    public var address: String
    /// The tenant's Jira site, which the question names.
    public var siteURL: String
    /// Mails that were tried before.
    public var attempts: Int

    public init(id: UUID, tenantID: TenantID, address: String, siteURL: String, attempts: Int) {
        self.id = id
        self.tenantID = tenantID
        self.address = address
        self.siteURL = siteURL
        self.attempts = attempts
    }
}

/// A recipient as the page of a link shows it.
public struct LinkedRecipient: Sendable, Hashable {
    /// What its owner has said so far.
    public var state: MailRecipient.State
    /// The tenant's Jira site.
    public var siteURL: String
    /// The channel's name; nil where it was deleted.
    public var channelName: String?

    public init(state: MailRecipient.State, siteURL: String, channelName: String?) {
        self.state = state
        self.siteURL = siteURL
        self.channelName = channelName
    }
}
