import Domain
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import JiraCloud

@Suite struct AddressPolicyTests {
    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1",
        "2001:db8::1", "2001::1", "2002:7f00:1::", "3fff::1", "100::1", "::127.0.0.1",
    ])
    func specialAddressesAreRefused(address: String) throws {
        let address = try SocketAddress(ipAddress: address, port: 443)
        #expect(!AddressPolicy.isPublic(address))
        #expect(!AddressPolicy().admits(address))
        #expect(AddressPolicy(allowsPrivateAddresses: true).admits(address))
    }

    @Test(arguments: [
        "1.1.1.1", "13.35.248.100", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
        "198.17.0.1", "223.255.255.255", "2606:4700::1111", "2a05:d014::1", "::ffff:1.1.1.1", "64:ff9b::101:101",
    ])
    func publicAddressesAreAdmitted(address: String) throws {
        #expect(AddressPolicy().admits(try SocketAddress(ipAddress: address, port: 443)))
    }

    @Test func unknownAddressesAreRefused() throws {
        #expect(!AddressPolicy(allowsPrivateAddresses: true).admits(nil))
        #expect(!AddressPolicy().admits(try SocketAddress(unixDomainSocketPath: "/tmp/socket")))
    }

    @Test func hostsAreAllowedByNameWhateverTheirSpelling() {
        let policy = AddressPolicy(allowedHosts: ["Jira.Internal", "::1"])
        #expect(policy.allows(host: "jira.internal"))
        #expect(policy.allows(host: "JIRA.internal."))
        #expect(policy.allows(host: "[::1]"))
        #expect(!policy.allows(host: "evil-jira.internal"))
        #expect(!policy.allows(host: "internal"))
    }
}

/// A listener that writes down every byte it is sent.
private final class Listener: Sendable {
    private let received = Mutex<[UInt8]>([])
    private let connections = Mutex(0)
    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }
    var text: String { received.withLock { String(decoding: $0, as: UTF8.self) } }
    var connectionCount: Int { connections.withLock { $0 } }

    private final class Recorder: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let heard: @Sendable ([UInt8]) -> Void
        let connected: @Sendable () -> Void

        init(connected: @escaping @Sendable () -> Void, heard: @escaping @Sendable ([UInt8]) -> Void) {
            self.connected = connected
            self.heard = heard
        }

        func channelActive(context: ChannelHandlerContext) { connected() }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            heard(Array(buffer: unwrapInboundIn(data)))
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
            context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil)
        }
    }

    static func run<Value>(_ body: (Listener) async throws -> Value) async throws -> Value {
        let pending = Pending()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.addHandler(
                    Recorder(connected: { pending.connected() }, heard: { pending.heard($0) }))
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let listener = Listener(channel: channel)
        pending.listener.withLock { $0 = listener }
        do {
            let value = try await body(listener)
            try await channel.close()
            return value
        } catch {
            try await channel.close()
            throw error
        }
    }

    private final class Pending: Sendable {
        let listener = Mutex<Listener?>(nil)
        func connected() { listener.withLock { $0 }?.connections.withLock { $0 += 1 } }
        func heard(_ bytes: [UInt8]) { listener.withLock { $0 }?.received.withLock { $0 += bytes } }
    }

    private init(channel: any Channel) { self.channel = channel }
}

@Suite struct TokenLeakTests {
    private func client(
        _ site: String, _ transport: JiraTransport, gateway: String = JiraClient.atlassianGateway
    ) -> JiraClient {
        let budget = JiraBudget(limits: .init(attempts: 2), surroundings: BudgetTime().surroundings())
        return JiraClient(
            account: JiraAccount(siteURL: site, email: "bot@example.com", token: "s3cr3t-t0ken"), transport: transport,
            budget: budget, gatewayURL: gateway, logger: quietLogger)
    }

    private func ask(_ client: JiraClient) async -> JiraError? {
        await failure { () async throws(JiraError) in try await client.myself() }
    }

    private func isRefusal(_ error: JiraError?) -> Bool {
        if case .refusedAddress = error { true } else { false }
    }

