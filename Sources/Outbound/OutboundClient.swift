public import AsyncHTTPClient
import Foundation
public import NIOCore
public import NIOHTTP1
import NIOPosix
import Synchronization

/// HTTP to addresses that somebody entered, with the ``AddressPolicy`` and the proxies of the environment built in.
///
/// Hosts that the operator lists go through the open client. All others go through the guarded one, in which each new
/// connection is checked between its establishment and its first request: one to a refused address is closed without a
/// byte of a request, whatever the name resolved to a moment before (DNS rebinding). Names are resolved and judged before
/// that, too, so that not even a connection is tried: whether it succeeds would tell a tenant which ports are open inside.
///
/// Through a proxy the name is judged in the same way, but it is the proxy that resolves it again and connects: it must
/// refuse private destinations itself. A host whose name does not resolve on this machine is called through a proxy only
/// if the operator lists it.
///
/// Redirects are not followed, cookies are not kept.
public final class OutboundClient: Sendable {
    /// Which addresses it calls.
    public let policy: AddressPolicy

    private let guarded: HTTPClient
    private let open: HTTPClient
    /// By scheme, for the schemes that have a proxy.
    private let proxied: [String: Result<HTTPClient, ProxySettingError>]
    private let proxies: ProxySettings
    private let requiresTLS: Bool
    /// A slow name server of one tenant must not hold a delivery for longer.
    private static let lookupTimeout = TimeAmount.seconds(10)
    private let verdicts = Mutex<[String: Verdict]>([:])

    private struct Verdict {
        let isAdmitted: Bool
        let until: ContinuousClock.Instant
    }

    /// An answer, complete.
    public struct Answer: Sendable {
        /// The HTTP status, 100–599.
        public var status: UInt
        /// As the peer sent them.
        public var headers: HTTPHeaders
        /// At most as long as the exchange allows.
        public var body: [UInt8]
    }

    /// Must be shut down before it is released.
    ///
    /// - Parameters:
    ///   - requiresTLS: false lets it call also hosts that the operator does not list over plain http.
    ///   - silenceTimeout: between two pieces of an answer.
    public convenience init(
        policy: AddressPolicy, proxies: ProxySettings = .direct, requiresTLS: Bool = true,
        silenceTimeout: TimeAmount = .seconds(30)
    ) {
        self.init(
            policy: policy, proxies: proxies, requiresTLS: requiresTLS, silenceTimeout: silenceTimeout,
            dnsOverride: [:])
    }

