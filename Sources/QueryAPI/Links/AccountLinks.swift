import Domain
import Foundation
import Queries

/// What a recipient of mails about an account says of the optional ones.
struct AccountLinks {
    /// The choice that takes a switch-off back.
    static let resume = "resume"

    private static let kept =
        "Mails about the end of a trial, limits that are used up, payments and suspensions still come."

    var store: any AccountMailStore
    var actor: Actor
    var now: @Sendable () -> Timestamp

    func subscription(of id: UUID, _ tenantID: TenantID) async throws -> LinkPage? {
        guard let linked = try await store.linkedAccountMails(tenantID, recipientID: id) else { return nil }
        if linked.isOff { return Self.off(linked) }
        return LinkPage(
            title: "Unsubscribe",
            paragraphs: ["Reminders about the account of \(linked.siteURL) are sent to your address.", Self.kept],
            buttons: [.init(label: "Unsubscribe")])
    }

    func set(_ id: UUID, _ tenantID: TenantID, isOff: Bool) async throws -> LinkPage? {
        let isKnown = try await store.setAccountMails(
            tenantID, recipientID: id, isOff: isOff, by: actor, now: now())
        guard isKnown, let linked = try await store.linkedAccountMails(tenantID, recipientID: id) else { return nil }
        guard !linked.isOff else { return Self.off(linked) }
        return LinkPage(
            title: "Subscribed",
            paragraphs: ["Reminders about the account of \(linked.siteURL) are sent to your address."])
    }

    private static func off(_ linked: LinkedAccountMails) -> LinkPage {
        LinkPage(
            title: "Unsubscribed",
            paragraphs: ["No reminders about the account of \(linked.siteURL) are sent to your address.", kept],
            buttons: [.init(label: "Subscribe again", choice: resume)])
    }
}
