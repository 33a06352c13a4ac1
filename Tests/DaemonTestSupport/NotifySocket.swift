import Foundation
import Glibc
import Synchronization
import TestSupport

/// The receiving end of sd_notify(3): a datagram socket.
final class NotifySocket: Sendable {
    let path: String
    private let received = Mutex<[String]>([])
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Unexpected("\(path) is too long")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw Unexpected("cannot bind \(path)") }
    }

    deinit { close(descriptor) }

    /// What was taken so far.
    var messages: [String] { received.withLock { $0 } }

    /// Takes whatever arrives, until it is cancelled. The daemon waits while some ten messages are not taken.
    func keepReceiving() async {
        try? await eventually("the test has ended", within: .seconds(600)) {
            receive()
            return false
        }
    }

    /// Takes what has arrived.
    func receive() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return }
            let message = String(decoding: buffer[..<count], as: UTF8.self)
            received.withLock { $0.append(message) }
        }
    }
}