    @Test(arguments: [
        "localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "[::1]",
        "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "LOCALHOST", "localhost.",
    ])
    func loopbackIsNotEvenConnectedToInWhateverNotation(host: String) async throws {
        try await Listener.run { listener in
            try await withTransport(AddressPolicy()) { transport in
                let error = await ask(client("https://\(host):\(listener.port)", transport))
                // A resolver may not know a notation; then there is nothing to connect to.
                let isUnknown = error == .unavailable(reason: "the name of the host is unknown")
                #expect(isRefusal(error) || isUnknown, "\(error as Any)")
                #expect(listener.connectionCount == 0)
            }
        }
    }

    @Test func localhostByNameIsRefused() async throws {
        try await withTransport(AddressPolicy()) { transport in
            #expect(isRefusal(await ask(client("https://localhost:1", transport))))
            #expect(isRefusal(await ask(client("https://127.0.0.1:1", transport))))
        }
    }

    @Test func plainHTTPIsForNamedHostsOnly() async throws {
        try await Listener.run { listener in
            try await withTransport(AddressPolicy(allowsPrivateAddresses: true)) { transport in
                #expect(isRefusal(await ask(client("http://127.0.0.1:\(listener.port)", transport))))
                #expect(listener.connectionCount == 0)
            }
            try await withTransport(AddressPolicy(allowedHosts: ["127.0.0.1"])) { transport in
                #expect(!isRefusal(await ask(client("http://127.0.0.1:\(listener.port)", transport))))
                #expect(listener.text.contains("Basic "))
            }
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://example.com", "example.com", "", "https://user:pw@example.com"])
    func whatIsNoAddressOfAHostIsRefused(address: String) async throws {
        try await withTransport(AddressPolicy()) { transport in
            #expect(isRefusal(await ask(client(address, transport))))
        }
    }

    /// What DNS rebinding does: the name is judged by one address and connected to at another. 1.1.1.1 is judged here,
    /// without being called, and the connection goes to the listener.
    @Test func connectionToARefusedAddressCarriesNoRequest() async throws {
        try await Listener.run { listener in
            let transport = JiraTransport(
                policy: AddressPolicy(), timeout: .seconds(20), answerLimit: 1000,
                dnsOverride: ["1.1.1.1": "127.0.0.1"], requiresTLS: false)
            let error = await ask(client("http://1.1.1.1:\(listener.port)", transport))
            #expect(isRefusal(error), "\(error as Any)")
            // A second one finds the pool in order.
            #expect(isRefusal(await ask(client("http://1.1.1.1:\(listener.port)", transport))))
            try await eventually("both connections were seen") { listener.connectionCount == 2 }
            #expect(listener.text.isEmpty)
            try await transport.shutdown()
        }
    }

    @Test func redirectIsNotFollowed() async throws {
        try await Listener.run { listener in
            try await SimulatedJira.run { jira in
                jira.script(.redirect(to: "http://127.0.0.1:\(listener.port)/rest/api/3/myself"), on: .myself)
                try await withTransport { transport in
                    let error = await ask(jira.client(transport))
                    #expect(error == .malformedAnswer(reason: "it is a redirect (302), and none is followed"))
                    #expect(listener.connectionCount == 0)
                    #expect(jira.count(of: .myself) == 1)
                }
            }
        }
    }

    @Test func answerWithoutEndIsCutOff() async throws {
        try await SimulatedJira.run { jira in
            try jira.add(SimulatedJira.issue("1", key: "ENG-1", updated: midday, comments: comments(1...19)))
            try await withTransport(answerLimit: 1000) { transport in
                let client = jira.client(transport)
                let error = await failure { () async throws(JiraError) in try await client.issues(["1"]) }
                #expect(error == .malformedAnswer(reason: "it is too large"))
            }
            try await withTransport(timeout: .milliseconds(200)) { transport in
                jira.script(.latency(.seconds(600)), on: .myself, times: 5)
                #expect(await ask(jira.client(transport)) == .unavailable(reason: "no answer in time"))
            }
        }
    }

    @Test func tokenIsInNoDescription() async throws {
        let account = JiraAccount(siteURL: "https://a.example", email: "bot@example.com", token: "s3cr3t-t0ken")
        var dumped = ""
        dump(account, to: &dumped)
        for text in ["\(account)", String(reflecting: account), dumped] {
            #expect(!text.contains("s3cr3t"))
            #expect(text.contains("bot@example.com"))
        }
    }
}
