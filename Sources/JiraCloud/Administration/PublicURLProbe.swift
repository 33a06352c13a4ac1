import AsyncHTTPClient
import Crypto
import Domain
import Foundation
import NIOCore
import NIOHTTP1
public import Outbound

/// Requests to this host's own webhook addresses as Jira sees them: through the name, the certificate and the proxy of
/// `http.public_url`.
public struct PublicURLProbe: Sendable {
    /// Without a trailing slash.
    public let publicURL: String
    private let client: OutboundClient

    /// - Parameter client: may call the address, which the operator enters; its owner shuts it down.
    public init(publicURL: String, client: OutboundClient) {
        self.publicURL = publicURL
        self.client = client
    }

    /// For a whole exchange, which is what Jira allows.
    private static let timeLimit = Duration.seconds(20)
    /// Most of an answer that is read, in bytes.
    private static let answerLimit = 65_536

    /// The answer.
    public struct Answer: Sendable {
        /// The HTTP status.
        public var status: UInt
        /// The stable code of one of consilod's answers; nil for any other server's.
        public var code: String?
    }

    /// Why there was no answer, in words to follow "the address"; holds no secret.
    public struct Unreachable: Error {
        /// One clause without a subject, as `does not resolve`.
        public var reason: String
    }

    /// Where a tenant's Jira posts its webhooks.
    func webhookURL(of tenantID: TenantID) -> String { "\(publicURL)/webhooks/jira/\(tenantID)" }

    /// Sends a webhook of consilod's own, signed with `secret` as Jira signs.
    func send(_ ping: WebhookPing, to tenantID: TenantID, secret: String) async throws(Unreachable) -> Answer {
        let key = SymmetricKey(data: Data(secret.utf8))
        let signature = HMAC<SHA256>.authenticationCode(for: Data(ping.body), using: key).hexadecimal
        return try await post(
            to: webhookURL(of: tenantID), ping.body,
            headers: [
                ("X-Hub-Signature", "sha256=\(signature)"), ("X-Atlassian-Webhook-Identifier", ping.deliveryID),
            ])
    }

    /// Posts to the webhook address of a tenant that does not exist. consilod says so before it reads the body; a server
    /// that answers otherwise is not consilod.
    public func probe() async throws(Unreachable) -> Answer {
        let unknown = TenantID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
        return try await post(to: webhookURL(of: unknown), Array("{}".utf8), headers: [])
    }

    private func post(
        to url: String, _ body: [UInt8], headers: [(String, String)]
    ) async throws(Unreachable) -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "consilod")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        do throws(OutboundFailure) {
            let answer = try await client.exchange(request, timeout: Self.timeLimit, answerLimit: Self.answerLimit)
            struct Coded: Decodable { var code: String? }
            // Not every answer is consilod's.
            let coded = try? JSONDecoder().decode(Coded.self, from: Data(answer.body))
            return Answer(status: answer.status, code: coded?.code)
        } catch {
            throw Unreachable(reason: "\(error)")
        }
    }
}

extension PublicURLProbe.Answer {
    /// Why a webhook that got this answer did not arrive.
    public var explanation: String {
        switch (status, code) {
        case (200..<300, _):
            "It was accepted (\(status)), but is not in this consilod's store: another server answers at the address."
        case (300..<400, _):
            "The answer is a redirect (\(status)), which Jira does not follow: http.public_url must be the final address."
        case (401, "invalid_signature"?), (404, "tenant_not_found"?):
            "Another consilod answers at the address (\(status)), which does not have this tenant."
        case (404, _), (405, _): "The proxy does not pass /webhooks/ on to consilod (\(status))."
        case (401, _), (403, _): "The proxy asks for credentials (\(status)), and Jira sends none."
        case (413, _): "The proxy refuses a body of that size (413): allow 25 MB."
        case (502, _), (503, _), (504, _): "The proxy cannot reach consilod, or consilod is not ready (\(status))."
        default: "The answer is \(status)."
        }
    }
}
