import Domain
import Foundation
import HTTPServer
import HTTPTypes
import Hummingbird
import NIOCore
import Queries
import Vault

/// The pages of the links in messages. Who has the link may do what it says: the token is the only credential.
///
/// GET shows, whatever it is: programs that look into mail follow every link. POST acts. Nothing that a browser adds by itself
/// takes part, so that another site can have a browser do nothing that it could not do without.
struct LinkController: Sendable {
    /// Of a form, or of a mail program's one click.
    private static let bodyLimit = 8192

    var store: any QueryStore
    var tokens: LinkTokens
    var refused: RefusedCredentials
    var proxies: TrustedProxies
    var now: @Sendable () -> Timestamp
    var wakeUps: WakeUps

    func addRoutes(to group: RouterGroup<some RequestContext>) {
        group.get("/links/{token}") { request, context in try await show(request, context) }
        group.post("/links/{token}") { request, context in try await act(request, context) }
    }

    private func show(_ request: Request, _ context: some RequestContext) async throws -> LinkPage {
        let actor = actor(request, context)
        let (alertLinks, mailLinks) = (alertLinks(actor), mailLinks(actor))
        let accountLinks = AccountLinks(store: store, actor: actor, now: now)
        return try await withLink(of: request, context) { link in
            switch link.action {
            case .acknowledge(let id): try await alertLinks.acknowledgement(of: id, link.tenantID)
            case .snooze(let id): try await alertLinks.snoozing(of: id, link.tenantID)
            case .unsubscribe(let id): try await mailLinks.subscription(of: id, link.tenantID)
            case .confirm(let id): try await mailLinks.confirmation(of: id, link.tenantID)
            case .accountMails(let id): try await accountLinks.subscription(of: id, link.tenantID)
            }
        }
    }

    private func act(_ request: Request, _ context: some RequestContext) async throws -> LinkPage {
        let choice = try await Self.choice(of: request)
        let actor = actor(request, context)
        let (alertLinks, mailLinks) = (alertLinks(actor), mailLinks(actor))
        let accountLinks = AccountLinks(store: store, actor: actor, now: now)
        return try await withLink(of: request, context) { link in
            switch link.action {
            case .acknowledge(let id): return try await alertLinks.acknowledge(id, link.tenantID)
            case .snooze(let id):
                return try await alertLinks.snooze(id, link.tenantID, choice.flatMap(SnoozeChoice.init(rawValue:)))
            // RFC 8058, 3.2: the body of one click says nothing but that it is one.
            case .unsubscribe(let id):
                let state = choice == MailLinks.resume ? MailRecipient.State.confirmed : .unsubscribed
                return try await mailLinks.set(id, link.tenantID, state)
            case .confirm(let id): return try await mailLinks.set(id, link.tenantID, .confirmed)
            case .accountMails(let id):
                return try await accountLinks.set(id, link.tenantID, isOff: choice != AccountLinks.resume)
            }
        }
    }

    /// The one who has the link.
    private func actor(_ request: Request, _ context: some RequestContext) -> Actor {
        .link.from(proxies.origin(of: request, in: context))
    }

    private func alertLinks(_ actor: Actor) -> AlertLinks { AlertLinks(store: store, actor: actor, now: now) }
    private func mailLinks(_ actor: Actor) -> MailLinks {
        MailLinks(store: store, actor: actor, now: now, wakeUps: wakeUps)
    }

    /// The page of a link that is good; else the one that says that it is not. `page` answers nil where its object is gone.
    private func withLink(
        of request: Request, _ context: some RequestContext, _ page: (MessageLink) async throws -> LinkPage?
    ) async throws -> LinkPage {
        guard let link = context.parameters.get("token").flatMap({ tokens.link(of: $0) }) else {
            await refused.note(
                .unknownLink, request, path: "/links/…",
                by: .unknown.from(proxies.origin(of: request, in: context)))
            return Self.unknown
        }
        if let endsAt = link.endsAt, endsAt <= now() { return Self.ended }
        return try await page(link) ?? Self.unknown
    }

