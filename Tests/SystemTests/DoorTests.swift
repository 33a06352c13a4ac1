import Crypto
import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The door of the real program, over real sockets, with what no HTTP client would send.
@Suite(.alone) struct DoorTests {
    private let body = #"{"webhookEvent":"user_updated"}"#

    private func daemon(_ settings: [String: Int] = [:]) async throws -> (DaemonProcess, DaemonProcess.Tenant) {
        let daemon = try DaemonProcess(
            environment: Dictionary(
                uniqueKeysWithValues: settings.map { ("CONSILOD_HTTP_\($0.key.uppercased())", "\($0.value)") }))
        try await daemon.start()
        return (daemon, try await daemon.createTenant())
    }

    /// The head of a webhook's request, signed for `body`.
    private func head(
        _ body: String, to tenant: DaemonProcess.Tenant, length: Int? = nil, headers: [String] = []
    ) -> String {
        let signature = HMAC<SHA256>.authenticationCode(
            for: Data(body.utf8), using: SymmetricKey(data: Data(tenant.webhook_secret.utf8)))
        let lines = [
            "POST /webhooks/jira/\(tenant.id) HTTP/1.1", "Host: consilod",
            "X-Hub-Signature: sha256=\(signature.hexadecimal)", "Content-Type: application/json",
        ]
        let size =
            headers.contains { $0.hasPrefix("Transfer-Encoding") }
            ? [] : ["Content-Length: \(length ?? body.utf8.count)"]
        return (lines + size + headers).joined(separator: "\r\n") + "\r\n\r\n"
    }

    // MARK: Slow ones

