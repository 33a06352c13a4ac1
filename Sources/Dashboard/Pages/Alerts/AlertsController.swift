import Domain
import Foundation
import HTTPServer
import HTTPTypes
import Hummingbird
import Queries

/// The alerts with what became of them on each channel. They can be acknowledged, their issues snoozed, dead letters sent again
/// and silences ended.
struct AlertsController: Sendable {
    var alerts: AlertSettings
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private static let pageSize = 50
    /// Silences above the list.
    private static let silenceLimit = 20

    private struct Content: Sendable {
        var alerts: [AlertRow]
        var onlyDead: Bool
        var states: [FormChoice]
        var issue: String
        var isFiltered: Bool
        var next: String?
        var isFirst: Bool
        var first: String
        var csv: String
        var silences: [SilenceRow]
        var hasSilences: Bool
        var snoozes: [FormChoice]
        var back: String
        var formToken: String
        var asOf: String
    }

    /// What the address of the list says.
    private struct Filter {
        var state: AlertRecord.Delivery.State?
        var issueKey: IssueKey?

        init(_ request: Request) {
            let query = request.uri.queryParameters
            state = query["state"].flatMap { AlertRecord.Delivery.State(rawValue: String($0)) }
            let key = (query["issue"].map(String.init) ?? "").trimmingCharacters(in: .whitespaces).uppercased()
            issueKey = key.isEmpty ? nil : IssueKey(key)
        }

        func address(_ path: String = AlertTab.alerts.path, after cursor: String?) -> String {
            let parts = [
                state.map { ("state", $0.rawValue) }, issueKey.map { ("issue", $0.rawValue) },
                cursor.map { ("cursor", $0) },
            ].compactMap(\.self)
            let query = parts.map { "\($0.0)=\(PathText.encoded($0.1))" }.joined(separator: "&")
            return path + (query.isEmpty ? "" : "?\(query)")
        }
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/alerts", use: show)
        group.get("/dashboard/alerts.csv", use: download)
        group.post("/dashboard/alerts/retry", use: retry)
        group.post("/dashboard/alerts/acknowledge", use: acknowledge)
        group.post("/dashboard/alerts/snooze", use: snooze)
        group.post("/dashboard/alerts/end-silence", use: endSilence)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let filter = Filter(request)
        let cursor = request.uri.queryParameters["cursor"].map(String.init)
        let page = try await alerts.desk.page(
            state: filter.state, issueKey: filter.issueKey, after: cursor, limit: Self.pageSize, for: visit.principal)
        let now = now()
        let silences = try await alerts.silences.page(after: nil, limit: Self.silenceLimit, for: visit.principal).items
            .filter { $0.state(at: now) != .expired }
        let content = Content(
            alerts: page.items.map { AlertRow($0, formToken: visit.formToken) }, onlyDead: filter.state == .dead,
            states: FormChoice.all(
                AlertRecord.Delivery.State.self, chosen: filter.state?.rawValue, texts: "alerts", prefix: "state_"),
            issue: filter.issueKey?.rawValue ?? "", isFiltered: filter.state != nil || filter.issueKey != nil,
            next: page.nextCursor.map { filter.address(after: $0) }, isFirst: cursor == nil,
            first: filter.address(after: nil), csv: filter.address("/dashboard/alerts.csv", after: nil),
            silences: silences.map { SilenceRow($0, at: now) },
            hasSilences: !silences.isEmpty,
            snoozes: SnoozeChoice.allCases.filter { $0.end(after: now, timeZone: nil) != nil }.map {
                FormChoice(
                    value: $0.rawValue, label: PageTexts.english("alerts", "snooze_\($0.rawValue)"), isChosen: false)
            }, back: filter.address(after: cursor), formToken: visit.formToken, asOf: PageText.instant(now))
        return pages.page("alerts", content, in: .alerts(visit, .alerts))
    }

    @Sendable private func download(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let (principal, filter) = (try context.signedIn.principal, Filter(request))
        let load = { @Sendable [alerts] (cursor: String?) in
            try await alerts.desk.page(
                state: filter.state, issueKey: filter.issueKey, after: cursor, limit: AlertCSV.table.pageSize,
                for: principal)
        }
        return .csv(AlertCSV.table, first: try await load(nil), next: load)
    }

