import Domain
import Logging
import Synchronization

/// Lines about webhooks, of each kind and tenant at most ten at once and then one in ten seconds: a client that can cause
/// a line must not be able to fill the journal. The next line says how many were left out.
final class BoundedLog: Sendable {
    private struct Kind: Hashable {
        var tenantID: TenantID
        var message: String
        var code: String
    }

    private let logger: Logger
    private let buckets: Mutex<TokenBuckets<Kind>>
    private let now: @Sendable () -> ContinuousClock.Instant

    init(_ logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.logger = logger
        self.now = now
        buckets = Mutex(TokenBuckets(interval: .seconds(10), burst: 10))
    }

    /// - Parameter code: distinguishes lines of the same message; one of few.
    func log(
        _ level: Logger.Level, _ message: String, tenantID: TenantID, code: String = "",
        _ metadata: Logger.Metadata
    ) {
        let kind = Kind(tenantID: tenantID, message: message, code: code)
        guard case .granted(let leftOut) = buckets.withLock({ $0.take(kind, at: now()) }) else { return }
        var metadata = metadata
        metadata["tenant"] = "\(tenantID)"
        if !code.isEmpty { metadata["code"] = "\(code)" }
        if leftOut > 0 { metadata["left_out_before"] = "\(leftOut)" }
        logger.log(level: level, "\(message)", metadata: metadata)
    }
}
