public import Domain
import Foundation
public import Logging

/// Administers the webhook by which a tenant's Jira reaches this host: lists, registers, tests it and rotates its secret.
public struct WebhookAdministration: Sendable {
    private let store: any WebhookAdministrationStore
    private let secrets: SecretFunctions
    private let calls: RequestedCalls
    private let probe: PublicURLProbe?
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp
    private let logger: Logger

    /// - Parameters:
    ///   - probe: this host's public URL; nil where none is configured, and then all throw `.noPublicURL`.
    ///   - wakeUps: called after the secrets of a tenant have changed.
    public init(
        store: any WebhookAdministrationStore, secrets: SecretFunctions, connections: JiraConnections,
        probe: PublicURLProbe?, wakeUps: WakeUps, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.secrets = secrets
        calls = RequestedCalls(
            store: store, connections: connections, now: now, missingPermission: Self.missingPermission)
        self.probe = probe
        self.wakeUps = wakeUps
        self.now = now
        self.logger = logger
    }

    // MARK: Listing

    /// The webhooks of the tenant's site: those meant for this host, with their faults, and the others.
    ///
    /// Throws ``Domain/JiraAdministrationError``, and what the store throws; as do the others.
    public func webhooks(of tenant: Tenant) async throws -> WebhookOverview {
        let contract = try contract(of: tenant)
        let client = try await calls.client(of: tenant)
        let all = try await calls.asking(tenant) { () async throws(JiraError) in try await client.webhooks() }
        let own = Self.own(of: all, contract)
        return WebhookOverview(
            url: contract.url, own: own.map { RegisteredWebhook($0, contract) },
            others: all.filter { !contract.concerns($0) }.map(\.name))
    }

    /// Those meant for the tenant's webhook address, the one with the least faults first.
    private static func own(of webhooks: [JiraWebhook], _ contract: WebhookContract) -> [JiraWebhook] {
        webhooks.filter(contract.concerns).sorted {
            let (a, b) = (contract.faults(of: $0).count, contract.faults(of: $1).count)
            return a == b ? $0.id.localizedStandardCompare($1.id) == .orderedAscending : a < b
        }
    }

    // MARK: Registering

    /// Makes Jira send every event that consilod understands to the tenant's webhook address, signed with the tenant's
    /// newest secret. An existing webhook for that address is repaired, otherwise one is created.
    ///
    /// - Parameter jqlFilter: which issues Jira reports; empty for all, nil leaves what is set.
    public func registerWebhook(of tenant: Tenant, jqlFilter: String?, by actor: Actor) async throws
        -> WebhookRegistration
    {
        let contract = try contract(of: tenant)
        let client = try await calls.client(of: tenant)
        let all = try await calls.asking(tenant) { () async throws(JiraError) in try await client.webhooks() }
        let own = Self.own(of: all, contract)
        let secret = try await newestSecret(of: tenant, by: actor)
        let webhook = try await calls.asking(tenant) { () async throws(JiraError) in
            guard let first = own.first else {
                return try await client.createWebhook(
                    name: WebhookContract.name, url: contract.url, events: WebhookContract.events,
                    jqlFilter: jqlFilter ?? "", secret: secret.text)
            }
            // Also where it has no visible fault: Jira does not show which secret it has.
            return try await client.updateWebhook(
                id: first.id, name: first.name, url: contract.url, events: WebhookContract.events,
                jqlFilter: jqlFilter ?? first.jqlFilter, secret: secret.text)
        }
        try await checkNewest(secret, of: tenant)
        logger.notice(
            own.isEmpty ? "webhook registered" : "webhook updated",
            metadata: ["tenant": "\(tenant.id)", "webhook": "\(webhook.id)"])
        return WebhookRegistration(
            webhook: RegisteredWebhook(webhook, contract), isNew: own.isEmpty,
            doubles: own.dropFirst().map { RegisteredWebhook($0, contract) })
    }

    /// A webhook secret in clear and as it is stored.
    private struct Secret {
        var text: String
        var sealed: String
    }

    /// The newest secret that verifies; a new one where the tenant has no secret. One that cannot be decrypted is not replaced in
    /// silence: Jira may sign with it.
    private func newestSecret(of tenant: Tenant, by actor: Actor) async throws -> Secret {
        if let sealed = try await store.sealedWebhookSecrets(tenant.id, now: now())?.first {
            do {
                return Secret(text: try secrets.open(sealed), sealed: sealed)
            } catch {
                throw JiraAdministrationError(
                    .secretUnreadable,
                    """
                    The tenant's webhook secret cannot be decrypted with the configured keys. Configure the key that \
                    encrypted it, or rotate the secret.
                    """)
            }
        }
        return try await addSecret(UUID(), to: tenant, by: actor)
    }

    private func addSecret(_ id: UUID, to tenant: Tenant, by actor: Actor) async throws -> Secret {
        let text = secrets.generate()
        let secret = Secret(text: text, sealed: try secrets.seal(text))
        try await store.addWebhookSecret(tenant.id, secretID: id, encrypted: secret.sealed, by: actor, now: now())
        await wakeUps.tenantChanged(tenant.id)
        return secret
    }

    /// Jira signs with the secret that it was given last, and the newest one is the one that does not expire: a rotation
    /// that was overtaken by another one, on this node or any other, must not pass for done.
    private func checkNewest(_ secret: Secret, of tenant: Tenant) async throws {
        guard try await store.sealedWebhookSecrets(tenant.id, now: now())?.first != secret.sealed else { return }
        throw JiraAdministrationError(
            .overtaken,
            "Another secret was added at the same time, so it is unknown which one Jira signs with. Try again.")
    }