    /// For tests.
    ///
    /// - Parameter dnsOverride: names that connect elsewhere than they were judged, which is what rebinding does.
    package init(
        policy: AddressPolicy, proxies: ProxySettings = .direct, requiresTLS: Bool,
        silenceTimeout: TimeAmount = .seconds(30), dnsOverride: [String: String]
    ) {
        self.policy = policy
        self.proxies = proxies
        self.requiresTLS = requiresTLS
        var configuration = HTTPClient.Configuration.outbound(silenceTimeout: silenceTimeout)
        open = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var proxied: [String: Result<HTTPClient, ProxySettingError>] = [:]
        for scheme in ["https", "http"] {
            do throws(ProxySettingError) {
                guard let proxy = try proxies.proxy(scheme: scheme) else { continue }
                proxied[scheme] = .success(
                    HTTPClient(
                        eventLoopGroupProvider: .singleton,
                        configuration: .outbound(silenceTimeout: silenceTimeout, proxy: proxy)))
            } catch {
                proxied[scheme] = .failure(error)
            }
        }
        self.proxied = proxied
        configuration.dnsOverride = dnsOverride
        configuration.http1_1ConnectionDebugInitializer = { channel in
            guard !policy.admits(channel.remoteAddress) else { return channel.eventLoop.makeSucceededVoidFuture() }
            // Not at once: the pool must first learn that the connection failed, or it would be told twice.
            channel.eventLoop.execute { channel.close(promise: nil) }
            return channel.eventLoop.makeFailedFuture(RefusedConnection())
        }
        guarded = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes all connections. Throws the first error of the HTTP clients; all of them are shut down.
    public func shutdown() async throws {
        var first: (any Error)?
        for client in [guarded, open] + proxied.values.compactMap({ try? $0.get() }) {
            // Each, whatever becomes of the others: a client that is released without a shutdown ends the process.
            do { try await client.shutdown() } catch { first = first ?? error }
        }
        if let first { throw first }
    }

    /// Sends a request and returns the answer with its body still to be read, whatever its status.
    ///
    /// - Parameter timeout: until the head of the answer has come.
    public func execute(
        _ request: HTTPClientRequest, timeout: Duration
    ) async throws(OutboundFailure) -> HTTPClientResponse {
        let client = try await client(for: request.url)
        do {
            return try await client.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
        } catch {
            throw OutboundFailure(error)
        }
    }

    /// Sends a request and returns its complete answer, whatever its status.
    ///
    /// - Parameters:
    ///   - timeout: for the request and all of its answer.
    ///   - answerLimit: bytes of the answer's body.
    public func exchange(
        _ request: HTTPClientRequest, timeout: Duration, answerLimit: Int
    ) async throws(OutboundFailure) -> Answer {
        let client = try await client(for: request.url)
        do {
            return try await withThrowingTaskGroup(of: Answer?.self) { group in
                group.addTask {
                    // The client's own limit ends with the head of the answer; the group's timer ends all of it.
                    let response = try await client.execute(request, timeout: .seconds(3600))
                    let body = try await response.body.collect(upTo: answerLimit)
                    return Answer(
                        status: response.status.code, headers: response.headers, body: Array(buffer: body))
                }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let answer = first else { throw ExchangeTimedOut() }
                return answer
            }
        } catch {
            throw OutboundFailure(error)
        }
    }

    /// The client that may call an address.
    private func client(for address: String) async throws(OutboundFailure) -> HTTPClient {
        guard let url = URL(string: address), let host = url.host(percentEncoded: false), !host.isEmpty,
            let scheme = url.scheme?.lowercased(), ["https", "http"].contains(scheme), url.user == nil,
            url.password == nil
        else { throw .refused(.notAURL) }
        let isListed = policy.allows(host: host)
        if !isListed {
            guard scheme == "https" || !requiresTLS else { throw .refused(.notHTTPS) }
            guard try await isAdmitted(host: host) else { throw .refused(.privateNetwork) }
        }
        // A proxy elsewhere could not reach what loopback means here.
        guard let proxy = proxied[scheme], proxies.isProxied(url), !HostLookup.isLoopback(host) else {
            return isListed ? open : guarded
        }
        switch proxy {
        case .success(let client): return client
        case .failure(let error): throw .proxyMisconfigured(error)
        }
    }

    /// Whether all addresses of a name are admitted. A verdict is kept for a minute; the connection is checked again
    /// when it is made.
    private func isAdmitted(host: String) async throws(OutboundFailure) -> Bool {
        let now = ContinuousClock.now
        if let verdict = verdicts.withLock({ $0[host] }), verdict.until > now { return verdict.isAdmitted }
        let addresses: [SocketAddress]?
        do {
            addresses = try await HostLookup.addresses(of: host, within: Self.lookupTimeout)
        } catch {
            throw OutboundFailure(error)
        }
        guard let addresses, !addresses.isEmpty else { throw .unresolved }
        let isAdmitted = addresses.allSatisfy { policy.admits($0) }
        verdicts.withLock { verdicts in
            if verdicts.count > 1000 { verdicts = verdicts.filter { $0.value.until > now } }
            verdicts[host] = Verdict(isAdmitted: isAdmitted, until: now + .seconds(60))
        }
        return isAdmitted
    }
}
