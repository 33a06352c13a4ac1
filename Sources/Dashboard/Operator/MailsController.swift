import Domain
import Foundation
import Hummingbird
import Queries

/// The mails about the tenants' accounts, with what became of each; those that were given up can be retried.
struct MailsController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    static let path = "/dashboard/operator/mails"
    private static let pageSize = 50

    private struct Row: Sendable {
        var company: String
        var kind: String
        var occasion: String
        var recipient: String
        var state: String
        var reason: String?
        var attempts: Int
        var made: String
        /// When it was settled, or is to be tried.
        var at: String
        var id: String
        var canRetry: Bool
        var formToken: String
    }

    private struct Filter: Sendable {
        var path: String
        var label: String
        var isChosen: Bool
    }

    private struct Content: Sendable {
        var filters: [Filter]
        var mails: [Row]
        var hasMails: Bool
        var next: String?
        var isFirst: Bool
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
        group.post("/dashboard/operator/retry-mail", use: retry)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        let query = PageQuery(request)
        let state = query["state"].flatMap { AccountMailState(rawValue: $0) }
        let cursor = request.uri.queryParameters["cursor"].map(String.init)
        let page = try await AccountMails(store: store, now: now).all(
            in: state, for: Self.principal(visit), after: cursor, limit: Self.pageSize)
        let own = Self.path(of: state)
        let choices: [AccountMailState?] = [nil, .dead, .queued]
        let content = Content(
            filters: choices.map { filter in
                Filter(
                    path: Self.path(of: filter),
                    label: filter.map { Self.words("state_\($0.rawValue)") }
                        ?? PageTexts.english("operator_mails", "all"), isChosen: filter == state)
            },
            mails: page.items.map { Self.row($0, visit) }, hasMails: !page.items.isEmpty,
            next: page.nextCursor.map { "\(own)\(state == nil ? "?" : "&")cursor=\(PathText.encoded($0))" },
            isFirst: cursor == nil, asOf: PageText.instant(now()))
        return pages.page("operator-mails", content, in: .ofOperator(visit, .mails))
    }

    @Sendable private func retry(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        let form = try await PostedForm(request, of: visit)
        guard let id = form["mail"].flatMap(UUID.init(uuidString:)) else { throw PageError.notFound }
        try await AccountMails(store: store, now: now).retry(id, by: Self.principal(visit))
        return .see(Self.path)
    }

    private static func principal(_ visit: OperatorVisit) -> Principal {
        var principal = Principal.hostOwner(actingFor: nil)
        principal.actor = visit.actor
        return principal
    }

    private static func path(of state: AccountMailState?) -> String {
        state.map { "\(path)?state=\($0.rawValue)" } ?? path
    }

    private static func row(_ mail: OfTenant<AccountMailRecord>, _ visit: OperatorVisit) -> Row {
        let item = mail.item
        return Row(
            company: mail.companyName, kind: words("kind_\(item.kind.rawValue)"), occasion: item.occasion,
            recipient: item.recipient ?? "–", state: words("state_\(item.state.rawValue)"), reason: item.reason,
            attempts: item.attempts, made: PageText.instant(item.createdAt),
            at: PageText.instant(item.settledAt ?? item.dueAt), id: item.id.canonicalText,
            canRetry: item.state == .dead, formToken: visit.formToken)
    }

    private static func words(_ name: String) -> String { PageTexts.english("operator_mails", name) }
}