    @Test func aBodyThatComesInDropsIsRefusedInTime() async throws {
        let (daemon, tenant) = try await daemon(["request_seconds": 1])
        let sized = try RawConnection(port: daemon.port)
        sized.send(head(body, to: tenant, length: 1_000_000))
        let chunked = try RawConnection(port: daemon.port)
        chunked.send(head(body, to: tenant, headers: ["Transfer-Encoding: chunked"]))
        try await eventually("both are closed") {
            sized.send(" ")
            chunked.send("1\r\n \r\n")
            for connection in [sized, chunked] { connection.receive() }
            return sized.isClosed && chunked.isClosed
        }
        for connection in [sized, chunked] {
            #expect(connection.statuses == [408])
            #expect(
                connection.text.contains(#""code":"request_timeout""#) && connection.text.contains("Connection: close"))
        }
        // Nobody waits for the body of a request that has had its answer, either.
        let refused = try RawConnection(port: daemon.port)
        refused.send("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
        _ = try await refused.untilClosed()
        #expect(refused.statuses == [404])
        #expect(try await daemon.health().figures.pending_events == 0)
    }

    // MARK: Malformed bodies

    @Test func aBodyThatBreaksOffOrIsMalformedIsNotStored() async throws {
        let (daemon, tenant) = try await daemon()
        let chunked = head(body, to: tenant, headers: ["Transfer-Encoding: chunked"])
        let bodies = [
            head(body, to: tenant, length: 100) + body, chunked + "1f\r\n\(body)\r\n", chunked + "1f\r\n\(body)",
            chunked + "1f\r\n\(body)\r\nzz\r\n", chunked + "1f\r\n\(body)X\r\n0\r\n\r\n",
            chunked + "ffffffffffffffffff\r\n\(body)", chunked + "-1\r\n\(body)\r\n",
            "POST /api/tenants HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(DaemonProcess.adminToken)\r\n"
                + "Content-Length: 9\r\n\r\n{}",
        ]
        for bytes in bodies {
            let connection = try RawConnection(port: daemon.port)
            connection.send(bytes)
            connection.finish()
            _ = try await connection.untilClosed()
            #expect(connection.statuses == [400], "\(bytes.suffix(60))")
        }
        let events = try await daemon.request(.get, "/api/webhook-events", token: tenant.api_key)
        #expect(events.text == "[]")
        #expect(!daemon.log.contains(" error "), "\(daemon.log)")
        // The same in one piece is taken.
        let whole = try RawConnection(port: daemon.port)
        whole.send(chunked + "10\r\n\(body.prefix(16))\r\nf;x=y\r\n\(body.dropFirst(16))\r\n0\r\nX-Trailer: z\r\n\r\n")
        #expect(try await whole.answers(1) == [202])
    }

    @Test func pipelinedRequestsAreAnsweredInTheirOrder() async throws {
        let (daemon, tenant) = try await daemon()
        let connection = try RawConnection(port: daemon.port)
        var bytes = ""
        for number in 0..<50 {
            let body = #"{"webhookEvent":"user_updated","number":\#(number)}"#
            bytes += head(body, to: tenant) + body
            bytes += number % 5 == 0 ? "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" : ""
        }
        try await connection.sendAll(Array((bytes + "no HTTP\r\n\r\n").utf8))
        _ = try await connection.untilClosed()
        let expected = (0..<50).flatMap { $0 % 5 == 0 ? [202, 404] : [202] } + [400]
        #expect(connection.statuses == expected)
    }

    // MARK: Many

    @Test func thousandsOfIdleConnectionsDoNotKeepAWebhookOut() async throws {
        let count = 3000
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        files.rlim_cur = min(files.rlim_max, 8192)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        try #require(files.rlim_cur > rlim_t(count + 500), "too few open files are allowed here")

        let (daemon, tenant) = try await daemon(["max_connections": 2000])
        let (before, files0) = try (daemon.residentBytes(), daemon.openFiles())
        var connections: [RawConnection] = []
        for number in 0..<count {
            connections.append(try RawConnection(port: daemon.port))
            // Some have said something.
            if number % 3 == 0 { connections.last?.send("GET /ready HTTP/1.1\r\nX: ") }
        }
        // Of all places taken, the one that was idle longest is given to who comes next.
        #expect(try await daemon.post(body, to: tenant).status == 202)
        try await eventually("no more than the limit are open") { try daemon.openFiles() - files0 <= 2016 }
        #expect(try daemon.residentBytes() - before < 200 << 20)
        connections.removeAll()
        try await eventually("their files are closed") { try daemon.openFiles() <= files0 + 16 }
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
    }

    @Test func whereAllConnectionsAreBusyTheNextWaitsForOneToEndOrTakesTheSlowest() async throws {
        let (daemon, tenant) = try await daemon(["max_connections": 16, "min_body_rate": 0])
        var busy: [RawConnection] = []
        for number in 0..<15 {
            let body = #"{"webhookEvent":"user_updated","number":\#(number)}"#
            let connection = try RawConnection(port: daemon.port)
            connection.send(head(body, to: tenant) + body.dropLast())
            busy.append(connection)
            try await daemon.hasRead(from: number + 1)
        }
        // One that ends makes room, or else the slowest body goes; no other does.
        busy[7].send("}")
        for number in 0..<3 {
            let next = try RawConnection(port: daemon.port)
            let body = #"{"webhookEvent":"user_updated","next":\#(number)}"#
            next.send(head(body, to: tenant) + body)
            #expect(try await next.answers(1) == [202])
        }
        for (number, connection) in busy.enumerated() {
            if number != 7 { connection.send("}") }
            _ = try await connection.answers(1)
        }
        #expect(busy.allSatisfy { [[202], [408]].contains($0.statuses) }, "\(busy.map(\.statuses))")
        #expect(busy.count { $0.statuses == [202] } >= 11)
    }

    @Test func webhooksBeyondTheBytesInHandAreRefusedAtOnceAndThoseInHandAreServed() async throws {
        let (daemon, tenant) = try await daemon([
            "max_webhook_bytes": 600_000, "max_webhook_bytes_in_hand": 1_000_000, "min_body_rate": 0,
        ])
        let large = #"{"webhookEvent":"user_updated","x":""# + String(repeating: "x", count: 590_000) + #""}"#
        let held = try RawConnection(port: daemon.port)
        try await held.sendAll(Array((head(large, to: tenant) + large.dropLast()).utf8))
        try await daemon.hasRead(from: 1)
        // Another of them does not fit: not when it says so, and not when that shows.
        let announced = try RawConnection(port: daemon.port)
        announced.send(head(large, to: tenant))
        #expect(try await announced.answers(1) == [503])
        #expect(announced.text.contains("Retry-After: 30") && announced.text.contains(#""code":"overloaded""#))
        let chunked = try RawConnection(port: daemon.port)
        let chunk = "\(String(large.utf8.count, radix: 16))\r\n\(large)\r\n0\r\n\r\n"
        try await chunked.sendAll(
            Array((head(large, to: tenant, headers: ["Transfer-Encoding: chunked"]) + chunk).utf8))
        #expect(try await chunked.answers(1) == [503])
        // Small ones still fit, and what was in hand is served.
        #expect(try await daemon.post(body, to: tenant).status == 202)
        held.send("}")
        #expect(try await held.answers(1) == [202])
        #expect(try await daemon.post(large + " ", to: tenant).status == 202)
    }

    @Test func aTenantBeyondItsRateIsToldToComeBack() async throws {
        let (daemon, tenant) = try await daemon(["webhook_rate": 1, "webhook_burst": 3])
        let other = try await daemon.createTenant("other")
        // All at once: one by one they might be slow enough.
        let connection = try RawConnection(port: daemon.port)
        let flood = (0..<50).map { number in
            let body = #"{"webhookEvent":"user_updated","number":\#(number)}"#
            return head(body, to: tenant) + body
        }
        try await connection.sendAll(Array(flood.joined().utf8))
        let statuses = try await connection.answers(50)
        #expect(statuses.prefix(3) == [202, 202, 202] && statuses.contains(429))
        #expect(Set(statuses) == [202, 429])
        #expect(connection.text.contains("Retry-After: 1") && connection.text.contains("rate_limited"))
        #expect(try await daemon.post(body, to: other).status == 202)
        try await eventually("the next one is taken") { try await daemon.post(self.body, to: tenant).status == 202 }
    }

    @Test func atTheEndIdleConnectionsAreClosedAndWhatIsOnItsWayIsTaken() async throws {
        let (daemon, tenant) = try await daemon()
        let (idle, reading) = (try RawConnection(port: daemon.port), try RawConnection(port: daemon.port))
        reading.send(head(body, to: tenant) + body.dropLast())
        try await daemon.hasRead(from: 2)
        daemon.signal(SIGTERM)
        _ = try await idle.untilClosed()
        reading.send("}")
        #expect(try await reading.answers(1) == [202])
        #expect(reading.text.contains("Connection: close"))
        #expect(try await daemon.waitForExit() == 0)
    }

    @Test func endsInOrderWhileConnectionsComeAndGo() async throws {
        for _ in 0..<3 {
            let (daemon, _) = try await daemon()
            // Of connections that are being accepted at that instant, none is lost sight of.
            var connections = try (0..<300).map { _ in try RawConnection(port: daemon.port) }
            daemon.signal(SIGTERM)
            while connections.count > 1 { connections.removeLast() }
            #expect(try await daemon.waitForExit() == 0, "\(daemon.log.suffix(2000))")
        }
    }

    @Test func aBodyThatDoesNotComeDoesNotHoldUpTheEnd() async throws {
        let (daemon, tenant) = try await daemon(["request_seconds": 1])
        let late = try RawConnection(port: daemon.port)
        late.send(head(body, to: tenant, length: 500) + "{")
        try await daemon.hasRead(from: 1)
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        late.receive()
        #expect(late.statuses == [408])
    }

    @Test func withoutFileDescriptorsTheDaemonWaitsForOne() async throws {
        let (daemon, tenant) = try await daemon()
        // Dispatch makes the descriptors of its timers at their first use, and ends the process where it cannot: one for
        // each of two clocks, beside one for each event loop.
        try await eventually("the timers are made") {
            let links = try daemon.openFileLinks()
            return links.count { $0.contains("timerfd") } > links.count { $0.contains("eventpoll") }
        }
        let count = try daemon.openFiles()
        try daemon.limitOpenFiles(to: count + 4)
        var connections = try (0..<20).map { _ in try RawConnection(port: daemon.port) }
        try await eventually("there are none left") { daemon.log.contains("cannot accept a connection") }
        connections.removeAll()
        #expect(connections.isEmpty)
        try await eventually("it accepts again") { try await daemon.post(self.body, to: tenant).status == 202 }
        #expect(daemon.log.components(separatedBy: "cannot accept a connection").count == 2)
    }

    // MARK: Fuzz

    /// Bytes that resemble HTTP, over real sockets: the server answers 4xx or closes, and goes on.
    @Test(.timeLimit(.minutes(3)))
    func whateverBytesComeTheServerGoesOn() async throws {
        let (daemon, tenant) = try await daemon(["idle_seconds": 1, "request_seconds": 1])
        let template = head(body, to: tenant) + body
        let chunked = head(body, to: tenant, headers: ["Transfer-Encoding: chunked"]) + "1f\r\n\(body)\r\n0\r\n\r\n"
        var random = SeededGenerator(seed: 8)
        var (memory, statuses): ([Int], [Int: Int]) = ([], [:])
        let files = try daemon.openFiles()
        for _ in 0..<12 {
            let connections = try (0..<250).map { _ in
                let connection = try RawConnection(port: daemon.port)
                let seed = [template, chunked, ambiguousRequests.randomElement(using: &random) ?? ""]
                connection.send(Self.mutated(Array((seed.randomElement(using: &random) ?? "").utf8), using: &random))
                if Bool.random(using: &random) { connection.finish() }
                return connection
            }
            for connection in connections {
                _ = try await connection.untilClosed()
                for status in connection.statuses { statuses[status, default: 0] += 1 }
            }
            memory.append(try daemon.residentBytes())
        }
        #expect(
            statuses.keys.allSatisfy { [200, 202, 400, 401, 404, 405, 408, 413, 415, 431].contains($0) }, "\(statuses)")
        #expect(statuses[400, default: 0] > 500 && statuses[202, default: 0] > 50, "\(statuses)")
        #expect(try await daemon.post(body + " ", to: tenant).status == 202)
        try await eventually("no file is left open") { try daemon.openFiles() <= files + 8 }
        #expect((memory.last ?? 0) - memory[memory.count / 3] < 24 << 20, "\(memory)")
        #expect(daemon.log.utf8.count < 20_000)
        #expect(!daemon.log.contains(" error "), "\(daemon.log)")
    }

    private static func mutated(_ bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, at + Int.random(in: 0...30, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[at] = .random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(at..<end)
            case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
            case 3: bytes.removeSubrange(at...)
            default: bytes.insert(contentsOf: "\r\n".utf8, at: at)
            }
        }
        return bytes
    }
}

