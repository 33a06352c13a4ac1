import Domain
import Foundation
import JiraCloud
import Logging
import QueryAPI
import Store
import Vault

/// Looks after the webhook by which a tenant's Jira reaches this host.
struct WebhookAdministration: JiraAdministering {
    let store: RiskStore
    let vault: Vault
    let connections: JiraConnections
    /// Nil where the configuration names no public address.
    let door: PublicDoor?
    /// Called after the secrets of a tenant have changed.
    let onTenantChanged: @Sendable (TenantID) async -> Void
    let logger: Logger

    // MARK: Looking

    func webhooks(of tenant: Tenant) async throws -> WebhookOverview {
        let contract = try contract(of: tenant)
        let client = try await client(of: tenant)
        let all = try await asking(tenant) { () async throws(JiraError) in try await client.webhooks() }
        let own = Self.own(of: all, contract)
        return WebhookOverview(
            url: contract.url, own: own.map { RegisteredWebhook($0, contract) },
            others: all.filter { !contract.concerns($0) }.map(\.name))
    }

    /// Those meant for the tenant's door, the one with the least faults first.
    private static func own(of webhooks: [JiraWebhook], _ contract: WebhookContract) -> [JiraWebhook] {
        webhooks.filter(contract.concerns).sorted {
            let (a, b) = (contract.faults(of: $0).count, contract.faults(of: $1).count)
            return a == b ? $0.id.localizedStandardCompare($1.id) == .orderedAscending : a < b
        }
    }

    // MARK: Registering