    private static let unknown = LinkPage(
        status: .notFound, title: "This link does not work",
        paragraphs: ["Perhaps it was not copied whole, or what it is about no longer exists."])
    private static let ended = LinkPage(
        status: .gone, title: "This link has ended", paragraphs: ["A newer message has a newer link."])

    /// What was chosen in a form; nil for any other body.
    private static func choice(of request: Request) async throws -> String? {
        do {
            return try await URLEncodedForm(bodyOf: request, limit: bodyLimit)["choice"]
        } catch is NIOTooManyBytesError {
            throw APIError(.bodyTooLarge, "The body is larger than \(bodyLimit) bytes.")
        }
    }
}

/// What is done about the alerts of a notification.
private struct AlertLinks {
    private static let itemLimit = 20
    private static let reason = "snoozed from the message"

    var store: any QueryStore
    var actor: Actor
    var now: @Sendable () -> Timestamp

    func acknowledgement(of id: UUID, _ tenantID: TenantID) async throws -> LinkPage? {
        guard let linked = try await store.linkedNotification(tenantID, notificationID: id) else { return nil }
        if let page = Self.acknowledged(linked) { return page }
        return LinkPage(
            title: "Acknowledge",
            paragraphs: ["Tell the others that you take care of it: the list of alerts shows it."],
            items: Self.items(linked), buttons: [.init(label: "Acknowledge")])
    }

    func acknowledge(_ id: UUID, _ tenantID: TenantID) async throws -> LinkPage? {
        guard let linked = try await store.linkedNotification(tenantID, notificationID: id) else { return nil }
        let isDone = try await store.acknowledge(
            tenantID, notificationID: id, name: Self.name(linked), by: actor, now: now())
        guard isDone, let after = try await store.linkedNotification(tenantID, notificationID: id) else { return nil }
        return Self.acknowledged(after)
    }

    func snoozing(of id: UUID, _ tenantID: TenantID) async throws -> LinkPage? {
        guard let linked = try await store.linkedNotification(tenantID, notificationID: id) else { return nil }
        return page(linked)
    }

    func snooze(_ id: UUID, _ tenantID: TenantID, _ choice: SnoozeChoice?) async throws -> LinkPage? {
        guard let linked = try await store.linkedNotification(tenantID, notificationID: id) else { return nil }
        let (now, keys) = (now(), Self.issueKeys(linked))
        guard !keys.isEmpty else { return nil }
        guard let endsAt = choice?.end(after: now, timeZone: linked.timeZone) else {
            var page = page(linked)
            page.status = .unprocessableContent
            return page
        }
        let matchers = [AlertMatcher(name: .issue, values: keys)]
        let silence = AlertSilence(
            id: UUID(), matchers: matchers, startsAt: now, endsAt: endsAt, createdBy: Self.name(linked),
            reason: Self.reason, createdAt: now)
        // A button that is pressed twice makes one silence.
        let known = try await AlertSilences(store: store).known(silence, of: tenantID, at: now)
        do {
            if known == nil { try await store.addAlertSilence(tenantID, silence, by: actor) }
        } catch let error as StorageError {
            guard case .limitReached = error.code else { throw error }
            return LinkPage(
                status: .conflict, title: "Not snoozed",
                paragraphs: ["There are as many silences already as there may be. End some, or wait until they end."])
        }
        return LinkPage(
            title: "Snoozed", paragraphs: ["Until \(Self.text(known?.endsAt ?? endsAt)) no alert is sent about:"],
            items: keys)
    }

    private func page(_ linked: LinkedNotification) -> LinkPage {
        let words: [SnoozeChoice: String] = [.hour: "1 hour", .day: "1 day", .threeDays: "3 days"]
        let buttons = SnoozeChoice.allCases.compactMap { choice -> LinkPage.Button? in
            guard choice.end(after: now(), timeZone: linked.timeZone) != nil else { return nil }
            return .init(label: words[choice] ?? "Until Monday 08:00", choice: choice.rawValue)
        }
        return LinkPage(
            title: "Snooze", paragraphs: ["No alert about these issues is sent to any channel for:"],
            items: Self.issueKeys(linked), buttons: buttons)
    }