    // MARK: Rotating

    /// Makes a new secret, makes Jira sign with it, and expires the earlier ones.
    ///
    /// - Parameter graceSeconds: how long the earlier ones still verify, in seconds; 0 or more.
    public func rotateWebhookSecret(
        of tenant: Tenant, graceSeconds: Int64, by actor: Actor
    ) async throws -> WebhookSecretRotation {
        let contract = try contract(of: tenant)
        let client = try await calls.client(of: tenant)
        let all = try await calls.asking(tenant) { () async throws(JiraError) in try await client.webhooks() }
        let own = Self.own(of: all, contract)
        guard !own.isEmpty else {
            throw JiraAdministrationError(
                .noWebhook, "Jira has no webhook for \(contract.url); register one first (consilod webhook register).")
        }
        // Before Jira signs with it: from here on webhooks signed with either verify.
        let secretID = UUID()
        let secret = try await addSecret(secretID, to: tenant, by: actor)
        var changed: [String] = []
        do {
            for webhook in own {
                _ = try await client.updateWebhook(
                    id: webhook.id, name: webhook.name, url: webhook.url, events: webhook.events,
                    jqlFilter: webhook.jqlFilter, secret: secret.text, isEnabled: webhook.isEnabled)
                changed.append(webhook.id)
            }
        } catch {
            throw try await undoing(secretID, of: tenant, by: actor, after: error, isUnused: changed.isEmpty)
        }
        try await checkNewest(secret, of: tenant)
        let until = now().adding(seconds: graceSeconds)
        try await store.retireWebhookSecrets(tenant.id, except: secretID, expiresAt: until, by: actor)
        await wakeUps.tenantChanged(tenant.id)
        logger.notice(
            "webhook secret rotated", metadata: ["tenant": "\(tenant.id)", "former_valid_until": "\(until)"])
        return WebhookSecretRotation(secretID: secretID, webhookIDs: changed, formerValidUntil: until)
    }

    /// Removes a new secret that Jira certainly does not use; where that is unknown, both stay valid.
    private func undoing(
        _ secretID: UUID, of tenant: Tenant, by actor: Actor, after error: JiraError, isUnused: Bool
    ) async throws -> JiraAdministrationError {
        var failure = calls.failure(error, of: tenant)
        if isUnused, error.isRefusal {
            _ = try await store.removeWebhookSecret(tenant.id, secretID: secretID, by: actor)
            await wakeUps.tenantChanged(tenant.id)
        } else {
            failure.description +=
                " Whether Jira signs with the new secret is unknown; the new one and the earlier ones all verify. "
                + "Rotate again."
        }
        return failure
    }

    // MARK: Testing

    /// Sends a signed webhook of consilod's own to the tenant's public address and checks whether it is stored.
    public func testWebhook(of tenant: Tenant, by actor: Actor) async throws -> WebhookTest {
        let probe = try publicURL()
        let secret = try await newestSecret(of: tenant, by: actor)
        let ping = WebhookPing(now: now())
        let url = probe.webhookURL(of: tenant.id)
        let start = ContinuousClock.now
        func result(_ hasArrived: Bool, _ status: UInt?, _ detail: String) -> WebhookTest {
            WebhookTest(
                url: url, hasArrived: hasArrived, status: status.map { Int($0) }, detail: detail,
                milliseconds: Int((ContinuousClock.now - start) / .milliseconds(1)))
        }
        let answer: PublicURLProbe.Answer
        do throws(PublicURLProbe.Unreachable) {
            answer = try await probe.send(ping, to: tenant.id, secret: secret.text)
        } catch {
            return result(false, nil, "The address \(error.reason).")
        }
        let hasArrived = try await store.hasDelivery(ping.deliveryID, of: tenant.id)
        return result(hasArrived, answer.status, hasArrived ? "It is in the store." : answer.explanation)
    }

    // MARK: Parts

    private func publicURL() throws -> PublicURLProbe {
        guard let probe else {
            throw JiraAdministrationError(
                .noPublicURL,
                "Set http.public_url in this host's configuration to the https address at which Jira reaches it.")
        }
        return probe
    }

    private func contract(of tenant: Tenant) throws -> WebhookContract {
        WebhookContract(url: try publicURL().webhookURL(of: tenant.id))
    }

    private static func missingPermission(_ error: JiraError, of tenant: Tenant) -> String? {
        switch error {
        case .forbidden:
            """
            Only administrators of a site may change its webhooks: \(tenant.jiraEmail) lacks the global permission \
            Administer Jira (ADMINISTER). Grant it, or have an administrator create the webhook under System › \
            WebHooks.
            """
        case .scopeMissing:
            """
            The token lacks a scope, and Atlassian documents none for webhooks of a site: give the tenant a token of \
            \(tenant.jiraEmail) that was made without scopes, or have an administrator create the webhook under System › \
            WebHooks.
            """
        default: nil
        }
    }
}

extension JiraError {
    /// Whether Jira has certainly not done what it was asked.
    fileprivate var isRefusal: Bool {
        switch self {
        case .unauthorized, .forbidden, .scopeMissing, .notFound, .gone, .rateLimited, .refusedAddress, .badRequest:
            true
        case .unavailable, .malformedAnswer, .cancelled: false
        }
    }
}

extension RegisteredWebhook {
    fileprivate init(_ webhook: JiraWebhook, _ contract: WebhookContract) {
        self.init(
            id: webhook.id, name: webhook.name, url: webhook.url, events: webhook.events, jqlFilter: webhook.jqlFilter,
            isEnabled: webhook.isEnabled, faults: contract.faults(of: webhook))
    }
}
