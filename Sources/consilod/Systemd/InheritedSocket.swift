import CSystemd
import Foundation
import Glibc

/// A socket that systemd listens on and hands to the daemon (sd_listen_fds(3), systemd.socket(5)).
struct InheritedSocket: Sendable, Hashable {
    /// Listens already; closed by the HTTP server.
    let descriptor: CInt

    /// The one socket that systemd passed to this process; nil where it passed none, so that the daemon binds an address
    /// itself. Throws ``InheritedSocketError`` for more than one, and for one that is not a listening stream socket.
    static func take() throws -> InheritedSocket? {
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        // Left in the environment: the variables name this process alone, and it starts no other.
        let count = sd_listen_fds_with_names(0, &list)
        guard count >= 0 else { throw InheritedSocketError.unreadable(-count) }
        guard count > 0 else { return nil }
        var names: [String] = []
        for place in 0..<Int(count) {
            guard let name = list?[place] else { break }
            names.append(String(cString: name))
            free(name)
        }
        free(list)
        guard count == 1 else { throw InheritedSocketError.several(names) }
        let descriptor = CInt(SD_LISTEN_FDS_START)
        guard sd_is_socket(descriptor, AF_UNSPEC, CInt(SOCK_STREAM.rawValue), 1) > 0 else {
            throw InheritedSocketError.wrongKind(names.first ?? "unknown")
        }
        return InheritedSocket(descriptor: descriptor)
    }
}

/// systemd passed no usable socket.
enum InheritedSocketError: Error, CustomStringConvertible {
    case several([String])
    case wrongKind(String)
    /// The variables that describe the sockets are malformed: an error code of errno(3).
    case unreadable(CInt)

    var description: String {
        switch self {
        case .several(let names):
            "systemd passed \(names.count) sockets (\(names.joined(separator: ", "))), and consilod listens on one: leave "
                + "one ListenStream= in one .socket unit of the service"
        case .wrongKind(let name):
            "systemd passed something other than a listening stream socket (\(name)): consilod.socket needs ListenStream= "
                + "and Accept=no"
        case .unreadable(let code): "cannot read systemd's list of sockets: \(String(cString: strerror(code)))"
        }
    }
}
