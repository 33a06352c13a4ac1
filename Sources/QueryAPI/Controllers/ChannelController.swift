import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// Where a tenant's alerts go.
struct ChannelController: Sendable {
    var channels: AlertChannels

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/alert-channels", use: list)
        group.post("/api/alert-channels", use: create)
        group.put("/api/alert-channels/{id}", use: replace)
        group.delete("/api/alert-channels/{id}", use: delete)
        group.post("/api/alert-channels/{id}/test", use: sendTest)
        group.post("/api/alert-channels/{id}/confirm", use: askAgain)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[ChannelView]> {
        Answer(try await channels.all(for: try context.principal).map(ChannelView.init))
    }

    @Sendable private func create(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ChannelView> {
        let channel = try await channels.add(try await RequestFields(bodyOf: request), by: try context.principal)
        return Answer(ChannelView(channel), status: .created)
    }

    /// Replaces a channel; its kind stays, and so does its target when none is sent.
    @Sendable private func replace(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ChannelView> {
        let id = try context.uuid("id", else: .unknownChannel)
        let fields = try await RequestFields(bodyOf: request)
        return Answer(ChannelView(try await channels.replace(id, fields, by: try context.principal)))
    }

    @Sendable private func delete(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        try await channels.delete(try context.uuid("id", else: .unknownChannel), by: try context.principal)
        return .noContent
    }

    /// Sends a test to the channel, also to one that is disabled or quiet, and answers when it has ended.
    @Sendable private func sendTest(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ChannelTestView> {
        let id = try context.uuid("id", else: .unknownChannel)
        return Answer(ChannelTestView(try await channels.sendTest(id, by: try context.principal)))
    }

    /// Asks the owners of the addresses that are not confirmed again, each at most once in ten minutes.
    @Sendable private func askAgain(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<MessageView> {
        let id = try context.uuid("id", else: .unknownChannel)
        let waiting = try await channels.askAgain(id, by: try context.principal)
        return Answer(
            MessageView(message: waiting == 0 ? "No address waits for confirmation" : "Confirmation queued"),
            status: .accepted)
    }
}
