import Domain
import Foundation

/// An alert as Alertmanager's API v2 takes it (`POST /api/v2/alerts`).
///
/// The labels name the alert: what is raised, sent again and resolved must have the same ones. The score and the band, which
/// move meanwhile, are annotations.
struct AlertmanagerAlert: Encodable {
    /// For how long an alert counts as firing that is not sent again.
    static let lifetimeSeconds: Int64 = 20 * 60

    var labels: [String: String]
    var annotations: [String: String]
    var startsAt: Timestamp
    var endsAt: Timestamp
    var generatorURL: String

    /// The body to post. The same alerts and instant give the same bytes. Throws only what `JSONEncoder` throws.
    static func render(_ alerts: [Alert], now: Timestamp) throws -> Data {
        try CanonicalJSON.encode(alerts.map { AlertmanagerAlert($0, now: now) })
    }

    /// - Parameter now: the instant of sending. A raised alert ends ``lifetimeSeconds`` after it, unless it is sent again before.
    init(_ alert: Alert, now: Timestamp) {
        let words = AlertText(alert)
        labels = ["alertname": Self.name(of: alert), "tenant": "\(alert.tenantID)"]
        if let issue = alert.issue {
            labels["issue"] = "\(issue.issueKey)"
            labels["project"] = issue.projectKey.onOneLine(limit: 100)
            labels["rule"] = issue.ruleName.onOneLine(limit: 100)
            labels["kind"] = alert.kind.rawValue
            annotations = ["score": "\(issue.score)", "band": alert.band.rawValue]
        } else {
            annotations = [:]
        }
        annotations["summary"] = words.headline
        let details = words.sections.flatMap { section in
            ["\(section.title):"] + section.items.map { "- \($0.text)" }
        }
        annotations["description"] =
            ([words.subject] + words.facts.map { "\($0.label): \($0.value)" } + details).joined(separator: "\n")
        startsAt = alert.createdAt
        // A resolved one is over; an end in the past takes effect at once.
        endsAt =
            alert.event == .raised ? max(now, alert.createdAt).adding(seconds: Self.lifetimeSeconds) : alert.createdAt
        generatorURL = alert.url
    }

    private static func name(of alert: Alert) -> String {
        switch alert.subject {
        case .issue: "JiraIssueAtRisk"
        case .access: "JiraAccessRefused"
        case .test: "ConsilodTest"
        case .digest: "ConsilodDigest"
        }
    }
}
