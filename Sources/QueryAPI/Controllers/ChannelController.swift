import Alerts
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Outbound
import Queries
import Vault

/// Where a tenant's alerts go. Targets are sealed before the store sees them. The URL of an incoming webhook is never shown
/// again, and a secret that signs once.
struct ChannelController: Sendable {
    var store: any QueryStore
    var vault: Vault
    var allowsPlainHTTP: Bool
    var policy: AddressPolicy
    /// Most mail addresses of one channel.
    var recipientLimit: Int
    var test: ChannelTest
    /// What the owners of mail addresses say.
    var recipients: MailRecipients
    var now: @Sendable () -> Timestamp

    /// How long a replaced secret signs as well.
    private static let rotationSeconds: Int64 = 86_400

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
        let tenantID = try context.tenant.id
        var views: [ChannelView] = []
        for channel in try await store.alertChannels(tenantID) { views.append(try await view(channel, of: tenantID)) }
        return Answer(views)
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
        let digest = fields.digest(on: kind)
        let name = try fields.required(("name", .text(1...100)))
        let (newKind, newTarget) = (try fields.present(kind), try fields.present(target))
        try checkRecipients(of: newTarget, newKind)
        let secret = newKind == .webhook ? WebhookSink.newSecret() : nil
        let saved = try secret.map { try WebhookTarget(url: newTarget, secret: $0).target() } ?? newTarget
        var channel = AlertChannel(
            id: UUID(), kind: newKind, name: name, target: try vault.seal(saved), isEnabled: isEnabled,
            showsRestricted: showsRestricted, quietHours: quietHours, digest: digest.schedule,
            takesAlerts: digest.takesAlerts)
        let tenantID = try context.tenant(to: .manage).id
        channel = try await recipients.prepared(channel, from: nil, target: saved, of: tenantID)
        try await store.saveAlertChannel(tenantID, channel, by: try context.principal.actor)
        try await recipients.settle(opened(channel), of: tenantID)
        return Answer(try await view(channel, of: tenantID, signingSecret: secret), status: .created)
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
        (channel.digest, channel.takesAlerts) = fields.digest(on: channel.kind)
        let target = fields.optional("target", targetParser(for: channel.kind))
        let rotates = fields.optional("rotate_secret", .bool) ?? false
        if rotates, channel.kind != .webhook { fields.reject("rotate_secret", "only a webhook channel has a secret") }
        channel.name = try fields.required(("name", .text(1...100)))
        var secret: String?
        if channel.kind == .webhook, target != nil || rotates {
            let changed = try change(try vault.open(channel.target), url: target, rotates: rotates)
            channel.target = try vault.seal(try changed.target())
            secret = rotates ? changed.secret : nil
        } else if let target {
            try checkRecipients(of: target, channel.kind)
            channel = try await recipients.prepared(
                channel, from: try? opened(channel), target: target, of: tenantID)
            channel.target = try vault.seal(target)
        }
        try await store.saveAlertChannel(tenantID, channel, by: try context.principal.actor)
        if target != nil { try await recipients.settle(opened(channel), of: tenantID) }
        return Answer(try await view(channel, of: tenantID, signingSecret: secret))
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

    /// Sends a test to the channel, also to one that is disabled or quiet, and answers when it has ended.
    @Sendable private func sendTest(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ChannelTestView> {
        let tenant = try context.tenant(to: .manage)
        let id = try context.uuid("id", else: .unknownChannel)
        guard var channel = try await store.alertChannels(tenant.id).first(where: { $0.id == id }) else {
            throw APIError.unknownChannel
        }
        channel.target = try vault.open(channel.target)
        guard let results = await test.run(channel, of: tenant.id, siteURL: tenant.jiraURL) else {
            throw APIError(
                .channelTestedRecently, "This channel was tested a moment ago.", headers: [.retryAfter: "10"])
        }
        return Answer(ChannelTestView(results))
    }

    /// Asks the owners of the addresses that are not confirmed again, each at most once in ten minutes.
    @Sendable private func askAgain(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<MessageView> {
        let tenantID = try context.tenant(to: .manage).id
        let id = try context.uuid("id", else: .unknownChannel)
        guard let channel = try await store.alertChannels(tenantID).first(where: { $0.id == id }) else {
            throw APIError.unknownChannel
        }
        guard channel.kind == .email else {
            throw APIError(.conflict, "Only an email channel has addresses to confirm.")
        }
        let opened = try opened(channel)
        try await recipients.settle(opened, of: tenantID)
        let (asked, waiting) = try await recipients.askAgain(opened, of: tenantID, by: try context.principal.actor)
        guard asked > 0 || waiting == 0 else {
            throw APIError(
                .confirmationSentRecently, "The addresses were asked within the last ten minutes.",
                headers: [.retryAfter: "\(MailRecipients.pauseSeconds)"])
        }
        return Answer(
            MessageView(message: waiting == 0 ? "No address waits for confirmation" : "Confirmation queued"),
            status: .accepted)
    }

    /// With its target in clear.
    private func opened(_ channel: AlertChannel) throws -> AlertChannel {
        var channel = channel
        channel.target = try vault.open(channel.target)
        return channel
    }

    /// The target of a webhook channel with another address, another secret, or both.
    private func change(_ old: String, url: String?, rotates: Bool) throws -> WebhookTarget {
        var target = WebhookTarget(target: old) ?? WebhookTarget(url: "", secret: WebhookSink.newSecret())
        if let url { target.url = url }
        if rotates {
            target.previous = WebhookTarget.Previous(
                secret: target.secret, until: now().adding(seconds: Self.rotationSeconds))
            target.secret = WebhookSink.newSecret()
        }
        return target
    }

    private func view(
        _ channel: AlertChannel, of tenantID: TenantID, signingSecret: String? = nil
    ) async throws -> ChannelView {
        let opened = try opened(channel)
        return ChannelView(
            channel, target: opened.target, recipients: try await recipients.entries(of: opened, of: tenantID),
            signingSecret: signingSecret)
    }

    /// What a channel had before the limit was lowered stays until its target is replaced.
    private func checkRecipients(of target: String, _ kind: AlertChannel.Kind) throws {
        guard kind == .email, target.split(separator: ",").count > recipientLimit else { return }
        throw APIError.limitReached(.channelRecipients, recipientLimit)
    }

    private func targetParser(for kind: AlertChannel.Kind) -> FieldParser<String> {
        switch kind {
        case .slack, .teams, .webhook, .alertmanager: .channelAddress(allowsPlainHTTP: allowsPlainHTTP, policy: policy)
        case .email: .emailList(longest: max(5000, recipientLimit * 256))
        }
    }
}

extension APIError {
    static var unknownChannel: APIError { APIError(.channelNotFound, "Unknown alert channel.") }
}

extension FieldParser where Value == String {
    /// The URL that a channel posts to. A host whose address is not public is refused where no lookup is needed to see it.
    fileprivate static func channelAddress(allowsPlainHTTP: Bool, policy: AddressPolicy) -> FieldParser {
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
