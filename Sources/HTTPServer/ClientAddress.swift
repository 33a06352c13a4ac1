import Foundation
public import NIOCore

/// Whom requests are counted by: an IPv4 address, or the first 64 bits of an IPv6 address, of which one client has all.
public struct ClientAddress: Sendable, Hashable {
    private let bytes: [UInt8]

    /// Of a peer; nil for one without an address, as on a socket that is a file.
    public init?(_ address: SocketAddress?) {
        guard let bytes = address?.addressBytes else { return nil }
        self.bytes = Array(bytes.prefix(8))
    }

    /// Reads an address; nil for anything else.
    public init?(_ text: some StringProtocol) { self.init(SocketAddress.ofText(String(text))) }
}

extension SocketAddress {
    /// The bytes of the address, the highest first: four of an IPv4 address, also of one that is mapped into IPv6 (RFC 4291,
    /// section 2.5.5.2), or sixteen; nil for a Unix socket.
    var addressBytes: [UInt8]? {
        switch self {
        case .v4(let address): return withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
        case .v6(let address):
            let bytes = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            return isMapped ? Array(bytes[12...]) : bytes
        case .unixDomainSocket: return nil
        }
    }

    /// Reads an IPv4 or IPv6 address; nil for anything else.
    static func ofText(_ text: String) -> SocketAddress? {
        do { return try SocketAddress(ipAddress: text, port: 0) } catch { return nil }
    }
}
