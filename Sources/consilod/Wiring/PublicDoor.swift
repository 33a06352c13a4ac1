import AsyncHTTPClient
import Crypto
import Domain
import Foundation
import JiraCloud
import NIOCore
import NIOHTTP1
import Outbound

/// The doors of this host's tenants as Jira sees them: through the name, the certificate and the proxy of
/// `http.public_url`.
struct PublicDoor: Sendable {
    /// Without a trailing slash.
    let publicURL: String
    /// Follows no redirect, as Jira follows none.
    let client: OutboundClient

    /// For a whole exchange, which is what Jira allows.
    private static let timeLimit = Duration.seconds(20)
    /// As much of an answer as is read, in bytes.
    private static let answerLimit = 65_536

    /// What came back.
    struct Answer {
        var status: UInt
        /// The stable code of one of consilod's answers; nil for anybody else's.
        var code: String?
    }

    /// Why nothing came back, in words to follow "the address"; holds no secret.
    struct Unreachable: Error {
        var reason: String
    }

    func url(of tenantID: TenantID) -> String { "\(publicURL)/webhooks/jira/\(tenantID)" }

    /// Sends a webhook of consilod's own, signed with `secret` as Jira signs.
    func send(_ ping: WebhookPing, to tenantID: TenantID, secret: String) async throws(Unreachable) -> Answer {
        let key = SymmetricKey(data: Data(secret.utf8))
        let signature = HMAC<SHA256>.authenticationCode(for: Data(ping.body), using: key).hexadecimal
        return try await post(
            to: url(of: tenantID), ping.body,
            headers: [
                ("X-Hub-Signature", "sha256=\(signature)"), ("X-Atlassian-Webhook-Identifier", ping.deliveryID),
            ])
    }

    /// Knocks at the door of a tenant that does not exist. consilod says so before it reads anything; whoever answers
    /// otherwise is not consilod.
    func knock() async throws(Unreachable) -> Answer {
        let nobody = TenantID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
        return try await post(to: url(of: nobody), Array("{}".utf8), headers: [])
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
            struct Words: Decodable { var code: String? }
            // Not every answer is consilod's.
            let words = try? JSONDecoder().decode(Words.self, from: Data(answer.body))
            return Answer(status: answer.status, code: words?.code)
        } catch {
            throw Unreachable(reason: "\(error)")
        }
    }
}
