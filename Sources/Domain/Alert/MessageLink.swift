public import Foundation

/// What a link in a message does. Every holder of the link may do it, so that a link does little and names its object.
public struct MessageLink: Sendable, Hashable {
    /// One thing that is done, to one object of the tenant.
    public enum Action: Sendable, Hashable {
        /// Acknowledges the alerts of a notification.
        case acknowledge(notificationID: UUID)
        /// Silences the issues of a notification for a time.
        case snooze(notificationID: UUID)
        /// Ends or resumes what a mail address gets.
        case unsubscribe(recipientID: UUID)
        /// Agrees to what a mail address is to get.
        case confirm(recipientID: UUID)
        /// Switches the optional mails about an account off or on, for a person, or for the tenant's contact address.
        case accountMails(recipientID: UUID)
    }

    /// Whose object it is.
    public var tenantID: TenantID
    /// What is done.
    public var action: Action
    /// From when on it does nothing more; nil where it does not end.
    public var endsAt: Timestamp?

    public init(tenantID: TenantID, action: Action, endsAt: Timestamp?) {
        self.tenantID = tenantID
        self.action = action
        self.endsAt = endsAt
    }
}

/// A notification as the page of a link shows it.
public struct LinkedNotification: Sendable, Hashable {
    /// The name of its channel when it was made.
    public var channelName: String
    /// Where the channel's people are, as an IANA name; nil where it has no quiet hours, or is deleted.
    public var timeZone: String?
    /// In the order of the message.
    public var alerts: [AlertRecord]

    public init(channelName: String, timeZone: String?, alerts: [AlertRecord]) {
        self.channelName = channelName
        self.timeZone = timeZone
        self.alerts = alerts
    }
}
