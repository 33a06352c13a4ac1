import Domain
import NIOHTTP1
import Outbound

/// What an answer says of Jira's limits.
///
/// <https://developer.atlassian.com/cloud/jira/platform/rate-limiting>: `Retry-After` in seconds, `X-RateLimit-Reset` as
/// an instant, `X-RateLimit-NearLimit` when less than a fifth is left. Each is sent under a trial name, too
/// (`X-Beta-RateLimit-NearLimit`, `Beta-Retry-After`), and of the quota there is `RateLimit: "name";r=left;t=seconds`.
struct RateLimitHeaders: Sendable, Hashable {
    /// Nothing may be asked before that instant.
    var quietUntil: Timestamp?
    /// Little is left until the reset.
    var isNearLimit = false
    /// How many calls are left, where it is told.
    var remaining: Int64?
    /// When the count starts again, where the header says so.
    var reset: Timestamp?

    init() {}

    /// - Parameter isRefused: whether the answer was a 429: only then a reset is a time to wait for.
    init(_ headers: HTTPHeaders, isRefused: Bool, now: Timestamp) {
        let quotas = Self.values("RateLimit", in: headers).map(Self.parameters)
        isNearLimit = Self.values("X-RateLimit-NearLimit", in: headers).contains { $0.lowercased() == "true" }
        remaining =
            (Self.values("X-RateLimit-Remaining", in: headers).compactMap { Int64($0) }
            + quotas.compactMap { $0["r"] }).min()
        reset =
            (Self.values("X-RateLimit-Reset", in: headers).compactMap(Self.instant)
            + quotas.compactMap { $0["t"].map { now.adding(seconds: min($0, 86_400)) } })
            .filter { $0 > now }.max()
        let waits = Self.values("Retry-After", in: headers).compactMap { RetryAfter.seconds($0, now: now) }
        quietUntil = waits.max().map { now.adding(seconds: min($0, 7 * 86_400)) }
        if isRefused, quietUntil == nil { quietUntil = reset }
    }

    /// The values of a header under its own name and under those of the trial.
    private static func values(_ name: String, in headers: HTTPHeaders) -> [String] {
        let trial = name.hasPrefix("X-") ? "X-Beta-" + name.dropFirst(2) : "X-Beta-" + name
        return [name, "Beta-" + name, trial].flatMap { headers[$0] }.map { value in
            String(value.drop { $0 == " " })
        }
    }

    /// ISO 8601 as documented, or seconds since the epoch.
    private static func instant(_ text: String) -> Timestamp? {
        Timestamp(text) ?? Int64(text).flatMap { $0 < 100_000_000_000 ? Timestamp(seconds: $0) : nil }
    }

    /// The whole-number parameters of a structured field: `"tenant-app-quota";r=17842;t=2107`.
    private static func parameters(_ value: String) -> [Substring: Int64] {
        var parameters: [Substring: Int64] = [:]
        for part in value.split(separator: ";").dropFirst() {
            let pair = part.drop { $0 == " " }.split(separator: "=")
            if pair.count == 2, let number = Int64(pair[1]) { parameters[pair[0]] = number }
        }
        return parameters
    }
}
