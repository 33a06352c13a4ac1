import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// Silences: those that there are, and a form for another, which shows first what it would have kept back.
struct SilencesController: Sendable {
    var alerts: AlertSettings
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private static let pageSize = 50
    /// Alerts of a preview that are listed.
    private static let listed = 20

    private struct Form: Sendable {
        var matchers: [MatcherRow]
        var startsAt: String
        var endsAt: String
        var reason: String
    }

    private struct Preview: Sendable {
        var sentence: String
        var headlines: [String]
    }

    private struct Content: Sendable {
        var silences: [SilenceRow]
        var next: String?
        var isFirst: Bool
        var matchers: [MatcherRow]
        var startsAt: String
        var endsAt: String
        var reason: String
        var preview: Preview?
        var problems: [FormProblem]
        var hasProblems: Bool
        var formToken: String
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/silences", use: show)
        group.post("/dashboard/silences", use: add)
        group.post("/dashboard/silences/{id}/end", use: end)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let query = request.uri.queryParameters
        let issue = query["issue"].map { AlertMatcher(name: .issue, values: [String($0)]) }
        let form = Form(
            matchers: MatcherRow.rows(issue.map { [$0] } ?? []), startsAt: "",
            endsAt: Self.entered(now().adding(days: 1)), reason: "")
        return try await page(form, for: visit, after: query["cursor"].map(String.init))
    }

    @Sendable private func add(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        var fields = FormFields(posted)
        fields.matchers()
        fields.text("reason")
        for name in ["starts_at", "ends_at"] { fields[name] = posted[name].map { .string(Self.instant($0)) } }
        let form = Form(
            matchers: MatcherRow.rows(posted), startsAt: posted["starts_at"] ?? "", endsAt: posted["ends_at"] ?? "",
            reason: posted["reason"] ?? "")
        return try await accepting {
            guard posted["do"] == "save" else {
                let draft = try alerts.silences.read(fields.fields, at: now())
                let preview = try await alerts.silences.preview(draft, for: visit.principal)
                return try await page(form, for: visit, preview: preview)
            }
            _ = try await alerts.silences.add(fields.fields, by: visit.principal, at: now())
            return .see(AlertTab.silences.path)
        } orShowing: {
            try await page(form, for: visit, problems: $0)
        }
    }

    @Sendable private func end(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        _ = try await PostedForm(request, of: visit)
        let id = try context.id(orThrow: RequestError.unknownSilence)
        _ = try await alerts.silences.end(id, by: visit.principal, at: now())
        return .see(AlertTab.silences.path)
    }

    private func page(
        _ form: Form, for visit: Visit, after cursor: String? = nil, preview: AlertSilences.Preview? = nil,
        problems: [FormProblem] = []
    ) async throws -> Response {
        let now = now()
        let page = try await alerts.silences.page(after: cursor, limit: Self.pageSize, for: visit.principal)
        let content = Content(
            silences: page.items.map { SilenceRow($0, at: now) },
            next: page.nextCursor.map { "\(AlertTab.silences.path)?cursor=\(PathText.encoded($0))" },
            isFirst: cursor == nil, matchers: form.matchers, startsAt: form.startsAt, endsAt: form.endsAt,
            reason: form.reason,
            preview: preview.map { preview in
                Preview(
                    sentence: PageTexts.english(
                        "silences", "preview",
                        ["count": "\(preview.matching.count)", "total": "\(preview.lookedAt)"]),
                    headlines: preview.matching.prefix(Self.listed).map(\.headline))
            }, problems: problems, hasProblems: !problems.isEmpty, formToken: visit.formToken,
            asOf: PageText.instant(now))
        return pages.page("silences", content, in: .alerts(visit, .silences))
    }

    /// An instant in the form of the field, in UTC.
    private static func entered(_ at: Timestamp) -> String { String(at.description.prefix(16)) }

    /// What was entered in the field, with its zone; anything else as it is.
    private static func instant(_ text: String) -> String {
        switch text.count {
        case 16: "\(text):00Z"
        case 19: "\(text)Z"
        default: text
        }
    }
}
