public import Domain
public import Foundation

/// What is kept of the recipients of mail channels. Every method is one transaction and sees one tenant only (P8), apart from
/// the claim, which serves all.
public protocol RecipientStore: Sendable {
    /// Those of a channel that are known; addresses sealed.
    func mailRecipients(_ id: TenantID, channelID: UUID) async throws -> [MailRecipient]
    /// Adds some, addresses sealed; false where the channel has others than `known`.
    func addMailRecipients(
        _ id: TenantID, channelID: UUID, _ new: [MailRecipient], known: Set<UUID>
    ) async throws -> Bool
    /// Forgets those that did not unsubscribe, and were not asked since.
    func removeMailRecipients(_ id: TenantID, _ recipients: [UUID], askedBefore: Timestamp) async throws
    /// Has the owners of unconfirmed addresses asked again; how many.
    func requestConfirmations(
        _ id: TenantID, channelID: UUID, askedBefore: Timestamp, by actor: Actor, now: Timestamp
    ) async throws -> Int
    /// Takes addresses whose owners are to be asked.
    func claimConfirmations(limit: Int, now: Timestamp, leaseUntil: Timestamp) async throws -> [ConfirmationRequest]
    /// Records what became of a question.
    func recordConfirmation(_ id: UUID, retryAt: Timestamp?, error: String?) async throws
}

/// What the owners of the addresses of mail channels say.
///
/// An address is kept sealed, under a random id, and is found by opening those of its channel: no hash of it is stored, which
/// a change of the key would make useless.
public struct MailRecipients: Sendable {
    /// What the owner of an address says now.
    enum Standing: Sendable, Hashable {
        /// Mail may go there.
        case admitted(recipientID: UUID)
        /// The owner was not asked, or has not answered.
        case waiting
        /// The owner wants no mail.
        case unsubscribed
        /// No configured key opens an address that may be this one.
        case sealed
    }

    /// An address for the API, with what holds for it.
    public struct Entry: Sendable, Hashable {
        /// In clear.
        public var address: String
        /// What holds for it.
        public var state: MailRecipient.State
        /// When it came to this state; nil where nothing is stored of it.
        public var changedAt: Timestamp?
        /// When its owner was asked last; nil for never.
        public var confirmationSentAt: Timestamp?

        public init(
            address: String, state: MailRecipient.State, changedAt: Timestamp?, confirmationSentAt: Timestamp?
        ) {
            self.address = address
            self.state = state
            self.changedAt = changedAt
            self.confirmationSentAt = confirmationSentAt
        }
    }

    /// Somebody else added recipients of the channel, again and again.
    private struct Contended: Error, CustomStringConvertible {
        var description: String { "the recipients of the channel are being changed" }
    }

    /// Between two questions to the same address.
    public static let pauseSeconds: Int64 = 600
    /// How long an address that a channel has no more is remembered, so that its owner is not asked again at once.
    private static let memorySeconds: Int64 = 86_400

    private let store: any RecipientStore
    /// Who is asked.
    public let policy: RecipientPolicy
    private let open: @Sendable (String) throws -> String
    private let seal: @Sendable (String) throws -> String
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - open: decrypts an address.
    ///   - seal: encrypts one.
    public init(
        store: any RecipientStore, policy: RecipientPolicy, open: @escaping @Sendable (String) throws -> String,
        seal: @escaping @Sendable (String) throws -> String, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.policy = policy
        self.open = open
        self.seal = seal
        self.now = now
    }

    // MARK: Deliveries

    /// Whether mail may go to an address of a channel. One that is new to the channel is noted, and its owner is asked.
    ///
    /// Throws what the store throws.
    func standing(of address: String, on channel: AlertChannel, of tenantID: TenantID) async throws -> Standing {
        let known = try await ensure([address], on: channel, of: tenantID)
        guard let recipient = known.first(where: { Self.isSame($0.address, address) }) else { return .sealed }
        return switch policy.state(of: recipient) {
        case .confirmed: .admitted(recipientID: recipient.id)
        case .unconfirmed: .waiting
        case .unsubscribed: .unsubscribed
        }
    }

    // MARK: Changes of a channel

    /// A channel's new form, before it is saved: the addresses that it has already, from a time without questions, count as
    /// confirmed, and those that come with the change do not. Throws what the store throws.
    ///
    /// - Parameters:
    ///   - old: as it is saved, its target in clear; nil for a new channel.
    ///   - target: the new one, in clear.
    public func prepared(
        _ channel: AlertChannel, from old: AlertChannel?, target: String, of tenantID: TenantID
    ) async throws -> AlertChannel {
        guard channel.kind == .email, policy.asks, !channel.asksRecipients else { return channel }
        if let old {
            let kept = Set(Self.addresses(of: target).map { $0.lowercased() })
            let present = Self.addresses(of: old.target).filter { kept.contains($0.lowercased()) }
            _ = try await ensure(present, on: old, of: tenantID)
        }
        var channel = channel
        channel.asksRecipients = true
        return channel
    }

