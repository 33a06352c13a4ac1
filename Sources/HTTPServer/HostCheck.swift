import NIOCore
import NIOHTTP1

/// Refuses requests whose `Host` a server must refuse (RFC 9112, section 3.2): HTTP/1.1 without one, and several or a
/// malformed one in any version. Later handlers know the first one only.
final class HostCheck: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private var hasRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasRefused else { return }
        if case .head(let head) = unwrapInboundIn(data), !Self.isWellFormed(head) {
            hasRefused = true
            // Answered as any other request that is no HTTP.
            context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
            return
        }
        context.fireChannelRead(data)
    }

    private static func isWellFormed(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers[raw: "host"]
        guard let host = hosts.first else { return (head.version.major, head.version.minor) < (1, 1) }
        return hosts.count == 1 && host.utf8.allSatisfy(isOfHost)
    }

    /// Whether a byte may be part of a host, a port, or the brackets around an address (RFC 3986, section 3.2.2).
    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~:[]%!$&'()*+;=".utf8.contains(byte)
        }
    }
}

extension HTTPHeaders {
    /// Every line of a field, uncut.
    fileprivate subscript(raw name: String) -> [String] {
        lazy.filter { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }.map(\.value)
    }
}
