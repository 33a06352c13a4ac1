import Domain
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

@Suite struct CleanupTests {
    // MARK: The stack

    @Test func stepsRunOnceFromTheLastToTheFirstAlsoAfterOneFails() async throws {
        struct Broken: Error {}
        let cleanups = Cleanups()
        let closed = Mutex<[String]>([])
        cleanups.onStop("store") { closed.withLock { $0.append("store") } }
        cleanups.onStop("node") { throw Broken() }
        cleanups.onStop("client") { closed.withLock { $0.append("client") } }
        let error = await #expect(throws: CleanupError.self) { try await cleanups.run() }
        #expect(error?.failures == ["node: Broken()"])
        #expect(closed.withLock { $0 } == ["client", "store"])
        try await cleanups.run()
        #expect(closed.withLock { $0 }.count == 2)
    }

    // MARK: The daemon

    private struct Fixture {
        let folder: URL
        var path: String { folder.appendingPathComponent("c.sqlite").path }

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }

        func daemon(_ more: [String: String] = [:]) async throws -> Daemon {
            let environment = [
                "CONSILOD_STORE_PATH": path, "CONSILOD_HTTP_PORT": "0", "CONSILOD_MODEL_ENABLED": "false",
                "CONSILOD_ENCRYPTION_KEY": DaemonProcess.encryptionKey,
            ].merging(more) { $1 }
            let reload = Reload(file: nil, environment: Secret(environment))
            return try await Daemon.make(configuration: try await reload.read(), reload: reload)
        }

        func sql(_ statement: String) throws -> String { try run(["sqlite3", path, statement]) }

        /// The store can be locked and opened by another, and no node is on it.
        func expectReleased() throws {
            let lock = try StoreLock(storePath: path)
            lock.release()
            #expect(try sql("SELECT COUNT(*) FROM nodes").trimmingCharacters(in: .whitespacesAndNewlines) == "0")
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        }

        func remove() throws { try FileManager.default.removeItem(at: folder) }
    }

    /// The HTTP clients end the process where they are not shut down: that this test ends shows that they were.
    @Test func aStartThatFailsHalfWayClosesWhatItOpened() async throws {
        let fixture = try Fixture()
        let store = try await RiskStore.sqlite(path: fixture.path, now: Timestamp(seconds: 1_790_000_000))
        try store.close()
        // What `/metrics` begins from cannot be read: by then the store is open and the clients are made.
        _ = try fixture.sql("ALTER TABLE jira_access RENAME COLUMN healed TO lost")
        await #expect(throws: (any Error).self) { _ = try await fixture.daemon() }
        try fixture.expectReleased()
        try fixture.remove()
    }

    @Test func aDaemonWhosePortIsTakenClosesWhatItOpened() async throws {
        let fixture = try Fixture()
        let taken = try TakenPort()
        let daemon = try await fixture.daemon(["CONSILOD_HTTP_PORT": "\(taken.port)"])
        await #expect(throws: (any Error).self) { try await daemon.run() }
        try fixture.expectReleased()
        taken.release()
        try fixture.remove()
    }

    @Test func settingsThatCannotBeUsedEndTheStartBeforeAnythingIsOpened() async throws {
        let fixture = try Fixture()
        await #expect(throws: (any Error).self) {
            _ = try await fixture.daemon(["CONSILOD_ENCRYPTION_KEY": "no key"])
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).isEmpty)
        try fixture.remove()
    }
}

/// A port of the loopback interface on which somebody else listens.
private struct TakenPort {
    private let descriptor: Int32
    let port: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard status else { throw Unexpected("no port can be taken: errno \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    func release() { close(descriptor) }
}
