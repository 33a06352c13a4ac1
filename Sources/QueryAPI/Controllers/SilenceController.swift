import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// Silences: alerts whose notifications are kept back for a time.
struct SilenceController: Sendable {
    var silences: AlertSilences
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
        let (principal, now) = (try context.principal, now())
        var query = RequestFields(queryOf: request)
        return try await PageRequest(request, fields: &query).answer(
            { try await silences.page(after: $0, limit: $1, for: principal) }, view: { SilenceView($0, at: now) })
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SilenceView> {
        let id = try context.uuid("id", else: .unknownSilence)
        return Answer(SilenceView(try await silences.silence(id, for: try context.principal), at: now()))
    }

    @Sendable private func create(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SilenceView> {
        let now = now()
        let fields = try await RequestFields(bodyOf: request)
        let silence = try await silences.add(fields, by: try context.principal, at: now)
        return Answer(SilenceView(silence, at: now), status: .created)
    }

    /// Ends it now; it stays in the list as expired.
    @Sendable private func expire(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SilenceView> {
        let (id, now) = (try context.uuid("id", else: .unknownSilence), now())
        return Answer(SilenceView(try await silences.end(id, by: try context.principal, at: now), at: now))
    }
}
