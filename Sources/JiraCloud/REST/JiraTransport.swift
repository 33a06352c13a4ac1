import AsyncHTTPClient
import Domain
import Foundation
import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// HTTP as far as Jira needs it, with the ``AddressPolicy`` built in: one for all tenants of the host.
///
/// It keeps two clients. Hosts that the operator named go through the open one. All others go through the guarded one,
/// in which each new connection is looked at between its establishment and its first request: one to a refused address
/// is closed without a byte of a request, whatever the name resolved to a moment before (DNS rebinding). Names are
/// resolved and judged before that, too, so that not even a connection is tried: whether it succeeds would tell a
/// tenant which ports are open inside.
///
/// Redirects are not followed, cookies are not kept, an answer is bounded in size and time.
public final class JiraTransport: Sendable {
    /// To which addresses it connects.
    public let policy: AddressPolicy

    private let guarded: HTTPClient
    private let open: HTTPClient
    private let timeout: Duration
    private let answerLimit: Int
    private let requiresTLS: Bool
    private let metrics: JiraCallMetrics
    private let verdicts = Mutex<[String: Verdict]>([:])

    private struct Verdict {
        let isAdmitted: Bool
        let until: ContinuousClock.Instant
    }

    /// The name of the host leads to no address, or to one that is refused.
    private struct RefusedConnection: Error {}
    private struct TimedOut: Error {}

    /// Must be shut down before it goes.
    ///
    /// - Parameters:
    ///   - timeout: for a request and all of its answer.
    ///   - answerLimit: bytes of an answer. A hundred issues with long threads are some megabytes.
    ///   - metrics: what is counted.
    public convenience init(
        policy: AddressPolicy, timeout: Duration = .seconds(60), answerLimit: Int = 64 * 1_048_576,
        metrics: JiraCallMetrics = JiraCallMetrics()
    ) {
        self.init(
            policy: policy, timeout: timeout, answerLimit: answerLimit, dnsOverride: [:], requiresTLS: true,
            metrics: metrics)
    }

