import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// The API keys of the tenant, for its owners: made, rotated and revoked. A new key is shown once, in the answer to its form.
struct KeysController: Sendable {
    static let path = "/dashboard/keys"

    var keys: APIKeys
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private struct Row: Sendable {
        var path: String
        var name: String
        var role: String
        var mark: String
        var made: String
        var used: String
        var ends: String
        /// Whether it works now.
        var isValid: Bool
        /// Whether it can be rotated.
        var isRotatable: Bool
    }

    private struct Shown: Sendable {
        var sentence: String
        var text: String
    }

    /// What was entered in the form for a new one.
    private struct Entered: Sendable {
        var name = ""
        var role = Role.viewer
        var expiresAt = ""
    }

    private struct Content: Sendable {
        var keys: [Row]
        var shown: Shown?
        var name: String
        var roles: [FormChoice]
        var expiresAt: String
        var overlaps: [FormChoice]
        var problems: [FormProblem]
        var hasProblems: Bool
        var formToken: String
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
        group.post(RouterPath(Self.path), use: add)
        group.post("/dashboard/keys/{id}/rotate", use: rotate)
        group.post("/dashboard/keys/{id}/revoke", use: revoke)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try await page(try context.signedIn)
    }

    @Sendable private func add(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        var fields = FormFields(posted)
        fields.text("name", "role")
        // The end of a day, in UTC.
        fields["expires_at"] = posted["expires_at"].map { .string($0.count == 10 ? "\($0)T23:59:59Z" : $0) }
        return try await accepting {
            let made = try await keys.add(fields.fields, by: visit.principal)
            return try await page(visit, shown: Self.shown("made", made))
        } orShowing: { problems in
            let entered = Entered(
                name: posted["name"] ?? "", role: posted["role"].flatMap(Role.init(rawValue:)) ?? .viewer,
                expiresAt: posted["expires_at"] ?? "")
            return try await page(visit, problems: problems, entered: entered)
        }
    }

    @Sendable private func rotate(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        var fields = FormFields(posted)
        fields.text("overlap_seconds")
        let id = try context.id()
        return try await accepting {
            let rotated = try await keys.rotate(id, fields.fields, by: visit.principal)
            return try await page(visit, shown: Self.shown("rotated", rotated.new))
        } orShowing: {
            try await page(visit, problems: $0)
        }
    }

    @Sendable private func revoke(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        _ = try await PostedForm(request, of: visit)
        let id = try context.id()
        return try await accepting {
            try await keys.revoke(id, by: visit.principal)
            return .see(Self.path)
        } orShowing: {
            try await page(visit, problems: $0)
        }
    }

    private static func words(_ text: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
        PageTexts.english("keys", text, values)
    }

    private static func shown(_ text: String, _ made: APIKeys.Made) -> Shown {
        Shown(sentence: words(text, ["name": made.key.name]), text: made.text)
    }

    private func page(
        _ visit: Visit, shown: Shown? = nil, problems: [FormProblem] = [], entered: Entered = Entered()
    ) async throws -> Response {
        let now = now()
        let all = try await keys.all(for: visit.principal)
        let content = Content(
            keys: all.reversed().map { Self.row($0, at: now) }, shown: shown, name: entered.name,
            roles: FormChoice.roles(chosen: entered.role), expiresAt: entered.expiresAt,
            overlaps: [0, 3600, 86_400, 604_800].map { seconds in
                FormChoice(
                    value: "\(seconds)", label: seconds == 0 ? Self.words("at_once") : PageText.duration(seconds),
                    isChosen: seconds == APIKeys.standardOverlap)
            }, problems: problems, hasProblems: !problems.isEmpty, formToken: visit.formToken,
            asOf: PageText.instant(now))
        // The page with a new key does not load itself again, for that would lose it.
        return pages.page("keys", content, in: .signedIn(visit, PageTexts.english("navigation", "keys"), .keys))
    }

    private static func row(_ key: TenantAPIKey, at now: Timestamp) -> Row {
        let isValid = key.isValid(at: now)
        let ends =
            key.expiresAt.map { words(isValid ? "ends_at" : "ended_at", ["at": PageText.instant($0)]) }
            ?? words("no_end")
        return Row(
            path: "\(path)/\(key.id.canonicalText)", name: key.name,
            role: PageTexts.english("roles", key.role.rawValue), mark: key.prefix.map { "\($0)…" } ?? "–",
            made: words("made_at", ["at": PageText.instant(key.createdAt), "by": key.createdBy]),
            used: key.lastUsedAt.map { PageText.instant($0) } ?? words("never"), ends: ends, isValid: isValid,
            isRotatable: isValid && key.replacedBy == nil)
    }
}
