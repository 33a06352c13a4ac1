import Domain
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The real daemon on a disk that fills up, on a store whose files refuse writes, and with a log that takes nothing.
@Suite(.alone, .enabled(if: PostgresSchema.server == nil, "it is about the SQLite file"))
struct StoreOutageTests {
    /// Whether a command ends with status 0.
    private static func succeeds(_ command: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private static let canMount = succeeds([
        "unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt",
    ])

    private static let canForbidWriting: Bool = {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        guard (try? Data().write(to: file)) != nil else { return false }
        return succeeds(["chattr", "+i", file.path]) && succeeds(["chattr", "-i", file.path])
    }()

    private struct Event: Decodable { var state: String }

    private func events(_ daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant) async throws -> [Event] {
        var all: [Event] = []
        var path: String? = "/api/webhook-events?limit=200"
        while let next = path {
            let answer = try await daemon.request(.get, next, token: tenant.api_key)
            #expect(answer.status == 200)
            all += try answer.json([Event].self)
            path = answer.nextPage
        }
        return all
    }

    /// Webhooks of the last quarter of an hour.
    private func webhooks() -> [String] {
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        var stream = WebhookStream(start: now.adding(seconds: -840))
        for number in 1...4 { stream.addIssue(number, comments: ["This is terrible, we are blocked again."]) }
        return stream.bodies
    }

    /// Posts until one is refused; how many were taken.
    private func postUntilRefused(
        _ bodies: inout ArraySlice<String>, to tenant: DaemonProcess.Tenant, of daemon: DaemonProcess
    ) async throws -> Int {
        var taken = 0
        while let body = bodies.first {
            let answer = try await daemon.post(body, to: tenant)
            guard answer.status == 202 else {
                #expect(answer.status == 503)
                #expect(answer.headers.first(name: "retry-after") != nil)
                return taken
            }
            bodies.removeFirst()
            taken += 1
        }
        throw Unexpected("all webhooks were taken")
    }

    /// What holds while nothing can be written, and what after.
    private func expectAnOutage(
        of daemon: DaemonProcess, saying reason: String, hearing socket: NotifySocket, begin: () throws -> Void,
        end: () throws -> Void
    ) async throws {
        async let _: Void = socket.keepReceiving()
        let tenant = try await daemon.createTenant()
        var bodies = webhooks()[...]
        var taken = 0
        for _ in 0..<4 {
            #expect(try await daemon.post(bodies.removeFirst(), to: tenant).status == 202)
            taken += 1
        }
        try await daemon.waitUntilApplied()
        try begin()
        taken += try await postUntilRefused(&bodies, to: tenant, of: daemon)

        try await eventually("/health says why") {
            let answer = try await daemon.request(.get, "/health")
            return try answer.status == 503
                && answer.json(DaemonProcess.Health.self).components["store"]?.detail.hasPrefix(reason) == true
        }
        let fed = socket.messages.count
        try await eventually("STATUS says why, and the watchdog is fed") {
            socket.messages.contains { $0.hasPrefix("STATUS=unhealthy;") && $0.contains("store: \(reason)") }
                && socket.messages[fed...].filter { $0 == "WATCHDOG=1" }.count >= 2
        }
        // Queries need no writing.
        let listed = try await daemon.request(.get, "/api/issues", token: tenant.api_key)
        #expect(listed.status == 200)
        #expect(listed.text.contains("PAY-1"))
        #expect(try await events(daemon, tenant).count == taken)
        // Analyses are counted, and so need it.
        let analysis = try await daemon.request(
            .post, "/api/analyze/issue", token: tenant.api_key, body: #"{"issue_key": "PAY-1"}"#)
        #expect(analysis.status == 503)

        try end()
        for body in bodies {
            #expect(try await daemon.post(body, to: tenant).status == 202)
            taken += 1
        }
        try await eventually("the daemon is healthy") { try await daemon.request(.get, "/health").status == 200 }
        try await daemon.waitUntilApplied()
        #expect(try await events(daemon, tenant).map(\.state) == Array(repeating: "applied", count: taken))
        #expect(taken == webhooks().count)
        try await eventually("the log tells of both changes") {
            daemon.log.contains("critical daemon: store is not writable")
                && daemon.log.contains("notice daemon: store is writable")
        }
        // The same process all the while.
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
    }

    @Test(.enabled(if: canMount, "mounting a small file system needs root"))
    func aFullDiskIsSurvivedWithoutARestart() async throws {
        let daemon = try DaemonProcess(environment: ["WATCHDOG_USEC": "1000000"])
        let disk = daemon.folder.appendingPathComponent("disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: false)
        daemon.setEnvironment("CONSILOD_STORE_PATH", disk.appendingPathComponent("c.sqlite").path)
        daemon.launcher = [
            "/usr/bin/env", "unshare", "-m", "sh", "-c", #"mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@""#,
            disk.path,
        ]
        let socket = try NotifySocket(path: daemon.folder.appendingPathComponent("notify").path)
        try await daemon.start(hearing: socket)
        // The mount is the daemon's own.
        let filler = "/proc/\(daemon.pid)/root\(disk.path)/filler"
        try await expectAnOutage(of: daemon, saying: "disk full", hearing: socket) {
            let file = open(filler, O_WRONLY | O_CREAT, 0o600)
            guard file >= 0 else { throw Unexpected("cannot write \(filler)") }
            defer { close(file) }
            let block = [UInt8](repeating: 1, count: 4096)
            while write(file, block, block.count) > 0 {}
            guard errno == ENOSPC else { throw Unexpected("the disk does not get full") }
        } end: {
            unlink(filler)
        }
    }

    @Test(
        .enabled(
            if: canForbidWriting, "forbidding root to write a file needs chattr(1) and a file system that knows it"))
    func aStoreWhoseFilesRefuseWritesIsSurvivedWithoutARestart() async throws {
        let daemon = try DaemonProcess(environment: ["WATCHDOG_USEC": "1000000"])
        let files = ["c.sqlite", "c.sqlite-wal", "c.sqlite-shm"].map { daemon.folder.appendingPathComponent($0).path }
        let socket = try NotifySocket(path: daemon.folder.appendingPathComponent("notify").path)
        try await daemon.start(hearing: socket)
        // Otherwise not even root could remove the test's folder.
        defer { _ = Self.succeeds(["chattr", "-i"] + files) }
        try await expectAnOutage(of: daemon, saying: "\(files[0]) may not be written", hearing: socket) {
            // What is in memory goes to the disk first, so that writing to it needs the file anew.
            guard Self.succeeds(["sync"] + files), Self.succeeds(["chattr", "+i"] + files) else {
                throw Unexpected("chattr failed")
            }
        } end: {
            guard Self.succeeds(["chattr", "-i"] + files) else { throw Unexpected("chattr failed") }
        }
    }

    @Test func aFullDiskUnderTheLogEndsNothing() async throws {
        let daemon = try DaemonProcess(configuration: "log: {level: debug}")
        daemon.errorOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
        try await expectToWork(daemon)
    }

    @Test func aLogThatNobodyReadsHoldsNothingUp() async throws {
        let daemon = try DaemonProcess(configuration: "log: {level: trace}")
        let pipe = Pipe()
        daemon.errorOutput = pipe.fileHandleForWriting
        // Full before the daemon starts.
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        let block = [UInt8](repeating: UInt8(ascii: "\n"), count: 4096)
        while write(descriptor, block, block.count) > 0 {}
        _ = fcntl(descriptor, F_SETFL, flags)
        try await expectToWork(daemon)
    }

    /// Takes and scores webhooks, and ends in order.
    private func expectToWork(_ daemon: DaemonProcess) async throws {
        let socket = try NotifySocket(path: daemon.folder.appendingPathComponent("notify").path)
        try await daemon.start(hearing: socket)
        let tenant = try await daemon.createTenant()
        let bodies = webhooks()
        for body in bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilApplied()
        #expect(try await events(daemon, tenant).count == bodies.count)
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
    }
}
