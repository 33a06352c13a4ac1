import Domain
import Foundation

@testable import Store

/// What a store holds of some tenants, in words that no type of consilod has a part in: to be compared with what an earlier
/// version wrote down of the same store.
struct StoreSummary: Codable, Equatable {
    struct Delivery: Codable, Equatable {
        var id: String
        var alert: String
        var channel: String
        var channelID: String
        var channelKind: String?
        var state: String
        var attempts: Int
        var lastError: String?
        var nextAttemptAt: String?
        var deliveredAt: String?
    }

    struct Tenant: Codable, Equatable {
        /// `PAY-1 71 at …: Refund button`, the riskiest first.
        var issues: [String]
        /// By key: `71 at …, 2.5 blockers …`.
        var histories: [String: [String]]
        /// In the order of the list.
        var deliveries: [Delivery]
        var parked: [String]
        var rejected: [String]
        var sprints: [String]
        var usage: [Int]
        var channels: [String]
    }

    var tenants: [String: Tenant]
    /// Rows by table.
    var rows: [String: Int]

    static func of(_ store: RiskStore, _ tenants: [TenantID], tables: [String]) async throws -> StoreSummary {
        var summary = StoreSummary(tenants: [:], rows: [:])
        for id in tenants { summary.tenants[id.description] = try await tenant(id, store) }
        summary.rows = try await store.driver.read { connection in
            try tables.reduce(into: [:]) { rows, table in
                rows[table] = try connection.first("SELECT COUNT(*) FROM \(table)", [])?.integer(0)
            }
        }
        return summary
    }

    private static func tenant(_ id: TenantID, _ store: RiskStore) async throws -> Tenant {
        let issues = try await store.issues(id, filter: IssueFilter(), after: nil, limit: 100).items
        var histories: [String: [String]] = [:]
        for issue in issues.map(\.issue) {
            histories[issue.key.rawValue] = try await store.history(id, key: issue.key, after: nil, limit: 100).items
                .map {
                    "\($0.riskScore) at \($0.analyzedAt), \($0.dailyCost), \($0.blockerCount), \($0.sentimentNegativePct)"
                }
        }
        let alerts = try await store.alerts(id, state: nil, issueKey: nil, after: nil, limit: 100).items
        let usage = try await store.usage(id, from: Timestamp(seconds: 0), to: Timestamp(seconds: 9_000_000_000))
        return Tenant(
            issues: issues.map {
                "\($0.issue.key) \($0.analysis.riskScore) at \($0.analysis.asOf): \($0.issue.summary)"
            },
            histories: histories,
            deliveries: alerts.flatMap { record in
                record.deliveries.map { delivery in
                    Delivery(
                        id: delivery.id.canonicalText, alert: record.alert.id.canonicalText,
                        channel: delivery.channelName, channelID: delivery.channelID.canonicalText,
                        channelKind: delivery.channelKind?.rawValue, state: delivery.state.rawValue,
                        attempts: delivery.attempts, lastError: delivery.lastError,
                        nextAttemptAt: delivery.nextAttemptAt?.description,
                        deliveredAt: delivery.deliveredAt?.description)
                }
            },
            parked: try await store.parkedIssues(id, after: nil, limit: 10).items.map {
                "\($0.issueID) \($0.attempts) \($0.lastError)"
            },
            rejected: try await store.webhookEvents(id, state: .rejected, after: nil, limit: 10).items.map {
                "\($0.deliveryID) \($0.error ?? "")"
            },
            sprints: try await store.sprints(id, projectKey: "PAY", named: nil).map {
                "\($0.id) \($0.name) \($0.state)"
            },
            usage: [usage.issue, usage.sprint, usage.portfolio],
            channels: try await store.alertChannels(id).map { "\($0.name) \($0.kind) \($0.isEnabled)" })
    }
}
