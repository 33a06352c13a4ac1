import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// The rules: a list, and for each a form that is tried on the stored history before it is saved.
struct RulesController: Sendable {
    var alerts: AlertSettings
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private struct Row: Sendable {
        var id: String
        var path: String
        var name: String
        var condition: String
        var projects: String
        var channels: String
        var isEnabled: Bool
    }

    private struct ListContent: Sendable {
        var rules: [Row]
        var formToken: String
    }

    private struct Content: Sendable {
        var heading: String
        var action: String
        var form: RuleForm
        var trial: TrialContent?
        var isStored: Bool
        var problems: [FormProblem]
        var hasProblems: Bool
        var formToken: String
    }

    /// What the page of a rule shows beside the form.
    private struct State {
        var trial: TrialContent?
        var problems: [FormProblem] = []
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/rules", use: list)
        group.get("/dashboard/rules/new", use: new)
        group.post("/dashboard/rules/new", use: add)
        group.get("/dashboard/rules/{id}", use: show)
        group.post("/dashboard/rules/{id}", use: change)
        group.post("/dashboard/rules/{id}/enable", use: enable)
        group.post("/dashboard/rules/{id}/delete", use: delete)
    }

    @Sendable private func list(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let names = Dictionary(
            try await alerts.channels.list(for: visit.principal).map { ($0.channel.id, $0.channel.name) }
        ) { first, _ in first }
        let every = PageTexts.english("rules", "all")
        let rows = try await alerts.rules.all(for: visit.principal).map { rule in
            Row(
                id: rule.id.canonicalText, path: Self.path(rule.id), name: rule.name,
                condition: RuleForm.sentence(rule.condition),
                projects: rule.projectKeys.isEmpty ? every : rule.projectKeys.joined(separator: ", "),
                channels: rule.channelIDs.isEmpty
                    ? every : rule.channelIDs.compactMap { names[$0] }.joined(separator: ", "),
                isEnabled: rule.isEnabled)
        }
        let content = ListContent(rules: rows, formToken: visit.formToken)
        return pages.page("rules", content, in: .alerts(visit, .rules))
    }

    @Sendable private func new(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = RuleForm(channels: try await alerts.channels.list(for: visit.principal))
        return page(form, of: nil, for: visit, State())
    }

    /// The form of a rule. The address may name another value to try, as the scorecards advise.
    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let rule = try await alerts.rules.rule(try Self.id(context), for: visit.principal)
        var form = RuleForm(rule, channels: try await alerts.channels.list(for: visit.principal))
        let query = request.uri.queryParameters
        if let value = query["raise_at"].map(String.init) { form.raiseAt = value }
        if let value = query["points"].map(String.init) { form.points = value }
        return page(form, of: rule.id, for: visit, State())
    }

    @Sendable private func add(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        return try await trying(posted, id: nil, for: visit) {
            _ = try await alerts.rules.add(RuleForm.fields(posted), by: visit.principal)
        }
    }

    @Sendable private func change(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        let id = try Self.id(context)
        _ = try await alerts.rules.rule(id, for: visit.principal)
        return try await trying(posted, id: id, for: visit) {
            _ = try await alerts.rules.replace(id, RuleForm.fields(posted), by: visit.principal)
        }
    }

    @Sendable private func enable(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        try await alerts.rules.enable(try Self.id(context), posted["enabled"] == "true", by: visit.principal)
        return .see(AlertTab.rules.path)
    }

    @Sendable private func delete(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        _ = try await PostedForm(request, of: visit)
        try await alerts.rules.delete(try Self.id(context), by: visit.principal)
        return .see(AlertTab.rules.path)
    }

    /// Saves what was entered, or shows what it would have raised.
    private func trying(
        _ posted: PostedForm, id: UUID?, for visit: Visit, save: () async throws -> Void
    ) async throws -> Response {
        let form = RuleForm(posted, channels: try await alerts.channels.list(for: visit.principal))
        return try await accepting {
            guard posted["do"] != "save" else {
                try await save()
                return .see(AlertTab.rules.path)
            }
            return page(form, of: id, for: visit, State(trial: try await trial(posted, id: id, for: visit)))
        } orShowing: {
            page(form, of: id, for: visit, State(problems: $0))
        }
    }

    private func trial(_ posted: PostedForm, id: UUID?, for visit: Visit) async throws -> TrialContent {
        var days = RequestFields(["last_days": posted["last_days"].map { .string($0) } ?? .null])
        let lastDays = days.optional("last_days", .integer(RuleTrials.days)) ?? RuleTrials.standardDays
        try days.check()
        let rule = try await alerts.rules.read(
            RuleForm.fields(posted), id: id ?? UUID(), defaultName: PageTexts.english("rules", "trial_name"),
            for: visit.principal)
        let answer = try await alerts.trials.run(
            rule, isStored: id != nil, lastDays: lastDays, for: visit.principal, at: now())
        return TrialContent(answer, days: lastDays)
    }

    private func page(_ form: RuleForm, of id: UUID?, for visit: Visit, _ state: State) -> Response {
        let heading =
            id == nil
            ? PageTexts.english("rules", "new") : PageTexts.english("rules", "edit", ["name": form.name])
        let content = Content(
            heading: heading, action: id.map(Self.path) ?? "\(AlertTab.rules.path)/new", form: form,
            trial: state.trial, isStored: id != nil, problems: state.problems, hasProblems: !state.problems.isEmpty,
            formToken: visit.formToken)
        return pages.page("rule", content, in: .alerts(visit, .rules, title: heading))
    }

    private static func path(_ id: UUID) -> String { "\(AlertTab.rules.path)/\(id.canonicalText)" }

    private static func id(_ context: DashboardContext<some RequestContext>) throws -> UUID {
        try context.id(orThrow: RequestError.unknownRule)
    }
}
