import Domain
import Synchronization

/// The targets of channels, which the store holds encrypted.
final class SealedTargets: Sendable {
    private static let capacity = 10_000

    /// Encrypts.
    let seal: @Sendable (String) throws -> String
    private let open: @Sendable (String) throws -> String
    /// By the sealed target, for a channel is looked at many times while it waits: who is called, and not with what secret.
    private let peers = Mutex<[String: String]>([:])

    init(
        open: @escaping @Sendable (String) throws -> String, seal: @escaping @Sendable (String) throws -> String
    ) {
        self.open = open
        self.seal = seal
    }

    /// A channel with its target in clear; nil where no key opens it.
    func opened(_ channel: AlertChannel) -> AlertChannel? {
        guard let target = opened(channel.target) else { return nil }
        var channel = channel
        channel.target = target
        return channel
    }

    /// What was sealed; nil where no key opens it.
    func opened(_ sealed: String) -> String? {
        do { return try open(sealed) } catch { return nil }
    }

    /// Who is called for a channel whose target is sealed; nil where no key opens it.
    func peer(of channel: AlertChannel, by sink: any AlertSink) -> String? {
        if let peer = peers.withLock({ $0[channel.target] }) { return peer }
        guard let peer = opened(channel).map({ sink.peer(of: $0) }) else { return nil }
        peers.withLock { peers in
            if peers.count >= Self.capacity { peers = [:] }
            peers[channel.target] = peer
        }
        return peer
    }
}