extension DaemonProcess {
    /// Memory that is really there, in bytes.
    fileprivate func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8).split(separator: " ")
        return (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// What the descriptors stand for.
    fileprivate func openFileLinks() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").compactMap { name in
            // It may be closed by now.
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(name)")
        }
    }

    fileprivate func openFiles() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
    }

    /// The established connections of the listener, those that wait to be accepted included: the bytes that each has
    /// received and the daemon has not read (proc_pid_net(5)).
    fileprivate func unreadBytes() throws -> [Int] {
        let suffix = String(format: ":%04X", port)
        // Read to the end: such a file has no size, and comes in pieces.
        let table = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/\(pid)/net/tcp")).readToEnd() ?? Data()
        return String(decoding: table, as: UTF8.self).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 4, fields[1].hasSuffix(suffix), fields[3] == "01" else { return nil }
            return fields[4].split(separator: ":").last.flatMap { Int($0, radix: 16) }
        }
    }

    /// Waits until the daemon has this many connections and has read all that came.
    func hasRead(from count: Int) async throws {
        try await eventually("everything of \(count) connections is read") {
            let unread = try self.unreadBytes()
            return unread.count >= count && unread.allSatisfy { $0 == 0 }
        }
    }

    fileprivate func limitOpenFiles(to count: Int) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["prlimit", "--pid", "\(pid)", "--nofile=\(count):"]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Unexpected("prlimit ended with \(process.terminationStatus)")
        }
    }
}
