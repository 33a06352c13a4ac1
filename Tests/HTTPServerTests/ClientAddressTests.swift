import NIOCore
import Testing

@testable import HTTPServer

@Suite struct ClientAddressTests {
    @Test func anIPv6ClientIsItsNetworkAndAMappedOneItsIPv4Address() throws {
        #expect(ClientAddress("2001:db8:1:2::1") == ClientAddress("2001:db8:1:2:ffff::9"))
        #expect(ClientAddress("2001:db8:1:2::1") != ClientAddress("2001:db8:1:3::1"))
        #expect(ClientAddress("::ffff:192.0.2.7") == ClientAddress("192.0.2.7"))
        #expect(ClientAddress("192.0.2.7") != ClientAddress("192.0.2.8"))
        // Not the same bytes by chance.
        #expect(ClientAddress("::c000:207:0:0:0:0") != ClientAddress("192.0.2.7"))
        #expect(ClientAddress("example.com") == nil && ClientAddress("") == nil)
        #expect(ClientAddress(try SocketAddress(unixDomainSocketPath: "/run/x.sock")) == nil)
    }
}
