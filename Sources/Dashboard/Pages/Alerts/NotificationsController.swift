import Domain
import Foundation
import Hummingbird
import Queries

/// What was sent to which channel, and which alerts each message stood for.
struct NotificationsController: Sendable {
    var alerts: AlertSettings
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    /// Alerts whose notifications are on one page.
    private static let pageSize = 50

    private struct Item: Sendable {
        var at: String
        var headline: String
        var path: String?
    }

    private struct Row: Sendable {
        var at: String
        var channel: String
        var kind: String
        var state: String
        var reason: String?
        var items: [Item]
    }

    private struct Content: Sendable {
        var notifications: [Row]
        var next: String?
        var isFirst: Bool
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/notifications", use: show)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let cursor = request.uri.queryParameters["cursor"].map(String.init)
        let page = try await alerts.desk.page(
            state: nil, issueKey: nil, after: cursor, limit: Self.pageSize, for: visit.principal)
        let content = Content(
            notifications: Self.rows(page.items),
            next: page.nextCursor.map { "\(AlertTab.notifications.path)?cursor=\(PathText.encoded($0))" },
            isFirst: cursor == nil, asOf: PageText.instant(now()))
        return pages.page("notifications", content, in: .alerts(visit, .notifications))
    }

    /// One for each notification that carries some of the alerts, in the order of the newest of them.
    private static func rows(_ records: [AlertRecord]) -> [Row] {
        var order: [UUID] = []
        var rows: [UUID: Row] = [:]
        for record in records {
            let item = Item(
                at: PageText.instant(record.alert.createdAt), headline: record.alert.headline,
                path: record.alert.issue.map { PageText.issuePath($0.issueKey) })
            for delivery in record.deliveries {
                if rows[delivery.id] == nil {
                    order.append(delivery.id)
                    rows[delivery.id] = row(delivery)
                }
                rows[delivery.id]?.items.append(item)
            }
        }
        return order.compactMap { rows[$0] }
    }

    private static func row(_ delivery: AlertRecord.Delivery) -> Row {
        let at =
            delivery.deliveredAt.map(PageText.instant)
            ?? delivery.nextAttemptAt.map {
                PageTexts.english("notifications", "next", ["at": PageText.instant($0)])
            } ?? PageTexts.english("notifications", "never")
        return Row(
            at: at, channel: delivery.channelName,
            kind: delivery.channelKind.map { PageTexts.english("channels", "kind_\($0.rawValue)") }
                ?? PageTexts.english("notifications", "gone"),
            state: PageTexts.english("alerts", "state_\(delivery.state.rawValue)"), reason: delivery.lastError,
            items: [])
    }
}
