import Glibc
import NIOCore

/// What the system's resolver says of a host.
enum HostLookup {
    /// The addresses of a name, or of an address in any notation; nil for an unknown name. Blocks.
    static func addresses(of host: String) -> [SocketAddress]? { addresses(of: host, flags: 0) }

    /// The address that a host is written as; nil for a name. Asks no server.
    static func addresses(ofLiteral host: String) -> [SocketAddress]? { addresses(of: host, flags: AI_NUMERICHOST) }

    private static func addresses(of host: String, flags: Int32) -> [SocketAddress]? {
        var hints = addrinfo()
        hints.ai_flags = flags
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
}