    func registerWebhook(of tenant: Tenant, jqlFilter: String?, by actor: Actor) async throws -> WebhookRegistration {
        let contract = try contract(of: tenant)
        let client = try await client(of: tenant)
        let all = try await asking(tenant) { () async throws(JiraError) in try await client.webhooks() }
        let own = Self.own(of: all, contract)
        let secret = try await newestSecret(of: tenant, by: actor)
        let webhook = try await asking(tenant) { () async throws(JiraError) in
            guard let first = own.first else {
                return try await client.createWebhook(
                    name: WebhookContract.name, url: contract.url, events: WebhookContract.events,
                    jqlFilter: jqlFilter ?? "", secret: secret.text)
            }
            // Also where nothing seems wrong with it: which secret it has, nobody can see.
            return try await client.updateWebhook(
                id: first.id, name: first.name, url: contract.url, events: WebhookContract.events,
                jqlFilter: jqlFilter ?? first.jqlFilter, secret: secret.text)
        }
        try await checkNewest(secret, of: tenant)
        logger.notice(
            own.isEmpty ? "webhook registered" : "webhook set anew",
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

    /// The newest secret that verifies; a new one where there is none, or it cannot be opened.
    private func newestSecret(of tenant: Tenant, by actor: Actor) async throws -> Secret {
        if let sealed = try await store.sealedWebhookSecrets(tenant.id, now: .now)?.first {
            do {
                return Secret(text: try vault.open(sealed), sealed: sealed)
            } catch {
                logger.error("a webhook secret cannot be opened", metadata: ["tenant": "\(tenant.id)"])
            }
        }
        return try await addSecret(UUID(), to: tenant, by: actor)
    }

    private func addSecret(_ id: UUID, to tenant: Tenant, by actor: Actor) async throws -> Secret {
        let text = WebhookSecret.generate()
        let secret = Secret(text: text, sealed: try vault.seal(text))
        try await store.addWebhookSecret(
            tenant.id, secretID: id, encrypted: secret.sealed, by: actor, now: .now)
        await onTenantChanged(tenant.id)
        return secret
    }

    /// Jira signs with the secret that it was given last, and the newest one is the one that never ends: whoever was
    /// overtaken by another rotation, on this node or any other, must not leave it at that.
    private func checkNewest(_ secret: Secret, of tenant: Tenant) async throws {
        guard try await store.sealedWebhookSecrets(tenant.id, now: .now)?.first != secret.sealed else { return }
        throw JiraAdministrationError(
            .overtaken,
            "A secret was added at the same time, and which one Jira now signs with is not known. Do it again.")
    }

    // MARK: Rotating

    func rotateWebhookSecret(
        of tenant: Tenant, graceSeconds: Int64, by actor: Actor
    ) async throws -> WebhookSecretRotation {
        let contract = try contract(of: tenant)
        let client = try await client(of: tenant)
        let all = try await asking(tenant) { () async throws(JiraError) in try await client.webhooks() }
        let own = Self.own(of: all, contract)
        guard !own.isEmpty else {
            throw JiraAdministrationError(
                .noWebhook, "Jira has no webhook for \(contract.url); register one first (consilod webhook register).")
        }
        // Before Jira signs with it: what is signed with either verifies.
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
        let until = Timestamp.now.adding(seconds: graceSeconds)
        try await store.retireWebhookSecrets(tenant.id, except: secretID, expiresAt: until, by: actor)
        await onTenantChanged(tenant.id)
        logger.notice(
            "webhook secret rotated", metadata: ["tenant": "\(tenant.id)", "former_valid_until": "\(until)"])
        return WebhookSecretRotation(secretID: secretID, webhookIDs: changed, formerValidUntil: until)
    }

    /// Takes a new secret back where Jira surely has not taken it; where that is not known, both stay valid.
    private func undoing(
        _ secretID: UUID, of tenant: Tenant, by actor: Actor, after error: JiraError, isUnused: Bool
    ) async throws -> JiraAdministrationError {
        var failure = Self.failure(error, of: tenant)
        if isUnused, error.isRefusal {
            _ = try await store.removeWebhookSecret(tenant.id, secretID: secretID, by: actor)
            await onTenantChanged(tenant.id)
        } else {
            failure.description +=
                " Whether Jira signs with the new secret is not known; the new one and those before all verify. "
                + "Rotate again."
        }
        return failure
    }

    // MARK: Testing

    func testWebhook(of tenant: Tenant, by actor: Actor) async throws -> WebhookTest {
        let door = try publicDoor()
        let secret = try await newestSecret(of: tenant, by: actor)
        let ping = WebhookPing(now: .now)
        let url = door.url(of: tenant.id)
        let start = ContinuousClock.now
        func result(_ hasArrived: Bool, _ status: UInt?, _ detail: String) -> WebhookTest {
            WebhookTest(
                url: url, hasArrived: hasArrived, status: status.map { Int($0) }, detail: detail,
                milliseconds: Int((ContinuousClock.now - start) / .milliseconds(1)))
        }
        let answer: PublicDoor.Answer
        do throws(PublicDoor.Unreachable) {
            answer = try await door.send(ping, to: tenant.id, secret: secret.text)
        } catch {
            return result(false, nil, "The address \(error.reason).")
        }
        let hasArrived = try await store.hasDelivery(ping.deliveryID, of: tenant.id)
        return result(hasArrived, answer.status, hasArrived ? "It is in the store." : answer.explanation)
    }

    // MARK: Parts

    private func publicDoor() throws -> PublicDoor {
        guard let door else {
            throw JiraAdministrationError(
                .noPublicURL,
                "Set http.public_url in this host's configuration to the https address under which Jira reaches it.")
        }
        return door
    }

    private func contract(of tenant: Tenant) throws -> WebhookContract {
        WebhookContract(url: try publicDoor().url(of: tenant.id))
    }

    private func client(of tenant: Tenant) async throws -> JiraClient {
        if let reason = try await store.jiraAccessStatus(tenant.id)?.stoppedReason {
            throw JiraAdministrationError(.accountRefused, Self.refusal(reason, of: tenant))
        }
        let client: JiraClient?
        do {
            client = try await connections.client(for: tenant.id)
        } catch let error as ConfigurationError {
            throw JiraAdministrationError(.accountRefused, "\(error); give the tenant its token anew.")
        }
        guard let client else { throw JiraAdministrationError(.unavailable, "The tenant is gone.") }
        return client
    }

    private static func refusal(_ reason: String, of tenant: Tenant) -> String {
        """
        No calls are made: \(reason). Give the tenant a new jira_token for \(tenant.jiraEmail) (PUT \
        /api/tenants/\(tenant.id)), or try again with POST /api/tenants/\(tenant.id)/jira/sweep.
        """
    }

    private func asking<Value: Sendable>(
        _ tenant: Tenant, _ ask: () async throws(JiraError) -> Value
    ) async throws(JiraAdministrationError) -> Value {
        do {
            return try await ask()
        } catch {
            throw Self.failure(error, of: tenant)
        }
    }

    static func failure(_ error: JiraError, of tenant: Tenant) -> JiraAdministrationError {
        switch error {
        case .unauthorized: return JiraAdministrationError(.accountRefused, refusal("\(error)", of: tenant))
        case .forbidden:
            return JiraAdministrationError(
                .permissionMissing,
                """
                Webhooks of a site are its administrators' business: \(tenant.jiraEmail) lacks the global permission \
                Administer Jira (ADMINISTER). Give it that, or have an administrator make the webhook under System › \
                WebHooks.
                """)
        case .scopeMissing:
            return JiraAdministrationError(
                .permissionMissing,
                """
                The token lacks a scope, and Atlassian documents none for webhooks of a site: give the tenant a token of \
                \(tenant.jiraEmail) that was made without scopes, or have an administrator make the webhook under System › \
                WebHooks.
                """)
        case .badRequest: return JiraAdministrationError(.requestRefused, "\(error).")
        case .rateLimited(let until):
            return JiraAdministrationError(
                .unavailable, "\(error).",
                retryAfterSeconds: max(1, (until.milliseconds - Timestamp.now.milliseconds + 999) / 1000))
        default: return JiraAdministrationError(.unavailable, "\(error).")
        }
    }
}

extension JiraError {
    /// Whether Jira has surely not done what it was asked.
    fileprivate var isRefusal: Bool {
        switch self {
        case .unauthorized, .forbidden, .scopeMissing, .notFound, .gone, .rateLimited, .refusedAddress, .badRequest:
            true
        case .unavailable, .malformedAnswer, .cancelled: false
        }
    }
}

extension RegisteredWebhook {
    init(_ webhook: JiraWebhook, _ contract: WebhookContract) {
        self.init(
            id: webhook.id, name: webhook.name, url: webhook.url, events: webhook.events, jqlFilter: webhook.jqlFilter,
            isEnabled: webhook.isEnabled, faults: contract.faults(of: webhook))
    }
}

extension PublicDoor.Answer {
    /// Why a webhook did not arrive that got this answer.
    var explanation: String {
        switch (status, code) {
        case (200..<300, _):
            "It was taken (\(status)), but is not in this consilod's store: somebody else answers under the address."
        case (300..<400, _):
            "The answer is a redirect (\(status)), and Jira follows none: http.public_url must be the last address."
        case (401, "invalid_signature"?), (404, "tenant_not_found"?):
            "Another consilod answers under the address (\(status)), which does not have this tenant."
        case (404, _), (405, _): "The proxy does not pass /webhooks/ on to consilod (\(status))."
        case (401, _), (403, _): "The proxy lets nobody in without credentials (\(status)), and Jira has none."
        case (413, _): "The proxy takes no body of that size (413): allow 25 MB."
        case (502, _), (503, _), (504, _): "The proxy cannot reach consilod, or consilod is not ready (\(status))."
        default: "The answer is \(status)."
        }
    }
}
