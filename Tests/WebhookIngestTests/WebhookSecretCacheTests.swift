import Domain
import Foundation
import Logging
import Synchronization
import Testing

@testable import WebhookIngest

@Suite struct WebhookSecretCacheTests {
    private let tenantID = TenantID(UUID())
    private let source = CountingSource()

    private func makeCache(capacity: Int = 4096) -> WebhookSecretCache {
        WebhookSecretCache(timeToLiveSeconds: 30, capacity: capacity, now: { [source] in source.now }) {
            [source] tenantID in
            try await source.load(tenantID)
        }
    }

    @Test func secretsOfWhichNoneOpensAreNoEmptyList() async throws {
        let cache = WebhookSecretCache(
            now: { [source] in source.now }, sealed: { _ in ["sealed"] },
            open: { _ in throw UnreadableWebhookSecrets() },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        await #expect(throws: UnreadableWebhookSecrets.self) { try await cache.webhookSecrets(for: tenantID) }
        #expect(try await cache.hasUnreadableSecrets(for: tenantID))
        let mixed = WebhookSecretCache(
            now: { [source] in source.now }, sealed: { _ in ["sealed", "good"] },
            open: { if $0 == "good" { $0 } else { throw UnreadableWebhookSecrets() } },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(try await mixed.webhookSecrets(for: tenantID) == [Array("good".utf8)])
        #expect(try await mixed.hasUnreadableSecrets(for: tenantID))
        source.set([[1]], for: tenantID)
        #expect(try await !makeCache().hasUnreadableSecrets(for: tenantID))
    }

    @Test func readsSecretsOnceWithinTheTimeToLive() async throws {
        source.set([[1]], for: tenantID)
        let cache = makeCache()
        #expect(try await cache.webhookSecrets(for: tenantID) == [[1]])
        source.set([[2]], for: tenantID)
        source.advance(seconds: 29)
        #expect(try await cache.webhookSecrets(for: tenantID) == [[1]])
        #expect(source.loads(of: tenantID) == 1)
        source.advance(seconds: 1)
        #expect(try await cache.webhookSecrets(for: tenantID) == [[2]])
        #expect(source.loads(of: tenantID) == 2)
    }

    @Test func remembersThatATenantIsUnknown() async throws {
        let cache = makeCache()
        #expect(try await cache.webhookSecrets(for: tenantID) == nil)
        #expect(try await cache.webhookSecrets(for: tenantID) == nil)
        #expect(source.loads(of: tenantID) == 1)
    }

    @Test func anInvalidatedTenantIsReadAgainAtOnce() async throws {
        let other = TenantID(UUID())
        let cache = makeCache()
        _ = try await cache.webhookSecrets(for: tenantID)
        _ = try await cache.webhookSecrets(for: other)
        source.set([[1]], for: tenantID)
        await cache.invalidate(tenantID)
        #expect(try await cache.webhookSecrets(for: tenantID) == [[1]])
        _ = try await cache.webhookSecrets(for: other)
        #expect(source.loads(of: other) == 1)
        await cache.invalidateAll()
        _ = try await cache.webhookSecrets(for: other)
        #expect(source.loads(of: other) == 2)
    }

    @Test func secretsReadBeforeAChangeAreNotKeptAfterIt() async throws {
        let cache = makeCache()
        source.set([[1]], for: tenantID)
        source.afterNextLoad { [source, tenantID] in
            source.set([[2]], for: tenantID)
            await cache.invalidate(tenantID)
        }
        #expect(try await cache.webhookSecrets(for: tenantID) == [[1]])
        #expect(try await cache.webhookSecrets(for: tenantID) == [[2]])
    }

    @Test func aFailedReadIsNotRemembered() async throws {
        let cache = makeCache()
        source.set([[1]], for: tenantID)
        source.afterNextLoad { throw StorageError(.unavailable, "the database is locked") }
        await #expect(throws: StorageError.self) { try await cache.webhookSecrets(for: tenantID) }
        #expect(try await cache.webhookSecrets(for: tenantID) == [[1]])
    }

    @Test func aClockSetBackDoesNotProlongTheLife() async throws {
        let cache = makeCache()
        _ = try await cache.webhookSecrets(for: tenantID)
        source.advance(seconds: -3600)
        _ = try await cache.webhookSecrets(for: tenantID)
        #expect(source.loads(of: tenantID) == 2)
    }

    @Test func madeUpTenantsCannotFillTheMemory() async throws {
        let cache = makeCache(capacity: 8)
        let tenants = (0..<1000).map { _ in TenantID(UUID()) }
        for tenant in tenants + tenants { _ = try await cache.webhookSecrets(for: tenant) }
        #expect(tenants.filter { source.loads(of: $0) == 1 }.count <= 8)
    }

    @Test func aFullMemoryKeepsWhatItHasWhenATenantIsReadAgain() async throws {
        let cache = makeCache(capacity: 2)
        let other = TenantID(UUID())
        _ = try await cache.webhookSecrets(for: tenantID)
        source.advance(seconds: 20)
        _ = try await cache.webhookSecrets(for: other)
        source.advance(seconds: 20)
        _ = try await cache.webhookSecrets(for: tenantID)
        _ = try await cache.webhookSecrets(for: other)
        #expect(source.loads(of: tenantID) == 2)
        #expect(source.loads(of: other) == 1)
    }
}

/// Tenants' secrets with a clock, counting how often they are read.
private final class CountingSource: Sendable {
    private struct State {
        var now = Timestamp(seconds: 1_780_000_000)
        var secrets: [TenantID: [[UInt8]]] = [:]
        var loads: [TenantID: Int] = [:]
        var afterNextLoad: (@Sendable () async throws -> Void)?
    }
    private let state = Mutex(State())

    var now: Timestamp { state.withLock { $0.now } }
    func advance(seconds: Int64) { state.withLock { $0.now = $0.now.adding(seconds: seconds) } }
    func set(_ secrets: [[UInt8]], for tenantID: TenantID) { state.withLock { $0.secrets[tenantID] = secrets } }
    func loads(of tenantID: TenantID) -> Int { state.withLock { $0.loads[tenantID, default: 0] } }
    /// Runs once, after the next read and before its answer arrives.
    func afterNextLoad(_ action: @escaping @Sendable () async throws -> Void) {
        state.withLock { $0.afterNextLoad = action }
    }

    func load(_ tenantID: TenantID) async throws -> [[UInt8]]? {
        let (secrets, action) = state.withLock { state in
            state.loads[tenantID, default: 0] += 1
            defer { state.afterNextLoad = nil }
            return (state.secrets[tenantID], state.afterNextLoad)
        }
        try await action?()
        return secrets
    }
}
