import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Outbound
import Queries
import Vault

/// Where a tenant's alerts go. Targets are sealed before the store sees them, and a Slack URL is never shown again.
struct ChannelController: Sendable {
    var store: any QueryStore
    var vault: Vault
    var allowsPlainHTTP: Bool
    var policy: AddressPolicy
    /// Most mail addresses of one channel.
    var recipientLimit: Int

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/alert-channels", use: list)
        group.post("/api/alert-channels", use: create)
        group.put("/api/alert-channels/{id}", use: replace)
        group.delete("/api/alert-channels/{id}", use: delete)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[ChannelView]> {
        Answer(try await store.alertChannels(try context.tenant.id).map(view))
    }

    @Sendable private func create(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ChannelView> {
        var fields = try await RequestFields(bodyOf: request)
        let isEnabled = fields.optional("enabled", .bool) ?? true
        let showsRestricted = fields.optional("show_restricted", .bool) ?? false
        let quietHours = fields.quietHours()
        let kind = fields.required("kind", .choice(AlertChannel.Kind.allCases))
        let target = fields.required("target", kind.map(targetParser) ?? .text(1...5000))
        let name = try fields.required(("name", .text(1...100)))
        let (newKind, newTarget) = (try fields.present(kind), try fields.present(target))
        try checkRecipients(of: newTarget, newKind)
        let channel = AlertChannel(
            id: UUID(), kind: newKind, name: name, target: try vault.seal(newTarget), isEnabled: isEnabled,
            showsRestricted: showsRestricted, quietHours: quietHours)
        let tenantID = try context.tenant(to: .manage).id
        try await store.saveAlertChannel(tenantID, channel, by: try context.principal.actor)
        return Answer(try view(channel), status: .created)
    }

    /// Replaces a channel; its kind stays, and so does its target when none is sent.
    @Sendable private func replace(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ChannelView> {
        let tenantID = try context.tenant(to: .manage).id
        let id = try context.uuid("id", else: .unknownChannel)
        guard var channel = try await store.alertChannels(tenantID).first(where: { $0.id == id }) else {
            throw APIError.unknownChannel
        }
        var fields = try await RequestFields(bodyOf: request)
        let kind = fields.optional("kind", .choice(AlertChannel.Kind.allCases))
        if let kind, kind != channel.kind { fields.reject("kind", "cannot change; create another channel") }
        channel.isEnabled = fields.optional("enabled", .bool) ?? true
        channel.showsRestricted = fields.optional("show_restricted", .bool) ?? false
        channel.quietHours = fields.quietHours()
        let target = fields.optional("target", targetParser(for: channel.kind))
        channel.name = try fields.required(("name", .text(1...100)))
        if let target {
            try checkRecipients(of: target, channel.kind)
            channel.target = try vault.seal(target)
        }
        try await store.saveAlertChannel(tenantID, channel, by: try context.principal.actor)
        return Answer(try view(channel))
    }

    @Sendable private func delete(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        let id = try context.uuid("id", else: .unknownChannel)
        let isDeleted = try await store.deleteAlertChannel(
            try context.tenant(to: .manage).id, channelID: id, by: try context.principal.actor)
        guard isDeleted else { throw APIError.unknownChannel }
        return .noContent
    }

    private func view(_ channel: AlertChannel) throws -> ChannelView {
        ChannelView(channel, target: try vault.open(channel.target))
    }

    /// What a channel had before the limit was lowered stays until its target is replaced.
    private func checkRecipients(of target: String, _ kind: AlertChannel.Kind) throws {
        guard kind == .email, target.split(separator: ",").count > recipientLimit else { return }
        throw APIError.limitReached(.channelRecipients, recipientLimit)
    }

    private func targetParser(for kind: AlertChannel.Kind) -> FieldParser<String> {
        switch kind {
        case .slack: .slackWebhook(allowsPlainHTTP: allowsPlainHTTP, policy: policy)
        case .email: .emailList(longest: max(5000, recipientLimit * 256))
        }
    }
}

extension APIError {
    static var unknownChannel: APIError { APIError(.channelNotFound, "Unknown alert channel.") }
}

extension FieldParser where Value == String {
    /// The URL of an incoming webhook. A host whose address is not public is refused where no lookup is needed to see it.
    fileprivate static func slackWebhook(allowsPlainHTTP: Bool, policy: AddressPolicy) -> FieldParser {
        let schemes = allowsPlainHTTP ? ["https", "http"] : ["https"]
        return FieldParser { json throws(Mismatch) in
            let text = try FieldParser.text(1...2000).parse(json)
            guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
                schemes.contains(scheme), let host = parts.host, !host.isEmpty, parts.user == nil
            else { throw Mismatch(message: "must be an \(schemes.joined(separator: " or ")) URL with a host") }
            guard !policy.refusesWithoutLookup(host: host) else {
                throw Mismatch(
                    message: "must not be on a private network; the operator can list the host in alerts.allowed_hosts")
            }
            return text
        }
    }

    /// Addresses separated by commas.
    fileprivate static func emailList(longest: Int) -> FieldParser {
        FieldParser { json throws(Mismatch) in
            let addresses = try FieldParser.text(3...longest).parse(json).split(separator: ",")
            guard !addresses.isEmpty else { throw Mismatch(message: "must be addresses separated by commas") }
            var checked: [String] = []
            for address in addresses {
                checked.append(try FieldParser.email.parse(.string(String(address))))
            }
            return checked.joined(separator: ", ")
        }
    }
}
