import Domain
import HTTPServer
import Hummingbird
public import Logging
public import Metrics

/// Counts and logs credentials that are refused. A key has 256 random bits and cannot be guessed; but who tries, or has a
/// key that was replaced, is seen.
public struct RefusedCredentials: Sendable {
    /// Why they are refused, as the metric and the log name it.
    enum Reason: String, CaseIterable, Sendable {
        /// None were sent.
        case missing
        /// No such key or token.
        case unknown
        /// A tenant's key with another tenant's `X-Tenant-ID`.
        case tenantMismatch = "tenant_mismatch"
        /// Good ones that may not do this.
        case notAllowed = "not_allowed"
        /// A link of a message that no configured key signed.
        case unknownLink = "unknown_link"
    }

    private let counters: [Reason: Counter]
    private let log: BoundedLog

    /// - Parameters:
    ///   - factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    ///   - logger: gets a bounded number of lines; never what was sent.
    public init(
        factory: any MetricsFactory = MetricsSystem.factory, logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        counters = Dictionary(
            uniqueKeysWithValues: Reason.allCases.map {
                (
                    $0,
                    Counter(
                        label: "consilod_api_refused_credentials_total", dimensions: [("reason", $0.rawValue)],
                        factory: factory)
                )
            })
        log = BoundedLog(logger, now: now)
    }

    /// - Parameters:
    ///   - tenant: whose credentials they are, where that is known.
    ///   - path: what is logged in place of the request's path, where that holds the credential.
    func note(_ reason: Reason, _ request: Request, tenant: TenantID? = nil, path: String? = nil) {
        counters[reason]?.increment()
        // Every link that somebody follows to a page of the API has none.
        guard reason != .missing else { return }
        log.log(
            .warning, "credentials refused", tenant: tenant.map { "\($0)" }, code: reason.rawValue,
            ["method": "\(request.method)", "path": "\(path ?? request.uri.path)"])
    }
}