    @Sendable private func retry(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = try await PostedForm(request, of: visit)
        guard let id = form["delivery"].flatMap(UUID.init(uuidString:)) else { throw RequestError.unknownDelivery }
        try await alerts.desk.retry(id, by: visit.principal, at: now())
        return Self.back(form)
    }

    @Sendable private func acknowledge(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = try await PostedForm(request, of: visit)
        guard let id = form["alert"].flatMap(UUID.init(uuidString:)) else { throw RequestError.unknownAlert }
        _ = try await alerts.desk.acknowledge(id, by: visit.principal, at: now())
        return Self.back(form)
    }

    @Sendable private func snooze(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = try await PostedForm(request, of: visit)
        guard let key = form["issue"], let choice = form["choice"].flatMap(SnoozeChoice.init(rawValue:)) else {
            throw PageError.badForm(PageTexts.english("problems", "snooze"))
        }
        _ = try await alerts.silences.snooze(IssueKey(key), for: choice, by: visit.principal, at: now())
        return Self.back(form)
    }

    @Sendable private func endSilence(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = try await PostedForm(request, of: visit)
        guard let id = form["silence"].flatMap(UUID.init(uuidString:)) else { throw RequestError.unknownSilence }
        _ = try await alerts.silences.end(id, by: visit.principal, at: now())
        return Self.back(form)
    }

    /// To the list as it was filtered.
    private static func back(_ form: PostedForm) -> Response {
        .see(PathText.page(form["back"]) ?? AlertTab.alerts.path)
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
    /// Who takes care of it, since when; nil until somebody does.
    var acknowledged: String?
    /// The alert to acknowledge; nil where there is nothing to acknowledge.
    var toAcknowledge: String?
    /// The issue to snooze; nil where there is nothing to snooze.
    var toSnooze: String?

    init(_ record: AlertRecord, formToken: String) {
        let alert = record.alert
        at = PageText.instant(alert.createdAt)
        headline = alert.headline
        band = alert.band.rawValue
        isResolved = alert.event == .resolved
        path = alert.issue.map { PageText.issuePath($0.issueKey) }
        isSilenced = record.silenceID != nil
        acknowledged = record.acknowledgedAt.map {
            PageTexts.english(
                "alerts", "acknowledged",
                ["name": record.acknowledgedBy.map(ActorText.name) ?? "", "at": PageText.instant($0)])
        }
        if alert.event == .raised, alert.kind != .digest {
            toAcknowledge = record.acknowledgedAt == nil ? alert.id.canonicalText : nil
            toSnooze = alert.issue?.issueKey.rawValue
        }
        deliveries = record.deliveries.map { delivery in
            Delivery(
                channel: delivery.channelName,
                state: PageTexts.english("alerts", "state_\(delivery.state.rawValue)"), reason: delivery.lastError,
                retry: delivery.state == .dead ? delivery.id.uuidString : nil, formToken: formToken)
        }
    }
}

/// A silence in a list.
struct SilenceRow: Sendable {
    var id: String
    var state: String
    var matchers: String
    var from: String
    var until: String
    var reason: String
    var createdBy: String
    /// Whether it can still be ended.
    var isOpen: Bool

    init(_ silence: AlertSilence, at now: Timestamp) {
        let state = silence.state(at: now)
        id = silence.id.uuidString
        self.state = PageTexts.english("silences", state.rawValue)
        matchers = MatcherRow.sentence(silence.matchers)
        from = PageText.instant(silence.startsAt)
        until = PageText.instant(silence.endsAt)
        reason = silence.reason
        createdBy = ActorText.name(silence.createdBy)
        isOpen = state != .expired
    }
}

/// Who changed something, for people.
enum ActorText {
    /// `API key 1a2b3c4d5e6f` for `api-key:1a2b3c4d5e6f`; other names as they are.
    static func name(_ actor: String) -> String {
        guard actor.hasPrefix("api-key:") else { return actor }
        return PageTexts.english("alerts", "api_key", ["key": String(actor.dropFirst("api-key:".count))])
    }
}
