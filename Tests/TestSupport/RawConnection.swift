import Foundation

/// A TCP connection to the loopback interface, byte for byte; never blocks.
public final class RawConnection {
    private let descriptor: Int32
    /// What has come so far.
    public private(set) var received: [UInt8] = []
    /// Whether the other side has closed, in order or by a reset.
    public private(set) var isClosed = false

    public init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Unexpected("connect: errno \(errno)") }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// Sends what the kernel takes now; the number of bytes. What the other side no longer takes counts as sent.
    @discardableResult public func send(_ bytes: some Collection<UInt8>) -> Int {
        let bytes = Array(bytes)
        let count = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return count }
        return errno == EAGAIN ? 0 : bytes.count
    }

    @discardableResult public func send(_ text: String) -> Int { send(text.utf8) }

    /// Sends all of it, as fast as the other side takes it.
    public func sendAll(_ bytes: [UInt8]) async throws {
        var sent = 0
        try await eventually("\(bytes.count) bytes are sent") {
            var count = 0
            repeat {
                count = self.send(bytes[sent...].prefix(1 << 16))
                sent += count
                self.receive()
            } while count > 0 && sent < bytes.count
            return sent == bytes.count
        }
    }

    /// Whether the connection was reset; takes nothing of what has come.
    public var isReset: Bool {
        var state = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&state, 1, 0) > 0 && state.revents & Int16(POLLERR | POLLHUP) != 0
    }

    /// Says that nothing more is coming.
    public func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Takes what has come meanwhile.
    public func receive() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !isClosed {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                received += buffer[..<count]
            } else if count == 0 || errno != EAGAIN {
                isClosed = true
            } else {
                return
            }
        }
    }

    public var text: String { String(decoding: received, as: UTF8.self) }
    /// The statuses of the answers so far.
    public var statuses: [Int] { text.matches(of: #/HTTP/1\.1 ([0-9]{3})/#).compactMap { Int($0.output.1) } }

    /// Everything that came until the other side closed.
    public func untilClosed(within limit: Duration = .seconds(60)) async throws -> String {
        try await eventually("the connection is closed; so far: \(text.prefix(300))", within: limit) {
            self.receive()
            return self.isClosed
        }
        return text
    }

    /// Waits for a number of answers; their statuses.
    public func answers(_ count: Int) async throws -> [Int] {
        try await eventually("\(count) answers come") {
            self.receive()
            return self.statuses.count >= count || self.isClosed
        }
        return statuses
    }
}
