import Crypto
import Domain
import Foundation
import HTTPServer
import HTTPTypes
import Hummingbird
import JiraCloud
import Logging
import NIOCore
import WorkLoop

// Jira Automation's action "Send web request" signs nothing: what such a request carries is a token of the tenant (decision
// 0057). That is looked at before the body, so that a client without one sends none.
extension WebhookController {
    func receiveAutomation(
        _ request: Request, tenantID: TenantID?, tokens: any WebhookSecretSource
    ) async throws(Refusal) -> InboxOutcome {
        guard let tenantID, let hashes = try await hashes(of: tenantID, in: tokens) else { throw .unknownTenant }
        let length = max(0, request.headers[.contentLength].flatMap(Int.init) ?? 0)
        guard length <= limits.bodyBytes else { throw .tooLarge }
        guard TokenCheck.isOne(of: hashes, request.headers.value(AutomationHeader.token)) else { throw .badToken }
        try checkRate(of: tenantID)
        try Self.checkMedia(request.headers)
        guard bytesInHand.hasRoom(for: length) else { throw .overloaded }
        var counted = 0
        defer { bytesInHand.giveBack(counted) }
        let body = try await body(of: request, tenantID: tenantID, length: length, counting: &counted)
        // Automation names no delivery: what is sent twice is the same where it is the same to the byte.
        return try await keep(
            body, of: tenantID, try await automationRoute(body, of: tenantID),
            deliveryID: WebhookDelivery.automationPrefix + Self.name(of: body))
    }

    private func hashes(
        of tenantID: TenantID, in tokens: any WebhookSecretSource
    ) async throws(Refusal) -> [[UInt8]]? {
        do {
            return try await tokens.webhookSecrets(for: tenantID)
        } catch {
            log.log(.error, "cannot read automation tokens", tenant: "\(tenantID)", ["error": "\(error)"])
            throw .unavailable
        }
    }

    /// The body, which counts against the tenant's share until all of it is there: a token may have leaked.
    private func body(
        of request: Request, tenantID: TenantID, length: Int, counting counted: inout Int
    ) async throws(Refusal) -> [UInt8] {
        guard unverified.begin(of: tenantID, length: length) else { throw .overloaded }
        defer { unverified.end(of: tenantID, bytes: counted) }
        var body: [UInt8] = []
        do {
            for try await part in request.body {
                try count(part, behind: body.count, of: tenantID, in: &counted)
                if body.isEmpty { body.reserveCapacity(length) }
                body.append(contentsOf: part.readableBytesView)
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            // The connection broke in the middle, or the body is malformed HTTP: no answer can be sent.
            throw .unavailable
        }
        return body
    }

    private func automationRoute(_ body: [UInt8], of tenantID: TenantID) async throws(Refusal) -> WebhookRoute {
        do {
            guard body.count > Self.largeBody else { return try decoder.automationEnvelope(of: body) }
            return try await threads.run(for: tenantID) { [decoder] in try decoder.automationEnvelope(of: body) }
        } catch let error as JiraPayloadError where error.code == .notUnderstood {
            throw .unsupportedEvent
        } catch {
            throw .notJSON
        }
    }
}

/// Checks what a request of Jira Automation carries.
enum TokenCheck {
    /// Longest token looked at, in bytes.
    private static let longest = 128

    /// Whether the SHA-256 of a token is among `hashes`, which are lower-case hexadecimal digits. Every hash is compared to its
    /// end, so that the time tells neither which it is nor where it differs.
    static func isOne(of hashes: [[UInt8]], _ header: String?) -> Bool {
        guard let header, header.utf8.count <= longest else { return false }
        let token = Array(header.utf8.trimmingSpace)
        guard !token.isEmpty else { return false }
        let hash = Array(SHA256.hash(data: token).hexadecimal.utf8)
        return hashes.reduce(false) { isFound, other in isEqual(hash, other) || isFound }
    }

    private static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// The headers of a request of Jira Automation.
private enum AutomationHeader {
    static let token = HTTPField.Name("X-Consilod-Token")
}
