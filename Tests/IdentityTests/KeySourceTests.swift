import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import Identity
@testable import IdentityTestSupport

/// Keys that are fetched from a real HTTP server.
@Suite struct KeySourceTests {
    private struct Host {
        let server: ChildServer
        let clock: SettableClock
        let source: KeySource

        func failure(_ id: String? = nil) async -> String? {
            do throws(ProviderFailure) {
                _ = try await source.keys(for: id)
                return nil
            } catch {
                return error.code
            }
        }

        func moveOn(_ seconds: Int64) { clock.now = clock.now.adding(seconds: seconds) }
    }

    private func running(_ body: (Host) async throws -> Void) async throws {
        try await KeyServer.running { server in
            try await withClient { client in
                let clock = SettableClock(ClerkTable.now)
                let source = KeySource(
                    url: "\(server.address)/jwks", algorithms: [.rs256], http: client, cache: .standard
                ) { clock.now }
                try await body(Host(server: server, clock: clock, source: source))
            }
        }
    }

    @Test func keysAreKeptForTheirTime() async throws {
        let forge = try await TokenForge.rsa("a")
        try await running { host in
            try host.server.publish(TokenForge.keys(forge))
            #expect(try await host.source.keys(for: "a").contains("a"))
            host.moveOn(3599)
            _ = try await host.source.keys(for: "a")
            #expect(try host.server.askedCount() == 1)
            host.moveOn(1)
            _ = try await host.source.keys(for: "a")
            #expect(try host.server.askedCount() == 2)
        }
    }

    @Test func manyCallersShareOneFetch() async throws {
        let forge = try await TokenForge.rsa("a")
        try await running { host in
            try host.server.publish(TokenForge.keys(forge))
            let source = host.source
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 { group.addTask { try await source.keys(for: "a").contains("a") } }
                for try await isThere in group { #expect(isThere) }
            }
            #expect(try host.server.askedCount() == 1)
        }
    }

    @Test func aFloodOfUnknownKeysMakesFewFetches() async throws {
        let (forge, newer) = (try await TokenForge.rsa("a"), try await TokenForge.rsa("b"))
        try await running { host in
            try host.server.publish(TokenForge.keys(forge))
            for number in 0..<200 { #expect(try await !host.source.keys(for: "key \(number)").contains("b")) }
            #expect(try host.server.askedCount() == 1)
            host.moveOn(30)
            try host.server.publish(TokenForge.keys(forge, newer))
            let source = host.source
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 { group.addTask { _ = try await source.keys(for: "key \(number)") } }
                try await group.waitForAll()
            }
            #expect(try host.server.askedCount() == 2)
            #expect(try await host.source.keys(for: "b").contains("b"))
            #expect(try host.server.askedCount() == 2)
        }
    }

    @Test func oldKeysServeWhileTheProviderIsDownForADay() async throws {
        let forge = try await TokenForge.rsa("a")
        try await running { host in
            try host.server.publish(TokenForge.keys(forge))
            #expect(await host.failure("a") == nil)
            try host.server.publish(nil)
            host.moveOn(86_399)
            #expect(await host.failure("a") == nil)
            let asked = try host.server.askedCount()
            // Not asked again at once.
            #expect(await host.failure("a") == nil)
            #expect(try host.server.askedCount() == asked)
            host.moveOn(1)
            #expect(await host.failure("a") == "provider_unavailable")
            try host.server.publish(TokenForge.keys(forge))
            host.moveOn(5)
            #expect(await host.failure("a") == nil)
        }
    }

    @Test func withoutKeysTheFailureIsNamedAndTheNextTryWaits() async throws {
        let forge = try await TokenForge.rsa("a")
        let documents: [([UInt8]?, String)] = [
            (nil, "provider_unavailable"), (Array("<html>".utf8), "provider_malformed"),
            (Array(#"{"keys":[]}"#.utf8), "provider_malformed"),
            (Array(String(repeating: " ", count: 262_145).utf8), "provider_unavailable"),
        ]
        for (document, code) in documents {
            try await running { host in
                try host.server.publish(document)
                #expect(await host.failure() == code)
                try host.server.publish(TokenForge.keys(forge))
                #expect(await host.failure() == code)
                #expect(try host.server.askedCount() == 1)
                host.moveOn(5)
                #expect(await host.failure() == nil)
            }
        }
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let forge = try await TokenForge.rsa("a")
        try await running { host in
            try host.server.publish(TokenForge.keys(forge))
            try Data().write(to: host.server.folder.appendingPathComponent("redirect"))
            await #expect(throws: ProviderFailure.status(.keys, 302)) { try await host.source.keys(for: "a") }
        }
    }

    /// A clock that was wrong and is set back does not keep keys longer than their time.
    @Test func aClockThatIsSetBackMakesAFetch() async throws {
        let forge = try await TokenForge.rsa("a")
        try await running { host in
            try host.server.publish(TokenForge.keys(forge))
            _ = try await host.source.keys(for: "a")
            host.moveOn(-86_400)
            _ = try await host.source.keys(for: "a")
            #expect(try host.server.askedCount() == 2)
        }
    }
}
