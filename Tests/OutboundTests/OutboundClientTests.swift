import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import Outbound
import TestSupport
import Testing

@Suite struct OutboundClientTests {
    private func failure(
        _ url: String, policy: AddressPolicy = AddressPolicy(), proxies: ProxySettings = .direct,
        requiresTLS: Bool = false, timeout: Duration = .seconds(20)
    ) async throws -> OutboundFailure? {
        let client = OutboundClient(policy: policy, proxies: proxies, requiresTLS: requiresTLS)
        var failure: OutboundFailure?
        do throws(OutboundFailure) {
            _ = try await client.exchange(HTTPClientRequest(url: url), timeout: timeout, answerLimit: 1000)
        } catch {
            failure = error
        }
        try await client.shutdown()
        return failure
    }

    @Test func aHostIsCalledOnlyIfItIsListed() async throws {
        try await RecordingListener.run { (listener: RecordingListener) async throws -> Void in
            let url = "http://127.0.0.1:\(listener.port)/"
            #expect(try await failure(url) == .refused(.privateNetwork))
            #expect(
                try await failure(url, policy: AddressPolicy(allowedHosts: ["127.0.0.2"])) == .refused(.privateNetwork))
            #expect(listener.connectionCount == 0)
            #expect(try await failure(url, policy: AddressPolicy(allowedHosts: ["127.0.0.1"])) == nil)
            #expect(try await failure(url, policy: .unrestricted) == nil)
            #expect(listener.connectionCount == 2)
        }
    }

    @Test func whatIsNotHTTPSOrNotAURLIsRefused() async throws {
        #expect(try await failure("http://hooks.example/", requiresTLS: true) == .refused(.notHTTPS))
        for url in ["", "hooks.example", "ftp://hooks.example", "https://user:pw@hooks.example", "file:///etc/hosts"] {
            #expect(try await failure(url, policy: .unrestricted) == .refused(.notAURL), "\(url)")
        }
    }

    @Test func failuresAreToldApart() async throws {
        let hosts = AddressPolicy(allowedHosts: ["127.0.0.1", "nowhere.invalid"])
        #expect(try await failure("http://127.0.0.1:9/", policy: hosts) == .connectionRefused)
        #expect(try await failure("https://nowhere.invalid/", policy: hosts) == .unresolved)
        #expect(try await failure("https://nowhere.invalid/") == .unresolved)
        try await RecordingListener.run { (listener: RecordingListener) async throws -> Void in
            // It answers in plain text.
            let failure = try await failure("https://127.0.0.1:\(listener.port)/", policy: hosts)
            guard case .tlsFailed = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
    }

    /// Through a proxy the name is judged as without. Loopback and no_proxy lead around it.
    @Test func aProxyOfTheEnvironmentIsUsedForWhatThePolicyAllows() async throws {
        try await RecordingListener.run { (proxy: RecordingListener) async throws -> Void in
            let proxies = ProxySettings(
                environment: ["HTTP_PROXY": "http://127.0.0.1:\(proxy.port)", "NO_PROXY": "10.9.9.9"])
            #expect(try await failure("http://10.0.0.1/inside", proxies: proxies) == .refused(.privateNetwork))
            #expect(proxy.connectionCount == 0)
            // The listener is no proxy: only that it was asked counts. Plain http is tunnelled, too.
            _ = try await failure("http://1.1.1.1/outside", proxies: proxies, timeout: .seconds(2))
            #expect(proxy.text.hasPrefix("CONNECT 1.1.1.1:80 HTTP/1.1"))
            let seen = proxy.connectionCount
            let listed = AddressPolicy(allowedHosts: ["127.0.0.1"])
            #expect(try await failure("http://127.0.0.1:9/", policy: listed, proxies: proxies) == .connectionRefused)
            #expect(proxy.connectionCount == seen)
        }
    }

    @Test func aProxyVariableThatCannotBeUsedIsNamedWithoutItsValue() async throws {
        let proxies = ProxySettings(environment: ["HTTPS_PROXY": "socks4://ada:secret@proxy"])
        let failure = try await failure("https://1.1.1.1/", proxies: proxies)
        guard case .proxyMisconfigured(let error) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(error.variable == "HTTPS_PROXY")
        #expect(!"\(failure as Any)".contains("secret"))
    }
}
