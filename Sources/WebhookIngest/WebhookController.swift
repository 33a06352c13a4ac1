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
    ///   - secrets: what each tenant's webhooks are signed with.
    ///   - inbox: where they are kept.
    ///   - decoder: tells whom a body concerns.
    ///   - maxBodyBytes: larger bodies are answered 413; Jira itself sends at most 25 MB.
    ///   - retryAfterSeconds: told to Jira with 503.
    ///   - now: the instant a webhook is received at.
    ///   - nudge: called after a webhook was stored, to wake whoever works on it.
    ///   - logger: told what was lost or not understood, and failures of ours; never what a webhook holds.
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

    /// Adds `POST /webhooks/jira/{tenant-id}`, answered with a small JSON object: `{"status":"stored"}` or
    /// `{"status":"duplicate"}` (202), else `{"code":…,"detail":…}` as the query API's errors.
    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.post("/webhooks/jira/{tenant-id}") { request, context in
            let tenantID = context.parameters.get("tenant-id").flatMap { TenantID($0) }
            do throws(Refusal) {
                let outcome = try await receive(request, tenantID: tenantID)
                return Self.response(.accepted, #"{"status":"\#(outcome == .stored ? "stored" : "duplicate")"}"#)
            } catch {
                if let tenantID { log(error, tenantID: tenantID) }
                return response(to: error)
            }
        }
    }

    /// Why a delivery was not taken; the raw value is the stable code of the answer.
    private enum Refusal: String, Error {
        case unknownTenant = "tenant_not_found"
        case tooLarge = "body_too_large"
        case badSignature = "invalid_signature"
        case notJSONMedia = "not_json"
        case notJSON = "malformed_json"
        case unavailable
    }

    private func receive(_ request: Request, tenantID: TenantID?) async throws(Refusal) -> InboxOutcome {
        guard let tenantID else { throw .unknownTenant }
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
            sentAt: sentAt, retryCount: Self.retryCount(headers), routing: routing, body: body)
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

    /// How often Jira had tried before; the first time it does not say.
    private static func retryCount(_ headers: HTTPFields) -> Int {
        max(0, headers.value("x-atlassian-webhook-retry").flatMap { Int($0) } ?? 0)
    }

    /// Whether a content type is JSON (`application/json`, or any with the suffix `+json` of RFC 6839); none at all is
    /// taken as such.
    private static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return true }
        let media = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        return media == "application/json" || (media.contains("/") && media.hasSuffix("+json"))
    }

    /// Jira drops for good what is answered 4xx, so the host's owner must see it. Not so for unknown tenants, with
    /// whom anybody could fill the log; and failures of ours are logged where their cause is known.
    private func log(_ refusal: Refusal, tenantID: TenantID) {
        switch refusal {
        case .tooLarge, .badSignature, .notJSONMedia, .notJSON:
            logger.warning(
                "a webhook was refused", metadata: ["tenant": "\(tenantID)", "code": "\(refusal.rawValue)"])
        case .unknownTenant, .unavailable:
            break
        }
    }

    private func response(to refusal: Refusal) -> Response {
        let (status, detail): (HTTPResponse.Status, String) =
            switch refusal {
            case .unknownTenant: (.notFound, "No such tenant.")
            case .tooLarge: (.contentTooLarge, "The body is larger than \(maxBodyBytes) bytes.")
            case .badSignature: (.unauthorized, "X-Hub-Signature does not sign this body.")
            case .notJSONMedia: (.unsupportedMediaType, "The content type is not JSON.")
            case .notJSON: (.badRequest, "The body is not JSON.")
            case .unavailable: (.serviceUnavailable, "The webhook cannot be stored now; send it again.")
            }
        let headers: HTTPFields = refusal == .unavailable ? [.retryAfter: "\(retryAfterSeconds)"] : [:]
        return Self.response(
            status, #"{"code":"\#(refusal.rawValue)","detail":"\#(detail)"}"#, headers: headers)
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
