import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// Silences: alerts whose notifications are kept back for a time.
struct SilenceController: Sendable {
    /// The longest silence.
    private static let longestDays = 366

    var store: any QueryStore
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/alert-silences", use: list)
        group.post("/api/alert-silences", use: create)
        group.get("/api/alert-silences/{id}", use: show)
        group.delete("/api/alert-silences/{id}", use: expire)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[SilenceView]> {
        let (tenantID, now) = (try context.tenant.id, now())
        var query = RequestFields(queryOf: request)
        return try await PageRequest(request, fields: &query).answer(
            { try await store.alertSilences(tenantID, after: $0, limit: $1) }, view: { SilenceView($0, at: now) })
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SilenceView> {
        let id = try context.uuid("id", else: .unknownSilence)
        guard let silence = try await store.alertSilence(try context.tenant.id, silenceID: id) else {
            throw APIError.unknownSilence
        }
        return Answer(SilenceView(silence, at: now()))
    }

    @Sendable private func create(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SilenceView> {
        let (tenantID, now) = (try context.tenant(to: .manage).id, now())
        var fields = try await RequestFields(bodyOf: request)
        let matchers = fields.matchers() ?? []
        if matchers.isEmpty { fields.reject("matchers", "must have at least one matcher") }
        let startsAt = fields.optional("starts_at", .timestamp) ?? now
        let endsAt = fields.required("ends_at", .timestamp)
        if let endsAt, endsAt <= max(startsAt, now) {
            fields.reject("ends_at", "must be after starts_at, and in the future")
        } else if let endsAt, endsAt > startsAt.adding(days: Self.longestDays) {
            fields.reject("ends_at", "must be at most \(Self.longestDays) days after starts_at")
        }
        let reason = try fields.required(("reason", .text(1...500)))
        fields.rejectUnread("is unknown")
        try fields.check()
        let actor = try context.principal.actor
        let silence = AlertSilence(
            id: UUID(), matchers: matchers, startsAt: startsAt, endsAt: try fields.present(endsAt),
            createdBy: "\(actor)", reason: reason, createdAt: now)
        try await store.addAlertSilence(tenantID, silence, by: actor)
        return Answer(SilenceView(silence, at: now), status: .created)
    }

    /// Ends it now; it stays in the list as expired.
    @Sendable private func expire(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SilenceView> {
        let id = try context.uuid("id", else: .unknownSilence)
        let (tenantID, now) = (try context.tenant(to: .manage).id, now())
        let silence = try await store.expireAlertSilence(
            tenantID, silenceID: id, by: try context.principal.actor, now: now)
        guard let silence else { throw APIError.unknownSilence }
        return Answer(SilenceView(silence, at: now))
    }
}

extension APIError {
    static var unknownSilence: APIError { APIError(.silenceNotFound, "Unknown silence.") }
}
