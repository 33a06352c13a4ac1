import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
public import Outbound

/// HTTP as far as Jira needs it: one for all tenants of the host.
public final class JiraTransport: Sendable {
    private let client: OutboundClient
    private let timeout: Duration
    private let answerLimit: Int
    private let metrics: JiraCallMetrics

    /// - Parameters:
    ///   - client: calls the tenants' sites; shut down by ``shutdown()``.
    ///   - timeout: for a request and all of its answer.
    ///   - answerLimit: bytes of an answer. A hundred issues with long threads are some megabytes.
    ///   - metrics: what is counted.
    public init(
        client: OutboundClient, timeout: Duration = .seconds(60), answerLimit: Int = 64 * 1_048_576,
        metrics: JiraCallMetrics = JiraCallMetrics()
    ) {
        self.client = client
        self.timeout = timeout
        self.answerLimit = answerLimit
        self.metrics = metrics
    }

    /// Closes all connections. Throws what the HTTP client throws; it is shut down all the same.
    public func shutdown() async throws { try await client.shutdown() }

    /// What goes to Jira.
    struct Request: Sendable {
        var method: HTTPMethod
        var url: String
        var authorization: String?
        var body: [UInt8]?
    }

    /// Sends a request and returns its answer, whatever its status.
    ///
    /// Throws `.refusedAddress`, `.unavailable`, `.malformedAnswer` (too large) and `.cancelled`.
    func send(_ request: Request) async throws(JiraError) -> OutboundClient.Answer {
        let began = ContinuousClock.now
        do throws(OutboundFailure) {
            let answer = try await client.exchange(message(request), timeout: timeout, answerLimit: answerLimit)
            metrics.answered(answer.status, in: .now - began)
            return answer
        } catch {
            let failure = JiraError(error)
            metrics.failed(failure)
            throw failure
        }
    }

    private func message(_ request: Request) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: request.url)
        message.method = request.method
        message.headers.add(name: "Accept", value: "application/json")
        message.headers.add(name: "User-Agent", value: "consilod")
        if let authorization = request.authorization {
            message.headers.add(name: "Authorization", value: authorization)
        }
        if let body = request.body {
            message.headers.add(name: "Content-Type", value: "application/json")
            message.body = .bytes(ByteBuffer(bytes: body))
        }
        return message
    }
}

extension JiraError {
    /// What a request without an answer means.
    init(_ failure: OutboundFailure) {
        switch failure {
        case .refused(.notAURL): self = .refusedAddress(reason: "it is not a URL of a host")
        case .refused(.notHTTPS): self = .refusedAddress(reason: "it is not https")
        case .refused(.privateNetwork):
            self = .refusedAddress(
                reason: "the host is on a private network; the operator can list it in jira.allowed_hosts")
        case .cancelled: self = .cancelled
        case .answerTooLarge: self = .malformedAnswer(reason: "it is too large")
        default: self = .unavailable(reason: "the host \(failure)")
        }
    }
}