    /// For tests.
    ///
    /// - Parameters:
    ///   - dnsOverride: names that connect elsewhere than they were judged, which is what rebinding does.
    ///   - requiresTLS: false lets the guarded client speak plain http, so that a test can read what it sends.
    init(
        policy: AddressPolicy, timeout: Duration, answerLimit: Int, dnsOverride: [String: String], requiresTLS: Bool,
        metrics: JiraCallMetrics = JiraCallMetrics()
    ) {
        self.requiresTLS = requiresTLS
        self.metrics = metrics
        self.policy = policy
        self.timeout = timeout
        self.answerLimit = answerLimit
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10), read: .seconds(30)))
        configuration.connectionPool.retryConnectionEstablishment = false
        // A handful of connections is all that a budget allows; of the two only HTTP/1 has one place to look at them.
        configuration.httpVersion = .http1Only
        open = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        configuration.dnsOverride = dnsOverride
        configuration.http1_1ConnectionDebugInitializer = { channel in
            guard !policy.admits(channel.remoteAddress) else { return channel.eventLoop.makeSucceededVoidFuture() }
            // Not at once: the pool must first learn that the connection failed, or it would be told twice.
            channel.eventLoop.execute { channel.close(promise: nil) }
            return channel.eventLoop.makeFailedFuture(RefusedConnection())
        }
        guarded = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes all connections. Throws what the HTTP client throws, which ends all the same.
    public func shutdown() async throws {
        // Both, whatever becomes of the first: a client that goes without being shut down ends the process.
        let first: (any Error)?
        do {
            try await guarded.shutdown()
            first = nil
        } catch {
            first = error
        }
        try await open.shutdown()
        if let first { throw first }
    }

    /// What goes to Jira.
    struct Request: Sendable {
        var method: HTTPMethod
        var url: String
        var authorization: String?
        var body: [UInt8]?
    }

    /// What comes back, complete.
    struct Answer: Sendable {
        var status: UInt
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    /// Sends a request and takes its answer, whatever its status.
    ///
    /// Throws `.refusedAddress`, `.unavailable`, `.malformedAnswer` (too large) and `.cancelled`.
    func send(_ request: Request) async throws(JiraError) -> Answer {
        let began = ContinuousClock.now
        do throws(JiraError) {
            let answer = try await answer(to: request)
            metrics.answered(answer.status, in: .now - began)
            return answer
        } catch {
            metrics.failed(error)
            throw error
        }
    }

    private func answer(to request: Request) async throws(JiraError) -> Answer {
        let client = try await client(for: request.url)
        do {
            return try await withThrowingTaskGroup(of: Answer?.self) { group in
                group.addTask { try await self.exchange(request, through: client) }
                group.addTask {
                    try await Task.sleep(for: self.timeout)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let answer = first else { throw TimedOut() }
                return answer
            }
        } catch {
            throw Self.failure(of: error)
        }
    }

    private func exchange(_ request: Request, through client: HTTPClient) async throws -> Answer {
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
        let response = try await client.execute(message, timeout: .seconds(3600))
        let body = try await response.body.collect(upTo: answerLimit)
        return Answer(status: response.status.code, headers: response.headers, body: Array(buffer: body))
    }

    /// Which client may call an address; throws `.refusedAddress` where none may.
    private func client(for address: String) async throws(JiraError) -> HTTPClient {
        guard let url = URL(string: address), let host = url.host(percentEncoded: false), !host.isEmpty,
            url.user == nil, url.password == nil
        else { throw .refusedAddress(reason: "it is not a URL of a host") }
        let scheme = url.scheme?.lowercased()
        if policy.allows(host: host) {
            guard scheme == "https" || scheme == "http" else { throw .refusedAddress(reason: "it is not https") }
            return open
        }
        guard scheme == "https" || (scheme == "http" && !requiresTLS) else {
            throw .refusedAddress(reason: "it is not https")
        }
        guard try await isAdmitted(host: host) else { throw Self.refusal }
        return guarded
    }

    private static let refusal = JiraError.refusedAddress(
        reason: "the host is on a private network; the operator can allow it in the configuration")

    /// Whether all addresses of a name are admitted. A verdict is kept for a minute; that it still holds when the
    /// connection is made is checked there.
    private func isAdmitted(host: String) async throws(JiraError) -> Bool {
        let now = ContinuousClock.now
        if let verdict = verdicts.withLock({ $0[host] }), verdict.until > now { return verdict.isAdmitted }
        let addresses: [SocketAddress]?
        do {
            addresses = try await NIOThreadPool.singleton.runIfActive { Self.addresses(of: host) }
        } catch {
            throw .cancelled
        }
        guard let addresses, !addresses.isEmpty else { throw .unavailable(reason: "the name of the host is unknown") }
        let isAdmitted = addresses.allSatisfy { policy.admits($0) }
        verdicts.withLock { verdicts in
            if verdicts.count > 1000 { verdicts = verdicts.filter { $0.value.until > now } }
            verdicts[host] = Verdict(isAdmitted: isAdmitted, until: now + .seconds(60))
        }
        return isAdmitted
    }

    /// What the system's resolver says of a name or of an address in any notation; nil for an unknown name. Blocks.
    private static func addresses(of host: String) -> [SocketAddress]? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr {
                switch entry.ai_family {
                case AF_INET:
                    address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                        addresses.append(SocketAddress($0.pointee))
                    }
                case AF_INET6:
                    address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                        addresses.append(SocketAddress($0.pointee))
                    }
                default: break
                }
            }
            next = entry.ai_next
        }
        return addresses
    }

    /// No error is described in its own words, which may hold what was sent.
    private static func failure(of error: any Error) -> JiraError {
        switch error {
        case is RefusedConnection: return refusal
        case is CancellationError: return .cancelled
        case is TimedOut: return .unavailable(reason: "no answer in time")
        case is NIOTooManyBytesError: return .malformedAnswer(reason: "it is too large")
        case let error as HTTPClientError:
            switch error {
            case .cancelled: return Task.isCancelled ? .cancelled : .unavailable(reason: "the connection was given up")
            case .connectTimeout, .tlsHandshakeTimeout: return .unavailable(reason: "no connection in time")
            case .readTimeout, .writeTimeout, .deadlineExceeded: return .unavailable(reason: "no answer in time")
            case .remoteConnectionClosed: return .unavailable(reason: "the connection was closed without an answer")
            case .invalidURL, .emptyHost, .emptyScheme: return .refusedAddress(reason: "it is not a URL of a host")
            default: return .unavailable(reason: "the request failed")
            }
        default: return .unavailable(reason: "no connection (\(type(of: error)))")
        }
    }
}
