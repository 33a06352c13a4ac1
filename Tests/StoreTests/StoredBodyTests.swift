import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// How bodies of webhooks are kept.
@Suite struct StoredBodyTests {
    private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    /// Bodies of all sizes around the limit, of few and of all bytes, some that begin as a frame does.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func everyBodyComesBackAsItWas(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let letters = UInt8.random(in: 1...255, using: &random)
            let size = Int.random(in: 0...(4 * StoredBody.smallestCompressed), using: &random)
            var body = (0..<size).map { _ in UInt8.random(in: 0...letters, using: &random) }
            if Bool.random(using: &random) { body = Self.magic + body }
            let stored = StoredBody.encoded(body)
            #expect(try StoredBody.decoded(Data(stored)) == body)
            #expect(stored.count <= body.count || body.starts(with: Self.magic))
        }
    }

    @Test func smallBodiesAndThoseThatDoNotGetSmallerStayAsTheyAre() {
        let small = [UInt8](repeating: UInt8(ascii: "x"), count: StoredBody.smallestCompressed - 1)
        #expect(StoredBody.encoded(small) == small)
        var random = SeededGenerator(seed: 1)
        let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(StoredBody.encoded(noise) == noise)
        #expect(StoredBody.encoded(small + [UInt8(ascii: "x")]).count < 100)
    }

    @Test func aDamagedFrameIsAnError() throws {
        let frame = StoredBody.encoded([UInt8](repeating: UInt8(ascii: "x"), count: 5000))
        for damaged in [Array(frame.dropLast(3)), Array(frame.prefix(5)), Self.magic] {
            #expect(throws: StorageError.self) { try StoredBody.decoded(Data(damaged)) }
        }
    }

    /// The program that an operator would use on the column.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/zstd"), "the package zstd is missing"))
    func theFrameIsOneThatTheZstdProgramReads() throws {
        let body = Array((0..<3000).map { "{\"line\": \($0)}\n" }.joined().utf8)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("body-\(UUID().uuidString).zst")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(StoredBody.encoded(body)).write(to: file)
        let zstd = Process()
        let output = Pipe()
        (zstd.executableURL, zstd.arguments) = (URL(fileURLWithPath: "/usr/bin/zstd"), ["-dc", file.path])
        zstd.standardOutput = output
        try zstd.run()
        let read = try output.fileHandleForReading.readToEnd()
        zstd.waitUntilExit()
        #expect(read == Data(body) && zstd.terminationStatus == 0)
    }

    @Test func aLargeWebhookIsStoredSmallAndReadWhole() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let delivery = StoreFixture.delivery("d1", of: tenant, size: 300_000)
        _ = try await fixture.store.inbox.append(delivery)
        let compresses = fixture.store.driver.dialect.compressesBodies
        let (length, size) = try await fixture.store.driver.read { connection in
            let row = try #require(try connection.first("SELECT LENGTH(body), body_size FROM webhook_events", []))
            return (try row.integer(0), try row.integer(1))
        }
        #expect(size == 300_000 && (compresses ? length < 1000 : length == 300_000))
        let work = try #require(
            try await fixture.store.driver.read {
                try IssueWorkStatements.load("10001", of: tenant, pendingLimit: 10, byteLimit: 1 << 20, from: $0)
            })
        #expect(work.pending.map(\.body) == [delivery.body])
    }

    /// What many webhooks may take in memory is counted in bytes as they came, not as they are stored.
    @Test func theLimitOfWhatIsReadAtOnceCountsBytesAsTheyCame() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for id in ["d1", "d2", "d3"] {
            _ = try await fixture.store.inbox.append(StoreFixture.delivery(id, of: tenant, size: 400_000))
        }
        let work = try await fixture.store.driver.read {
            try IssueWorkStatements.load("10001", of: tenant, pendingLimit: 10, byteLimit: 1_000_000, from: $0)
        }
        #expect(work?.pending.count == 2)
    }
}
