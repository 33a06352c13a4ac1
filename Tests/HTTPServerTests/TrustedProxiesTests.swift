import HTTPServer
import NIOCore
import Testing

/// The address of a client is what nobody but a trusted proxy can choose.
@Suite struct TrustedProxiesTests {
    private func peer(_ address: String) throws -> SocketAddress { try SocketAddress(ipAddress: address, port: 4711) }

    @Test(
        arguments: [
            // A client that connects itself says nothing of others.
            ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
            ("203.0.113.7", [], "203.0.113.7"),
            // The proxy of this host.
            ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"), ("::1", ["2001:db8::7"], "2001:db8::7"),
            ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", [], "127.0.0.1"),
            // What the client made up stands before what the proxy adds.
            ("127.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", ["1.1.1.1", " 198.51.100.1 "], "198.51.100.1"),
            // A chain of two.
            ("127.0.0.1", ["1.1.1.1, 198.51.100.1, 10.1.2.3"], "198.51.100.1"),
            ("10.1.2.3", ["198.51.100.1"], "198.51.100.1"), ("10.2.2.3", ["198.51.100.1"], "10.2.2.3"),
            ("192.0.2.9", ["198.51.100.1"], "198.51.100.1"),
            // What is no address.
            ("127.0.0.1", ["unknown"], "127.0.0.1"), ("127.0.0.1", ["1.1.1.1, x, 10.1.2.3"], "10.1.2.3"),
            ("127.0.0.1", [""], "127.0.0.1"),
        ] as [(String, [String], String)])
    func theClientIsTheLastThatNoTrustedProxySpeaksFor(
        _ peer: String, forwarded: [String], client: String
    ) throws {
        let proxies = try #require(TrustedProxies(["10.1.0.0/16", "192.0.2.9"]))
        #expect(proxies.client(peer: try self.peer(peer), forwarded: forwarded) == client)
    }

    @Test func aUnixSocketIsOfThisHostAndNoPeerHasNoAddress() throws {
        let socket = try SocketAddress(unixDomainSocketPath: "/run/consilod.sock")
        #expect(TrustedProxies.onThisHost.client(peer: socket, forwarded: ["198.51.100.1"]) == "198.51.100.1")
        #expect(TrustedProxies.onThisHost.client(peer: socket, forwarded: []) == nil)
        #expect(TrustedProxies.onThisHost.client(peer: nil, forwarded: ["198.51.100.1"]) == nil)
    }

    @Test(arguments: ["", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8/8", "2001:db8::/129"])
    func whatIsNoAddressOrNetworkIsRefused(_ text: String) { #expect(TrustedProxies([text]) == nil) }
}
