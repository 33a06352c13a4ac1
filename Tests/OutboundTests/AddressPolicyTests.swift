import NIOCore
import Outbound
import Testing

@Suite struct AddressPolicyTests {
    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.8", "168.63.129.16", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.255",
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

    @Test(arguments: [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "[::1]", "::1",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "localhost", "LOCALHOST", "localhost.", "app.localhost", "10.0.0.8", "0xA9FEA9FE",
        "169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "100.64.0.1", "224.0.0.1", "0.0.0.0", "[::]", "192.168.1",
    ])
    func whatIsNotPublicIsRefusedWithoutALookupInEveryNotation(host: String) {
        #expect(AddressPolicy().refusesWithoutLookup(host: host))
        #expect(!AddressPolicy.unrestricted.refusesWithoutLookup(host: host))
        #expect(!AddressPolicy(allowedHosts: [host]).refusesWithoutLookup(host: host))
        #expect(AddressPolicy(allowedHosts: ["other.example"]).refusesWithoutLookup(host: host))
    }

    @Test(arguments: [
        "hooks.slack.com", "1.1.1.1", "[2606:4700::1111]", "16843009", "mattermost.internal", "7f.example",
    ])
    func namesAndPublicAddressesAreLeftToTheLookup(host: String) {
        #expect(!AddressPolicy().refusesWithoutLookup(host: host))
    }
}
