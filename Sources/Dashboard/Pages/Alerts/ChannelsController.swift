import Alerts
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// The channels: where alerts and digests go, whether they can be reached, and a test of each.
struct ChannelsController: Sendable {
    var alerts: AlertSettings
    /// Whether channels can be reached, in the order of those that are enabled.
    var checks: @Sendable ([AlertChannel]) async -> [DiagnosticCheck]
    var pages: PageRenderer

    private struct Row: Sendable {
        var path: String
        var name: String
        var kind: String
        var destination: String
        var isEnabled: Bool
        var takes: String
        var state: String?
        var outcome: String
        var remedy: String?
    }

    private struct ListContent: Sendable {
        var channels: [Row]
        var kinds: [FormChoice]
        var isChecked: Bool
        var formToken: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/channels", use: list)
        group.get("/dashboard/channels/new", use: new)
        group.post("/dashboard/channels/new", use: add)
        group.get("/dashboard/channels/{id}", use: show)
        group.post("/dashboard/channels/{id}", use: change)
        group.post("/dashboard/channels/{id}/test", use: sendTest)
        group.post("/dashboard/channels/{id}/confirm", use: askAgain)
        group.post("/dashboard/channels/{id}/delete", use: delete)
    }

    /// The list. Whether the channels can be reached is looked at where the address says so: it takes seconds.
    @Sendable private func list(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let channels = try await alerts.channels.list(for: visit.principal)
        let isChecked = request.uri.queryParameters["check"] != nil
        let enabled = channels.map(\.channel).filter(\.isEnabled)
        let found = isChecked && !enabled.isEmpty ? await checks(enabled) : []
        let results = Dictionary(zip(enabled.map(\.id), found)) { first, _ in first }
        let content = ListContent(
            channels: channels.map { Self.row($0, results[$0.channel.id]) },
            kinds: FormChoice.all(AlertChannel.Kind.self, chosen: nil, texts: "channels", prefix: "kind_"),
            isChecked: isChecked, formToken: visit.formToken)
        return pages.page("channels", content, in: .alerts(visit, .channels))
    }

    @Sendable private func new(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let kind = request.uri.queryParameters["kind"].flatMap { AlertChannel.Kind(rawValue: String($0)) } ?? .slack
        return page(ChannelContent(ChannelForm(), kind: kind, formToken: visit.formToken), for: visit)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let shown = try await alerts.channels.channel(try Self.id(context), for: visit.principal)
        return page(ChannelContent(shown, formToken: visit.formToken), for: visit)
    }

    /// A signing secret is shown in the answer, and never again; else the answer leads to the list.
    @Sendable private func add(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        guard let kind = posted["kind"].flatMap(AlertChannel.Kind.init(rawValue:)) else { throw PageError.notFound }
        return try await accepting {
            let saved = try await alerts.channels.add(ChannelForm.fields(posted, kind: kind), by: visit.principal)
            guard saved.signingSecret != nil else { return .see(Self.path(saved.channel.id)) }
            return page(ChannelContent(saved, formToken: visit.formToken), for: visit)
        } orShowing: { problems in
            var content = ChannelContent(
                ChannelForm(posted, kind: kind), kind: kind, formToken: visit.formToken)
            content.problems = problems
            return page(content, for: visit)
        }
    }

    @Sendable private func change(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        let shown = try await alerts.channels.channel(try Self.id(context), for: visit.principal)
        let kind = shown.channel.kind
        return try await accepting {
            let saved = try await alerts.channels.replace(
                shown.channel.id, ChannelForm.fields(posted, kind: kind), by: visit.principal)
            guard saved.signingSecret != nil else { return .see(Self.path(saved.channel.id)) }
            return page(ChannelContent(saved, formToken: visit.formToken), for: visit)
        } orShowing: { problems in
            var content = ChannelContent(shown, formToken: visit.formToken)
            content.form = ChannelForm(posted, kind: kind)
            content.problems = problems
            return page(content, for: visit)
        }
    }

    /// Sends a test, and shows what became of it.
    @Sendable private func sendTest(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        _ = try await PostedForm(request, of: visit)
        let shown = try await alerts.channels.channel(try Self.id(context), for: visit.principal)
        var content = ChannelContent(shown, formToken: visit.formToken)
        return try await accepting {
            content.show(try await alerts.channels.sendTest(shown.channel.id, by: visit.principal))
            return page(content, for: visit)
        } orShowing: { problems in
            content.problems = problems
            return page(content, for: visit)
        }
    }

    @Sendable private func askAgain(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        _ = try await PostedForm(request, of: visit)
        let shown = try await alerts.channels.channel(try Self.id(context), for: visit.principal)
        return try await accepting {
            _ = try await alerts.channels.askAgain(shown.channel.id, by: visit.principal)
            return .see(Self.path(shown.channel.id))
        } orShowing: { problems in
            var content = ChannelContent(shown, formToken: visit.formToken)
            content.problems = problems
            return page(content, for: visit)
        }
    }

    @Sendable private func delete(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        _ = try await PostedForm(request, of: visit)
        try await alerts.channels.delete(try Self.id(context), by: visit.principal)
        return .see(AlertTab.channels.path)
    }

    private func page(_ content: ChannelContent, for visit: Visit) -> Response {
        pages.page("channel", content, in: .alerts(visit, .channels, title: content.heading))
    }

    private static func row(_ shown: AlertChannels.Shown, _ check: DiagnosticCheck?) -> Row {
        let channel = shown.channel
        return Row(
            path: path(channel.id), name: channel.name,
            kind: PageTexts.english("channels", "kind_\(channel.kind.rawValue)"),
            destination: shown.destination.isEmpty ? PageTexts.english("channels", "sealed") : shown.destination,
            isEnabled: channel.isEnabled,
            takes: [
                channel.takesAlerts ? PageTexts.english("channels", "takes_alerts") : nil,
                channel.digest.map { PageTexts.english("channels", "takes_\($0.every.rawValue)") },
                channel.quietHours.map { _ in PageTexts.english("channels", "is_quiet") },
            ].compactMap(\.self).joined(separator: ", "),
            state: shown.isOutsidePlan ? PageTexts.english("channels", "outside_plan") : check?.detail,
            outcome: shown.isOutsidePlan
                ? DiagnosticCheck.Outcome.warning.rawValue : check?.outcome.rawValue ?? "",
            remedy: shown.isOutsidePlan ? PageTexts.english("channels", "outside_plan_remedy") : check?.remedy)
    }

    static func path(_ id: UUID) -> String { "\(AlertTab.channels.path)/\(id.canonicalText)" }

    private static func id(_ context: DashboardContext<some RequestContext>) throws -> UUID {
        try context.id(orThrow: RequestError.unknownChannel)
    }
}
