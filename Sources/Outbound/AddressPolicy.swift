import Foundation
public import NIOCore

/// Which addresses a tenant may have consilod call.
///
/// A tenant names the address of its Jira and of its alert channels, and consilod calls them from inside the operator's
/// network. Without a rule a tenant could have it call machines that are reachable from there only (server-side request
/// forgery), so only public addresses are called; the operator lists the exceptions.
public struct AddressPolicy: Sendable, Hashable {
    /// Host names and address literals, in lower case, that are called whatever their address, also over plain http.
    public var allowedHosts: Set<String>
    /// Whether every host may have an address that is not public (https all the same).
    public var allowsPrivateAddresses: Bool
    /// Whether every host counts as listed.
    private var allowsEveryHost = false

    /// For addresses that the operator enters, as that of the host itself.
    public static var unrestricted: AddressPolicy {
        var policy = AddressPolicy(allowsPrivateAddresses: true)
        policy.allowsEveryHost = true
        return policy
    }

    /// - Parameters:
    ///   - allowedHosts: hosts, without scheme or port, that the operator trusts; `[::1]` may be written `::1`.
    ///   - allowsPrivateAddresses: lifts the rule for all hosts; for a host that serves one organisation only.
    public init(allowedHosts: Set<String> = [], allowsPrivateAddresses: Bool = false) {
        self.allowedHosts = Set(allowedHosts.map(Self.normalized))
        self.allowsPrivateAddresses = allowsPrivateAddresses
    }

    /// Whether the operator lists the host.
    public func allows(host: String) -> Bool { allowsEveryHost || allowedHosts.contains(Self.normalized(host)) }

    /// Whether a host can be refused without asking DNS: `localhost`, and an address that is not public, in any notation
    /// that the system's resolver reads (dotted, decimal, octal, hexadecimal, shortened, IPv6 with an IPv4 address in it).
    public func refusesWithoutLookup(host: String) -> Bool {
        guard !allows(host: host), !allowsPrivateAddresses else { return false }
        let name = Self.normalized(host)
        // RFC 6761, section 6.3: names that end in localhost are loopback.
        if name == "localhost" || name.hasSuffix(".localhost") { return true }
        return HostLookup.addresses(ofLiteral: name)?.contains { !admits($0) } ?? false
    }

    /// Whether a host is this machine, without asking DNS: `localhost`, or a loopback address in any notation. What is sent there is
    /// read by no one on the way.
    public static func isLoopback(host: String) -> Bool { HostLookup.isLoopback(normalized(host)) }

    /// Whether a connection to an address may carry a request. False for an address that is not known.
    public func admits(_ address: SocketAddress?) -> Bool {
        guard let address else { return false }
        switch address {
        case .v4, .v6: return allowsPrivateAddresses || Self.isPublic(address)
        case .unixDomainSocket: return false
        }
    }

    /// Whether an address is one of the open Internet: none of the special-purpose ranges (RFC 6890 and the IANA
    /// registries), nor multicast; addresses that carry an IPv4 address (mapped, NAT64) are judged by that one.
    public static func isPublic(_ address: SocketAddress) -> Bool {
        switch address {
        case .v4(let address):
            return withUnsafeBytes(of: address.address.sin_addr) { isPublic(v4: Array($0)) }
        case .v6(let address):
            return withUnsafeBytes(of: address.address.sin6_addr) { isPublic(v6: Array($0)) }
        case .unixDomainSocket:
            return false
        }
    }

    private static func normalized(_ host: String) -> String {
        var host = host.lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        // The root's dot makes the same name.
        if host.hasSuffix(".") { host.removeLast() }
        return host
    }

    private static func isPublic(v4 bytes: [UInt8]) -> Bool {
        !specialIPv4.contains { $0.contains(bytes) }
    }

    private static func isPublic(v6 bytes: [UInt8]) -> Bool {
        if let carrier = carriersOfIPv4.first(where: { $0.contains(bytes) }), carrier.length == 96 {
            return isPublic(v4: Array(bytes[12..<16]))
        }
        // Global unicast is 2000::/3; all of the rest is special or unassigned.
        return Block([0x20], 3).contains(bytes) && !specialIPv6.contains { $0.contains(bytes) }
    }

    private struct Block {
        let prefix: [UInt8]
        /// In bits.
        let length: Int

        init(_ prefix: [UInt8], _ length: Int) {
            self.prefix = prefix
            self.length = length
        }

        func contains(_ bytes: [UInt8]) -> Bool {
            for bit in stride(from: 0, to: length, by: 8) {
                let mask = length - bit >= 8 ? 0xFF : ~UInt8(0xFF >> (length - bit))
                let wanted = bit / 8 < prefix.count ? prefix[bit / 8] : 0
                guard bytes[bit / 8] & mask == wanted & mask else { return false }
            }
            return true
        }
    }

    private static let specialIPv4 = [
        Block([0], 8),  // this network, unspecified
        Block([10], 8), Block([172, 16], 12), Block([192, 168], 16),  // private
        Block([100, 64], 10),  // carrier-grade NAT
        Block([127], 8),  // loopback
        Block([169, 254], 16),  // link-local, and the metadata services of clouds
        Block([168, 63, 129, 16], 32),  // the host agent of Azure, which is no special-purpose address
        Block([192, 0, 0], 24), Block([192, 88, 99], 24),  // protocol assignments, 6to4 relays
        Block([192, 0, 2], 24), Block([198, 51, 100], 24), Block([203, 0, 113], 24),  // documentation
        Block([198, 18], 15),  // benchmarks
        Block([224], 4), Block([240], 4),  // multicast; reserved, broadcast
    ]
    private static let carriersOfIPv4 = [
        Block([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96),  // IPv4-mapped
        Block([0x00, 0x64, 0xFF, 0x9B], 96),  // NAT64
    ]
    private static let specialIPv6 = [
        Block([0x20, 0x01], 23),  // protocol assignments, with Teredo and ORCHID
        Block([0x20, 0x01, 0x0D, 0xB8], 32), Block([0x3F, 0xFF], 20),  // documentation
        Block([0x20, 0x02], 16),  // 6to4: any IPv4 address, tunnelled
    ]
}
