import Crypto
public import Domain
import Foundation
import HTTPTypes
public import Hummingbird
public import JiraCloud
public import Logging
import NIOCore

/// The door for Jira: `POST /webhooks/jira/{tenant-id}`.
///
/// The order of the checks is part of the contract: tenant, size, signature over the raw bytes, and only then the
/// content, so that nobody without the secret learns more than that a tenant exists. A delivery is answered 2xx after
/// it is committed to disk (P1). What Jira would send again (503) is kept apart from what it would drop (4xx): a
/// failure of ours is never answered 4xx.
public struct WebhookController: Sendable {
    private let secrets: any WebhookSecretSource
    private let inbox: any WebhookInbox
    private let decoder: JiraWebhookDecoder
    private let maxBodyBytes: Int
    private let retryAfterSeconds: Int
    private let now: @Sendable () -> Timestamp
    private let nudge: @Sendable () -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - maxBodyBytes: larger bodies are answered 413; Jira itself sends at most 25 MB.
    ///   - retryAfterSeconds: told to Jira with 503.
    ///   - nudge: called after a webhook was stored, to wake whoever works on it.
    public init(
        secrets: any WebhookSecretSource, inbox: any WebhookInbox, decoder: JiraWebhookDecoder,
        maxBodyBytes: Int = 26_214_400, retryAfterSeconds: Int = 30, now: @escaping @Sendable () -> Timestamp,
        nudge: @escaping @Sendable () -> Void, logger: Logger
    ) {
        self.secrets = secrets
        self.inbox = inbox
        self.decoder = decoder
        self.maxBodyBytes = maxBodyBytes
        self.retryAfterSeconds = retryAfterSeconds
        self.now = now
        self.nudge = nudge
        self.logger = logger
    }

    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.post("/webhooks/jira/{tenant-id}") { request, context in
            do throws(Refusal) {
                let outcome = try await receive(request, tenant: context.parameters.get("tenant-id"))
                return Self.response(.accepted, #"{"status":"\#(outcome == .stored ? "stored" : "duplicate")"}"#)
            } catch {
                return response(to: error)
            }
        }
    }

    /// Why a delivery was not taken.
    private enum Refusal: Error {
        case unknownTenant, tooLarge, badSignature, notJSONMedia, notJSON, unavailable
    }

    private func receive(_ request: Request, tenant text: String?) async throws(Refusal) -> InboxOutcome {
        guard let tenantID = text.flatMap(TenantID.init) else { throw .unknownTenant }
        guard let secrets = try await secrets(of: tenantID) else { throw .unknownTenant }
        let body = try await body(of: request)
        let signature = request.headers.value("x-hub-signature")
        guard SignatureVerifier(secrets: secrets).verifies(body.readableBytesView, signature: signature) else {
            throw .badSignature
        }
        guard Self.isJSON(request.headers[.contentType]) else { throw .notJSONMedia }
        return try await store(Array(body.readableBytesView), of: tenantID, headers: request.headers)
    }

    private func secrets(of tenantID: TenantID) async throws(Refusal) -> [[UInt8]]? {
        do {
            return try await secrets.webhookSecrets(for: tenantID)
        } catch {
            logger.error(
                "cannot read the webhook secrets", metadata: ["tenant": "\(tenantID)", "error": "\(error)"])
            throw .unavailable
        }
    }

    private func body(of request: Request) async throws(Refusal) -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap(Int.init), length > maxBodyBytes { throw .tooLarge }
        do {
            return try await request.body.collect(upTo: maxBodyBytes)
        } catch is NIOTooManyBytesError {
            throw .tooLarge
        } catch {
            // The connection broke in the middle: nobody is left to answer, and Jira sends it again.
            throw .unavailable
        }
    }

    private func store(
        _ body: [UInt8], of tenantID: TenantID, headers: HTTPFields
    ) async throws(Refusal) -> InboxOutcome {
        let (event, sentAt, routing): (String, Timestamp?, WebhookDelivery.Routing)
        do {
            (event, sentAt, routing) = try decoder.envelope(of: body)
        } catch {
            throw .notJSON
        }
        let delivery = WebhookDelivery(
            tenantID: tenantID, deliveryID: Self.deliveryID(headers, body), receivedAt: now(), event: event,
            sentAt: sentAt, retryCount: headers.value("x-atlassian-webhook-retry").flatMap(Int.init) ?? 0,
            routing: routing, body: body)
        if case .rejected(let reason) = routing {
            logger.warning(
                "a webhook was kept but not understood", metadata: ["tenant": "\(tenantID)", "reason": "\(reason)"])
        }
        do {
            let outcome = try await inbox.append(delivery)
            if outcome == .stored { nudge() }
            return outcome
        } catch let error as StorageError where error.code == .stale {
            throw .unknownTenant
        } catch {
            logger.error("cannot store a webhook", metadata: ["tenant": "\(tenantID)", "error": "\(error)"])
            throw .unavailable
        }
    }

    /// Jira's identifier of the delivery, the same across its retries; without one, what the body is.
    private static func deliveryID(_ headers: HTTPFields, _ body: [UInt8]) -> String {
        let identifier = headers.value("x-atlassian-webhook-identifier")?.trimmingCharacters(in: .whitespaces) ?? ""
        guard identifier.isEmpty || identifier.utf8.count > 255 else { return identifier }
        return "sha256:" + SHA256.hash(data: body).hexadecimal
    }

    /// Whether a content type is JSON (`application/json`, `application/vnd.x+json`); none at all is taken as such.
    private static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return true }
        let media = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        return media == "application/json" || (media.hasPrefix("application/") && media.hasSuffix("+json"))
    }

    private func response(to refusal: Refusal) -> Response {
        switch refusal {
        case .unknownTenant: Self.error(.notFound, "tenant_not_found", "No such tenant.")
        case .tooLarge:
            Self.error(.contentTooLarge, "body_too_large", "The body is larger than \(maxBodyBytes) bytes.")
        case .badSignature:
            Self.error(.unauthorized, "invalid_signature", "X-Hub-Signature does not sign this body.")
        case .notJSONMedia: Self.error(.unsupportedMediaType, "not_json", "The content type is not JSON.")
        case .notJSON: Self.error(.badRequest, "malformed_json", "The body is not a JSON object.")
        case .unavailable:
            Self.error(
                .serviceUnavailable, "unavailable", "The webhook cannot be stored now; send it again.",
                headers: [.retryAfter: "\(retryAfterSeconds)"])
        }
    }

    private static func error(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, headers: HTTPFields = [:]
    ) -> Response {
        response(status, #"{"code":"\#(code)","detail":"\#(detail)"}"#, headers: headers)
    }

    private static func response(
        _ status: HTTPResponse.Status, _ json: String, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: json)))
    }
}

extension HTTPFields {
    /// The value of a header that HTTPTypes has no name for; nil where it is missing.
    fileprivate func value(_ name: String) -> String? { HTTPField.Name(name).flatMap { self[$0] } }
}
