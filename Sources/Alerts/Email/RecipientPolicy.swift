import Domain

/// Whether the owner of a mail address is asked before the first alert.
public struct RecipientPolicy: Sendable, Hashable {
    /// Whether anybody is asked.
    public var asks: Bool
    /// Domains whose addresses need no confirmation, in lower case; their subdomains do.
    public var confirmedDomains: Set<String>

    /// - Parameter confirmedDomains: in any case.
    public init(asks: Bool = false, confirmedDomains: [String] = []) {
        self.asks = asks
        self.confirmedDomains = Set(confirmedDomains.map { $0.lowercased() })
    }

    /// Whether the owner of this address is asked.
    func asks(_ address: String) -> Bool {
        asks && !confirmedDomains.contains(address.drop { $0 != "@" }.dropFirst().lowercased())
    }

    /// What holds for a recipient now: one that was to be asked counts as confirmed where no owner is asked any more.
    func state(of recipient: MailRecipient) -> MailRecipient.State {
        recipient.state == .unconfirmed && !asks(recipient.address) ? .confirmed : recipient.state
    }

    /// What holds for an address of a channel that nothing is known of.
    func initialState(of address: String, on channel: AlertChannel) -> MailRecipient.State {
        channel.asksRecipients && asks(address) ? .unconfirmed : .confirmed
    }
}
