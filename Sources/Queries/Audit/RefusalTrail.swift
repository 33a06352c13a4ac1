public import Domain
public import Logging
import Synchronization

/// Records credentials that were refused, in each chain at most ``perHour`` in an hour on this node: who tries keys must be
/// able neither to fill the log nor to make the store write. The next row says how many were left out.
public final class RefusalTrail: Sendable {
    /// Most rows of a chain in an hour.
    public static let perHour = 20
    private static let hour: Int64 = 3600

    private struct Window: Sendable {
        var began: Timestamp
        var rows = 0
        var leftOut = 0
    }

    private let windows = Mutex<[AuditChain: Window]>([:])
    private let store: any AuditStore
    private let now: @Sendable () -> Timestamp
    private let logger: Logger

    public init(store: any AuditStore, now: @escaping @Sendable () -> Timestamp, logger: Logger) {
        self.store = store
        self.now = now
        self.logger = logger
    }

    /// - Parameters:
    ///   - reason: one of few words.
    ///   - tenant: whose credentials they are; nil where that is not known.
    ///   - actor: who was refused, with where the request came from.
    public func note(_ reason: String, of tenant: TenantID?, by actor: Actor) async {
        let (chain, now) = (tenant.map { AuditChain.tenant($0) } ?? .host, now())
        guard let leftOut = windows.withLock({ Self.take(chain, at: now, from: &$0) }) else { return }
        var fields: AuditFields = ["reason": .text(reason), "request": .optional(actor.origin?.request)]
        if leftOut > 0 { fields["left_out_before"] = .count(leftOut) }
        do {
            try await store.record(AuditAct(.credentialsRefuse, after: fields), in: chain, by: actor, now: now)
        } catch {
            // The request is refused all the same.
            logger.error("refusal not recorded", metadata: ["error": "\(error)"])
        }
    }

    /// How many were left out before; nil where this one is.
    private static func take(
        _ chain: AuditChain, at now: Timestamp, from windows: inout [AuditChain: Window]
    ) -> Int? {
        var window = windows[chain] ?? Window(began: now)
        if now >= window.began.adding(seconds: hour) || now < window.began {
            window.began = now
            window.rows = 0
        }
        defer { windows[chain] = window }
        guard window.rows < perHour else {
            window.leftOut += 1
            return nil
        }
        window.rows += 1
        defer { window.leftOut = 0 }
        return window.leftOut
    }
}
