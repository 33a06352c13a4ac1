import Domain
import HTTPServer
import Hummingbird
public import Logging
public import Metrics
public import Queries

/// Counts, logs and records credentials that are refused. A key has 256 random bits and cannot be guessed; but who tries, or has a
/// key that was replaced, is seen.
public struct RefusedCredentials: Sendable {
    /// Why they are refused, as the metric and the log name it.
    enum Reason: String, CaseIterable, Sendable {
        /// None were sent.
        case missing
        /// No such key or token, or one that has ended.
        case unknown
        /// Not looked at: too many were refused before.
        case tooMany = "too_many"
        /// A tenant's key with another tenant's `X-Tenant-ID`.
        case tenantMismatch = "tenant_mismatch"
        /// Good ones that may not do this.
        case notAllowed = "not_allowed"
        /// A link of a message that no configured key signed.
        case unknownLink = "unknown_link"
    }

    private let counters: [Reason: Counter]
    private let log: BoundedLog
    private let trail: RefusalTrail?

    /// - Parameters:
    ///   - factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    ///   - logger: gets a bounded number of lines; never what was sent.
    ///   - trail: keeps a bounded number of rows; nil keeps none.
    public init(
        factory: any MetricsFactory = MetricsSystem.factory, logger: Logger, trail: RefusalTrail? = nil,
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
        self.trail = trail
    }

    /// A path without the account id of a person, which no line of the log has.
    private static func shown(_ path: String) -> String {
        let people = "/api/people/"
        return path.hasPrefix(people) ? people + "{account_id}" : path
    }

    /// - Parameters:
    ///   - tenant: whose credentials they are, where that is known.
    ///   - path: what is logged in place of the request's path, where that holds the credential.
    ///   - actor: who was refused, with where the request came from.
    func note(
        _ reason: Reason, _ request: Request, tenant: TenantID? = nil, path: String? = nil, by actor: Actor
    ) async {
        counters[reason]?.increment()
        // Every link that somebody follows to a page of the API has none.
        guard reason != .missing else { return }
        log.log(
            .warning, "credentials refused", tenant: tenant.map { "\($0)" }, code: reason.rawValue,
            ["method": "\(request.method)", "path": "\(path ?? Self.shown(request.uri.path))"])
        await trail?.note(reason.rawValue, of: tenant, by: actor)
    }
}
