public import Logging
import Synchronization

/// Lines about what clients send, of each kind and subject at most ten at once and then one in ten seconds: a client that
/// can cause a line must not be able to fill the journal. The next line says how many were left out.
public final class BoundedLog: Sendable {
    private struct Kind: Hashable {
        var subject: String
        var message: String
        var code: String
    }

    private let logger: Logger
    private let buckets: Mutex<TokenBuckets<Kind>>
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - logger: where the lines go.
    ///   - now: the clock of the limits.
    public init(_ logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.logger = logger
        self.now = now
        buckets = Mutex(TokenBuckets(interval: .seconds(10), burst: 10))
    }

    /// - Parameters:
    ///   - subject: whom the line is about, as the field `tenant`; nil where the line is about no tenant.
    ///   - code: distinguishes lines of the same message; one of few.
    public func log(
        _ level: Logger.Level, _ message: String, tenant subject: String?, code: String = "",
        _ metadata: Logger.Metadata
    ) {
        let kind = Kind(subject: subject ?? "", message: message, code: code)
        guard case .granted(let leftOut) = buckets.withLock({ $0.take(kind, at: now()) }) else { return }
        var metadata = metadata
        if let subject { metadata["tenant"] = "\(subject)" }
        if !code.isEmpty { metadata["code"] = "\(code)" }
        if leftOut > 0 { metadata["left_out_before"] = "\(leftOut)" }
        logger.log(level: level, "\(message)", metadata: metadata)
    }
}