    /// Notes the addresses of a channel that was saved, so that the owners of new ones are asked, and forgets those that it has
    /// no more. Throws what the store throws.
    ///
    /// - Parameter channel: its target in clear.
    public func settle(_ channel: AlertChannel, of tenantID: TenantID) async throws {
        guard channel.kind == .email else { return }
        let addresses = Self.addresses(of: channel.target)
        let wanted = Set(addresses.map { $0.lowercased() })
        // What no key opens any more says nothing; the addresses were entered again.
        let stale = try await store.mailRecipients(tenantID, channelID: channel.id).filter { recipient in
            guard let address = opened(recipient)?.address else { return true }
            return !wanted.contains(address.lowercased())
        }
        if !stale.isEmpty {
            try await store.removeMailRecipients(
                tenantID, stale.map(\.id), askedBefore: now().adding(seconds: -Self.memorySeconds))
        }
        guard channel.asksRecipients else { return }
        _ = try await ensure(addresses, on: channel, of: tenantID)
    }

    /// Has the owners of a channel's unconfirmed addresses asked again, unless they were within ``pauseSeconds``: how many of
    /// them, and how many wait. Throws what the store throws.
    ///
    /// - Parameter channel: its target in clear.
    public func askAgain(
        _ channel: AlertChannel, of tenantID: TenantID, by actor: Actor
    ) async throws -> (asked: Int, waiting: Int) {
        let waiting = try await entries(of: channel, of: tenantID).count { $0.state == .unconfirmed }
        guard waiting > 0 else { return (0, 0) }
        let now = now()
        let asked = try await store.requestConfirmations(
            tenantID, channelID: channel.id, askedBefore: now.adding(seconds: -Self.pauseSeconds), by: actor, now: now)
        return (min(asked, waiting), waiting)
    }

    /// The addresses of a channel, in its order. Throws what the store throws.
    ///
    /// - Parameter channel: its target in clear.
    public func entries(of channel: AlertChannel, of tenantID: TenantID) async throws -> [Entry] {
        guard channel.kind == .email else { return [] }
        let known = try await store.mailRecipients(tenantID, channelID: channel.id).compactMap(opened)
        return Self.addresses(of: channel.target).map { address in
            guard let recipient = known.first(where: { Self.isSame($0.address, address) }) else {
                let state = policy.initialState(of: address, on: channel)
                return Entry(address: address, state: state, changedAt: nil, confirmationSentAt: nil)
            }
            return Entry(
                address: address, state: policy.state(of: recipient), changedAt: recipient.changedAt,
                confirmationSentAt: recipient.confirmationSentAt)
        }
    }

    // MARK: Rows

    /// The known recipients of a channel, `addresses` among them, unless one that cannot be opened may be the same.
    private func ensure(
        _ addresses: [String], on channel: AlertChannel, of tenantID: TenantID
    ) async throws -> [MailRecipient] {
        for _ in 0..<10 {
            let rows = try await store.mailRecipients(tenantID, channelID: channel.id)
            let known = rows.compactMap(opened)
            let missing = addresses.filter { address in !known.contains { Self.isSame($0.address, address) } }
            guard !missing.isEmpty, known.count == rows.count else { return known }
            let now = now()
            let new = missing.map { address in
                let state = policy.initialState(of: address, on: channel)
                return MailRecipient(
                    id: UUID(), channelID: channel.id, address: address, state: state, changedAt: now,
                    confirmationDueAt: state == .unconfirmed ? now : nil)
            }
            let sealed = try new.map { recipient in
                var recipient = recipient
                recipient.address = try seal(recipient.address)
                return recipient
            }
            let isAdded = try await store.addMailRecipients(
                tenantID, channelID: channel.id, sealed, known: Set(rows.map(\.id)))
            if isAdded { return known + new }
        }
        throw Contended()
    }

    /// With the address in clear; nil where no key opens it.
    private func opened(_ recipient: MailRecipient) -> MailRecipient? {
        var recipient = recipient
        do { recipient.address = try open(recipient.address) } catch { return nil }
        return recipient
    }

    private static func isSame(_ one: String, _ other: String) -> Bool { one.lowercased() == other.lowercased() }

    /// Each address of a list once.
    static func addresses(of target: String) -> [String] {
        var seen: Set<String> = []
        return MailAddress.list(target).map(\.address).filter { seen.insert($0.lowercased()).inserted }
    }
}
