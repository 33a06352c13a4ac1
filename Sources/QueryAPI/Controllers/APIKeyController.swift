import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// The API keys of a tenant.
struct APIKeyController: Sendable {
    var keys: APIKeys

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/api-keys", use: list)
        group.post("/api/api-keys", use: create)
        group.get("/api/api-keys/{id}", use: show)
        group.delete("/api/api-keys/{id}", use: revoke)
        group.post("/api/api-keys/{id}/rotate", use: rotate)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[TenantAPIKeyView]> {
        Answer(try await keys.all(for: try context.principal).map { TenantAPIKeyView($0) })
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<TenantAPIKeyView> {
        Answer(TenantAPIKeyView(try await keys.key(try id(in: context), for: try context.principal)))
    }

    @Sendable private func create(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<TenantAPIKeyView> {
        let made = try await keys.add(try await RequestFields(bodyOf: request), by: try context.principal)
        return Answer(TenantAPIKeyView(made), status: .created)
    }

    /// Makes another key for the same purpose; the old one works for a time, in which it is replaced where it is used.
    @Sendable private func rotate(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<APIKeyRotationView> {
        let id = try id(in: context)
        let fields = try await RequestFields(bodyOf: request)
        let rotated = try await keys.rotate(id, fields, by: try context.principal)
        let view = APIKeyRotationView(new: TenantAPIKeyView(rotated.new), old: TenantAPIKeyView(rotated.old))
        return Answer(view, status: .created)
    }

    @Sendable private func revoke(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        try await keys.revoke(try id(in: context), by: try context.principal)
        return .noContent
    }

    private func id(in context: APIContext<some RequestContext>) throws -> UUID {
        try context.uuid("id", else: APIError(RequestError.unknownAPIKey))
    }
}
