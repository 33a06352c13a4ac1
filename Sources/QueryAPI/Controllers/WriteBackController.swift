import Domain
import HTTPTypes
import Hummingbird
import Queries

/// What is written into a tenant's Jira: its settings, and comments on request.
struct WriteBackController: Sendable {
    var store: any QueryStore
    var writeBacks: WriteBacks
    var comments: RiskComments

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/tenants/{id}/jira/write-back", use: status)
        group.put("/api/tenants/{id}/jira/write-back", use: set)
        group.delete("/api/tenants/{id}/jira/write-back", use: end)
        group.post("/api/analyze/issue/{key}/comment", use: comment)
    }

    @Sendable private func status(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WriteBackView> {
        let principal = try await context.principalInPath(from: store)
        guard let status = try await writeBacks.status(for: principal) else { throw APIError.unknownTenant }
        return Answer(WriteBackView(status))
    }

    @Sendable private func set(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WriteBackView> {
        let principal = try await context.principalInPath(from: store)
        let fields = try await RequestFields(bodyOf: request)
        guard let status = try await writeBacks.set(fields, by: principal) else { throw APIError.unknownTenant }
        return Answer(WriteBackView(status))
    }

    @Sendable private func end(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        let principal = try await context.principalInPath(from: store)
        guard try await writeBacks.end(by: principal) else { throw APIError(RequestError.writeBackOff) }
        return .noContent
    }

    @Sendable private func comment(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<PostedCommentView> {
        let posted = try await comments.post(on: try context.issueKey, by: try context.principal)
        return Answer(PostedCommentView(posted), status: .created)
    }
}
