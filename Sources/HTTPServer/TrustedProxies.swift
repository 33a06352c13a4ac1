public import Domain
import Foundation
import HTTPTypes
public import Hummingbird
public import NIOCore

/// Which peers are believed when they say where a request came from (`X-Forwarded-For`): those of this host, whose reverse
/// proxy has a loopback address or a Unix socket, and those that are configured.
public struct TrustedProxies: Sendable {
    /// An address, or all that begin as it does.
    private struct Network: Sendable {
        var bytes: [UInt8]
        /// In bits.
        var length: Int

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == bytes.count else { return false }
            for bit in stride(from: 0, to: length, by: 8) {
                let mask = length - bit >= 8 ? 0xFF : ~UInt8(0xFF >> (length - bit))
                guard address[bit / 8] & mask == bytes[bit / 8] & mask else { return false }
            }
            return true
        }
    }

    private static let header = HTTPField.Name("X-Forwarded-For")
    private var networks = [
        Network(bytes: [127, 0, 0, 0], length: 8), Network(bytes: Array(repeating: 0, count: 15) + [1], length: 128),
    ]

    /// Those of this host alone.
    public static let onThisHost = TrustedProxies()
    private init() {}

    /// Those of this host, and others: addresses, or networks as `10.1.0.0/16`. Nil where a text is neither.
    public init?(_ texts: [String]) {
        for text in texts {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), let bytes = SocketAddress.ofText(String(parts[0]))?.addressBytes else {
                return nil
            }
            let length = parts.count == 1 ? bytes.count * 8 : Int(parts[1])
            guard let length, (0...bytes.count * 8).contains(length) else { return nil }
            networks.append(Network(bytes: bytes, length: length))
        }
    }

    /// Where a request came from, with the id that the log has of it.
    public func origin(of request: Request, in context: some RequestContext) -> RequestOrigin {
        let forwarded = Self.header.map { request.headers[values: $0] } ?? []
        let path = (context.endpointPath ?? "").drop { $0 == "/" }
        return RequestOrigin(
            address: client(peer: context.peerAddress, forwarded: forwarded), requestID: "\(context.id)",
            request: "\(request.method) /\(path)")
    }

    /// The address of the client: the peer's, or as long as that is a proxy's, the one that it says it serves.
    ///
    /// - Parameter forwarded: the values of `X-Forwarded-For`, to whose end each proxy adds its own peer.
    public func client(peer: SocketAddress?, forwarded: [String]) -> String? {
        guard var client = peer else { return nil }
        var named = forwarded.joined(separator: ",").split(separator: ",")
            .map { $0.trimmingPrefix { $0 == " " || $0 == "\t" } }
        while isTrusted(client), let last = named.popLast() {
            guard let address = SocketAddress.ofText(String(last.prefix { $0 != " " && $0 != "\t" })) else { break }
            client = address
        }
        return client.ipAddress
    }

    private func isTrusted(_ address: SocketAddress) -> Bool {
        // Only processes of this host reach it.
        guard let bytes = address.addressBytes else { return true }
        return networks.contains { $0.contains(bytes) }
    }
}
