import Glibc
import NIOCore
import NIOPosix

/// What the system's resolver says of a host.
enum HostLookup {
    /// `getaddrinfo` blocks and cannot be interrupted. Its threads are apart from those that others wait for.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 8)
        threads.start()
        return threads
    }()

    /// The addresses of a name, or of an address in any notation; nil for an unknown name.
    ///
    /// Throws `ExchangeTimedOut` when the lookup takes longer than `limit`; its thread stays busy until it returns.
    static func addresses(of host: String, within limit: TimeAmount) async throws -> [SocketAddress]? {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: [SocketAddress]?.self)
        // Of the two the later one is ignored.
        let timer = loop.scheduleTask(in: limit) { promise.fail(ExchangeTimedOut()) }
        threads.runIfActive(eventLoop: loop) { addresses(of: host, flags: 0) }.cascade(to: promise)
        defer { timer.cancel() }
        return try await promise.futureResult.get()
    }

    /// Whether a host is loopback without asking a server: `localhost`, or such an address.
    static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "localhost." { return true }
        return addresses(ofLiteral: name)?.contains { $0.ipAddress == "::1" || $0.ipAddress?.hasPrefix("127.") == true }
            ?? false
    }

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
