import Domain
import Foundation

/// A webhook of a Jira site.
struct RegisteredWebhookView: Encodable, Sendable {
    var id: String
    var name: String
    var url: String
    var events: [String]
    var jqlFilter: String
    var enabled: Bool
    var faults: [String]

    init(_ webhook: RegisteredWebhook) {
        id = webhook.id
        name = webhook.name
        url = webhook.url
        events = webhook.events
        jqlFilter = webhook.jqlFilter
        enabled = webhook.isEnabled
        faults = webhook.faults
    }
}

/// The webhooks of a Jira site.
struct WebhookOverviewView: Encodable, Sendable {
    var url: String
    var webhooks: [RegisteredWebhookView]
    var others: [String]

    init(_ overview: WebhookOverview) {
        url = overview.url
        webhooks = overview.own.map(RegisteredWebhookView.init)
        others = overview.others
    }
}

/// A webhook that was created or repaired.
struct WebhookRegistrationView: Encodable, Sendable {
    var webhook: RegisteredWebhookView
    var created: Bool
    var doubles: [RegisteredWebhookView]

    init(_ registration: WebhookRegistration) {
        webhook = RegisteredWebhookView(registration.webhook)
        created = registration.isNew
        doubles = registration.doubles.map(RegisteredWebhookView.init)
    }
}

/// A webhook secret that has replaced the former ones.
struct WebhookSecretRotationView: Encodable, Sendable {
    var secretID: String
    var webhookIDs: [String]
    var formerSecretsValidUntil: Timestamp

    // The encoder's snake case would split "IDs".
    private enum CodingKeys: String, CodingKey {
        case secretID
        case webhookIDs = "webhook_ids"
        case formerSecretsValidUntil
    }

    init(_ rotation: WebhookSecretRotation) {
        secretID = rotation.secretID.canonicalText
        webhookIDs = rotation.webhookIDs
        formerSecretsValidUntil = rotation.formerValidUntil
    }
}

/// The result of a webhook that consilod sent itself.
struct WebhookTestView: Encodable, Sendable {
    var url: String
    var arrived: Bool
    var status: Nullable<Int>
    var detail: String
    var milliseconds: Int

    init(_ test: WebhookTest) {
        url = test.url
        arrived = test.hasArrived
        status = Nullable(test.status)
        detail = test.detail
        milliseconds = test.milliseconds
    }
}