    /// Nil unless all of its alerts are acknowledged.
    private static func acknowledged(_ linked: LinkedNotification) -> LinkPage? {
        let raised = linked.alerts.filter { $0.alert.event == .raised }
        guard let first = raised.first, raised.allSatisfy({ $0.acknowledgedAt != nil }), let at = first.acknowledgedAt
        else { return nil }
        return LinkPage(
            title: "Acknowledged", paragraphs: ["At \(text(at)), by \(first.acknowledgedBy ?? "")."],
            items: items(linked))
    }

    /// What happened, in the words that are for everybody who sees the key of an issue.
    private static func items(_ linked: LinkedNotification) -> [String] {
        let headlines = linked.alerts.filter { $0.alert.event == .raised }.map(\.alert.headline)
        let rest = headlines.count - itemLimit
        return headlines.prefix(itemLimit) + (rest > 0 ? ["and \(rest) more"] : [])
    }

    private static func issueKeys(_ linked: LinkedNotification) -> [String] {
        Set(linked.alerts.filter { $0.alert.event == .raised }.compactMap { $0.alert.issue?.issueKey.rawValue })
            .sorted()
    }

    private static func name(_ linked: LinkedNotification) -> String { "link to \(linked.channelName)" }

    /// `2026-11-24 13:18 UTC`.
    private static func text(_ instant: Timestamp) -> String {
        instant.description.prefix(16).replacing("T", with: " ") + " UTC"
    }
}

/// What the owner of a mail address says.
private struct MailLinks {
    /// The choice that takes an unsubscription back.
    static let resume = "resume"

    var store: any QueryStore
    var actor: Actor
    var now: @Sendable () -> Timestamp
    var wakeUps: WakeUps

    func subscription(of id: UUID, _ tenantID: TenantID) async throws -> LinkPage? {
        guard let recipient = try await store.linkedRecipient(tenantID, recipientID: id) else { return nil }
        if recipient.state == .unsubscribed { return Self.unsubscribed(recipient) }
        return LinkPage(
            title: "Unsubscribe", paragraphs: ["Alerts \(Self.about(recipient)) are sent to your address."],
            buttons: [.init(label: "Unsubscribe")])
    }

    func confirmation(of id: UUID, _ tenantID: TenantID) async throws -> LinkPage? {
        guard let recipient = try await store.linkedRecipient(tenantID, recipientID: id),
            recipient.channelName != nil
        else { return nil }
        if recipient.state == .confirmed { return Self.confirmed(recipient) }
        return LinkPage(
            title: "Confirm your address",
            paragraphs: ["Alerts about the risk of issues on \(recipient.siteURL) are to be sent to your address."],
            buttons: [.init(label: "Send me the alerts")])
    }

    func set(_ id: UUID, _ tenantID: TenantID, _ state: MailRecipient.State) async throws -> LinkPage? {
        let isKnown = try await store.setMailRecipient(
            tenantID, recipientID: id, state, by: actor, now: now())
        guard isKnown, let recipient = try await store.linkedRecipient(tenantID, recipientID: id) else { return nil }
        wakeUps.alerts()
        return state == .unsubscribed ? Self.unsubscribed(recipient) : Self.confirmed(recipient)
    }

    private static func unsubscribed(_ recipient: LinkedRecipient) -> LinkPage {
        LinkPage(
            title: "Unsubscribed", paragraphs: ["No alerts \(about(recipient)) are sent to your address any more."],
            buttons: [.init(label: "Subscribe again", choice: resume)])
    }

    private static func confirmed(_ recipient: LinkedRecipient) -> LinkPage {
        LinkPage(
            title: "Confirmed",
            paragraphs: [
                "Alerts \(about(recipient)) are sent to your address. Each has a link that ends them."
            ])
    }

    private static func about(_ recipient: LinkedRecipient) -> String {
        let channel = recipient.channelName.map { " (channel “\($0)”)" } ?? ""
        return "about the risk of issues on \(recipient.siteURL)\(channel)"
    }
}
