import Domain
import Foundation
import Hummingbird
import Queries

/// The alerts with what became of them on each channel; dead letters can be sent again.
struct AlertsController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp
    var onRetry: @Sendable () -> Void

    private static let pageSize = 50

    private struct Silence: Sendable {
        var id: String
        var state: String
        var matchers: String
        var until: String
        var reason: String
        var createdBy: String
        var formToken: String
    }

    private struct Content: Sendable {
        var alerts: [AlertRow]
        var onlyDead: Bool
        var next: String?
        var isFirst: Bool
        var silences: [Silence]
        var hasSilences: Bool
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/alerts", use: show)
        group.post("/dashboard/alerts/retry", use: retry)
        group.post("/dashboard/alerts/end-silence", use: endSilence)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let query = request.uri.queryParameters
        let onlyDead = query["state"] == "dead"
        let cursor = query["cursor"].map(String.init)
        let page = try await store.alerts(
            visit.tenant.id, state: onlyDead ? .dead : nil, issueKey: nil, after: cursor, limit: Self.pageSize)
        let now = now()
        let silences = try await store.alertSilences(visit.tenant.id, after: nil, limit: 20).items
            .filter { $0.state(at: now) != .expired }
        let state = onlyDead ? "state=dead&" : ""
        let content = Content(
            alerts: page.items.map { AlertRow($0, formToken: visit.formToken) }, onlyDead: onlyDead,
            next: page.nextCursor.map { "/dashboard/alerts?\(state)cursor=\(PathText.encoded($0))" },
            isFirst: cursor == nil,
            silences: silences.map { silence in
                Silence(
                    id: silence.id.uuidString, state: silence.state(at: now).rawValue,
                    matchers: silence.matchers.map { matcher in
                        "\(matcher.name.rawValue) \(matcher.isEqual ? "is" : "is not") "
                            + matcher.values.joined(separator: " or ")
                    }.joined(separator: ", "), until: PageText.instant(silence.endsAt), reason: silence.reason,
                    createdBy: silence.createdBy, formToken: visit.formToken)
            }, hasSilences: !silences.isEmpty, asOf: PageText.instant(now))
        return pages.page("alerts", content, in: .signedIn(visit, "Alerts", .alerts))
    }

    @Sendable private func retry(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = try await PostedForm(request, of: visit)
        guard let id = form["delivery"].flatMap(UUID.init(uuidString:)),
            try await store.retryDelivery(visit.tenant.id, deliveryID: id, by: visit.principal.actor, now: now())
        else { throw PageError.badForm("This delivery is no dead letter any more.") }
        onRetry()
        return .see("/dashboard/alerts")
    }

    @Sendable private func endSilence(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = try await PostedForm(request, of: visit)
        guard let id = form["silence"].flatMap(UUID.init(uuidString:)),
            try await store.expireAlertSilence(
                visit.tenant.id, silenceID: id, by: visit.principal.actor, now: now()) != nil
        else { throw PageError.notFound }
        return .see("/dashboard/alerts")
    }
}

/// A row of a list of alerts.
struct AlertRow: Sendable {
    struct Delivery: Sendable {
        var channel: String
        var state: String
        var reason: String?
        /// The delivery to send again; nil where it is no dead letter.
        var retry: String?
        var formToken: String
    }

    var at: String
    var headline: String
    var band: String
    var isResolved: Bool
    var path: String?
    var deliveries: [Delivery]
    var isSilenced: Bool

    init(_ record: AlertRecord, formToken: String) {
        at = PageText.instant(record.alert.createdAt)
        headline = record.alert.headline
        band = record.alert.band.rawValue
        isResolved = record.alert.event == .resolved
        path = record.alert.issue.map { PageText.issuePath($0.issueKey) }
        isSilenced = record.silenceID != nil
        deliveries = record.deliveries.map { delivery in
            Delivery(
                channel: delivery.channelName, state: delivery.state.rawValue, reason: delivery.lastError,
                retry: delivery.state == .dead ? delivery.id.uuidString : nil, formToken: formToken)
        }
    }
}
