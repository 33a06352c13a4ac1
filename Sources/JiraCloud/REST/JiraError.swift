public import Domain

/// Why Jira did not give an answer. Its description is one sentence for people; no case holds a secret.
public enum JiraError: Error, Sendable, Hashable, CustomStringConvertible {
    /// 401: the token is wrong, revoked or expired, at the site and at the gateway. Stops the tenant's calls.
    case unauthorized
    /// 403: the account lacks a permission. Stops the tenant's calls, except where only an administrator may ask.
    case forbidden
    /// 401 of the gateway: the token was made without a scope that the call needs. Stops the tenant's calls as a missing
    /// permission does.
    case scopeMissing
    /// 404: it does not exist, or the account may not see it.
    case notFound
    /// 410: Atlassian has taken the endpoint away.
    case gone(endpoint: String)
    /// 429, or a limit that is known to last: nothing before that instant.
    case rateLimited(until: Timestamp)
    /// 5xx, no connection, or no answer in time, more than once.
    case unavailable(reason: String)
    /// The address must not be called: a private network, or not https. Nothing was sent to it.
    case refusedAddress(reason: String)
    /// An answer that is not what Jira's documentation says; also a redirect, and an answer beyond all size.
    case malformedAnswer(reason: String)
    /// 400 and other refusals of the request itself; the message is Jira's own, of at most 300 characters.
    case badRequest(message: String)
    /// The task was cancelled.
    case cancelled

    /// The scopes without which a scoped token is no good: of issues, fields, projects and permissions, and of the account
    /// itself. Boards need others, without which they are passed over; for webhooks of a site Atlassian documents none.
    public static let scopes = ["read:jira-work", "read:jira-user"]

    /// Whether all further calls would be refused as well, until the account is changed.
    var endsAccess: Bool { self == .unauthorized || self == .forbidden || self == .scopeMissing }

    public var description: String {
        switch self {
        case .unauthorized: "Jira does not accept the account's token (401): it is wrong, revoked or expired"
        case .forbidden: "the account lacks a permission in Jira (403)"
        case .scopeMissing:
            "the account's token lacks a scope (401): it needs \(Self.scopes.joined(separator: " and "))"
        case .notFound: "Jira does not have it, or does not show it to the account (404)"
        case .gone(let endpoint): "Jira has removed \(endpoint) (410): consilod needs an update"
        case .rateLimited(let until): "Jira asks for patience until \(until) (429)"
        case .unavailable(let reason): "Jira cannot be reached: \(reason)"
        case .refusedAddress(let reason): "the Jira address is refused: \(reason)"
        case .malformedAnswer(let reason): "Jira's answer cannot be used: \(reason)"
        case .badRequest(let message): "Jira refused the request: \(message)"
        case .cancelled: "the call to Jira was cancelled"
        }
    }
}
