public import Domain
import Foundation

/// The addresses of the links that a message carries; nil for what cannot be done from it.
public struct MessageLinks: Sendable, Hashable {
    /// Acknowledges its alerts.
    public var acknowledge: String?
    /// Keeps alerts of its issues back for a time.
    public var snooze: String?
    /// Ends the mail to its recipient.
    public var unsubscribe: String?

    public init(acknowledge: String? = nil, snooze: String? = nil, unsubscribe: String? = nil) {
        self.acknowledge = acknowledge
        self.snooze = snooze
        self.unsubscribe = unsubscribe
    }

    /// What can be done about the alerts, with the words for it.
    var actions: [(title: String, url: String)] {
        [("Acknowledge", acknowledge), ("Snooze", snooze)].compactMap { title, url in url.map { (title, $0) } }
    }
}

/// Makes the addresses of links: that of this host, and a signed token.
public struct LinkMaker: Sendable {
    /// How long a link acts that is about an alert, or asks for a confirmation.
    public static let days = 7

    private let publicURL: String
    private let token: @Sendable (MessageLink) -> String

    /// - Parameters:
    ///   - publicURL: the address of this host for people, without a trailing slash.
    ///   - token: signs what a link does.
    public init(publicURL: String, token: @escaping @Sendable (MessageLink) -> String) {
        self.publicURL = publicURL
        self.token = token
    }

    func url(_ action: MessageLink.Action, of tenantID: TenantID, endsAt: Timestamp?) -> String {
        "\(publicURL)/links/\(token(MessageLink(tenantID: tenantID, action: action, endsAt: endsAt)))"
    }

    /// The address of a page of this host.
    ///
    /// - Parameter path: begins with a slash.
    func page(_ path: String) -> String { publicURL + path }

    /// The links of a notification: those about its alerts where one of them is raised, to snooze where it is about an issue.
    ///
    /// - Parameter recipientID: whom it is for, where that is an address.
    func links(of item: OutboxItem, recipientID: UUID?, now: Timestamp) -> MessageLinks {
        var links = MessageLinks()
        guard let tenantID = item.alerts.first?.tenantID else { return links }
        let endsAt = now.adding(days: Self.days)
        // A digest and a test ask for nothing.
        let raised = item.alerts.filter { $0.event == .raised && ($0.issue != nil || $0.kind == .access) }
        if !raised.isEmpty {
            links.acknowledge = url(.acknowledge(notificationID: item.id), of: tenantID, endsAt: endsAt)
        }
        if raised.contains(where: { $0.issue != nil }) {
            links.snooze = url(.snooze(notificationID: item.id), of: tenantID, endsAt: endsAt)
        }
        links.unsubscribe = recipientID.map { url(.unsubscribe(recipientID: $0), of: tenantID, endsAt: nil) }
        return links
    }
}
