import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// A store made by consilod at 3faff7c, before rows had versions and deliveries were notifications: two tenants with
/// issues, histories, rules, channels, alerts with deliveries of every state, webhooks of every state, a sprint, a parked
/// issue and a backfill. `store-3faff7c.json` is what that version read from it.
@Suite struct OldStoreTests {
    private let tenants = [StoredSamples.tenant, TenantID(StoredSamples.uuid(2))]
    private let later = StoredSamples.later.adding(days: 2)

    private func fixture(_ kind: String) throws -> URL {
        try #require(Bundle.module.url(forResource: "store-3faff7c", withExtension: kind, subdirectory: "Fixtures"))
    }

    /// The store as this version opens it, with what it is kept in: its file, or where the tests of the store run on
    /// PostgreSQL, what it was moved to.
    private struct Opened {
        let store: RiskStore
        let folder: TransferFixture
        let destination: TransferFixture.Destination?
    }

    private func opened() async throws -> Opened {
        let folder = try TransferFixture()
        let path = folder.path("old")
        try FileManager.default.copyItem(atPath: try fixture("sqlite").path, toPath: path)
        let store = try await RiskStore.sqlite(path: path, now: later)
        guard PostgresSchema.server != nil else { return Opened(store: store, folder: folder, destination: nil) }
        try store.close()
        let destination = try TransferFixture.Destination(folder)
        let tables = try await TransferFixture.copy(.sqlite(path: path), to: destination.place)
        #expect(tables.allSatisfy { $0.isEqual }, "\(tables)")
        return Opened(store: try await destination.store(), folder: folder, destination: destination)
    }

    @Test func everyFigureIsKept() async throws {
        let opened = try await opened()
        let store = opened.store
        let expected = try JSONDecoder().decode(StoreSummary.self, from: Data(contentsOf: try fixture("json")))
        var rows = expected.rows.filter { !TransferTable.bound.contains($0.key) }
        // A row of the old outbox is a notification of one alert.
        let outbox = rows.removeValue(forKey: "alert_outbox")
        (rows["notifications"], rows["notification_alerts"]) = (outbox, outbox)
        let summary = try await StoreSummary.of(store, tenants, tables: Array(rows.keys))
        for (id, tenant) in expected.tenants { #expect(summary.tenants[id] == tenant) }
        #expect(summary.rows == rows)
        #expect(expected.tenants.count == 2)
        try store.close()
        withExtendedLifetime(opened) {}
    }

    @Test func theKeyOfATenantIsItsFirstAndAnOwners() async throws {
        let opened = try await opened()
        let store = opened.store
        for (tenant, hash) in zip(tenants, ["hash-acme", "hash-other"]) {
            let holder = try #require(try await store.apiKeyHolder(hash: hash, now: later))
            #expect(holder.tenant.id == tenant && holder.role == .owner)
            let keys = try await store.apiKeys(tenant)
            #expect(keys.map(\.name) == ["first key"] && keys.first?.createdAt == holder.tenant.createdAt)
            #expect(keys.first?.expiresAt == nil && keys.first?.prefix == nil)
        }
        let hashes = try await store.driver.read {
            try $0.query("SELECT COUNT(*) FROM tenants WHERE api_key_hash LIKE 'hash-%'", []).first?.integer()
        }
        #expect(hashes == 0)
        try store.close()
        withExtendedLifetime(opened) {}
    }

    @Test func whatRowsHoldIsReadAsItWasWritten() async throws {
        let opened = try await opened()
        let store = opened.store
        let acme = tenants[0]
        var live = StoredSamples.fullState
        (live.isDeleted, live.presence) = (false, nil)
        let work = try #require(try await store.loadIssue(tenantID: acme, key: "PAY-1"))
        #expect(work.state == live)
        #expect(work.lastAnalysis == StoredSamples.standardAnalysis)
        #expect(work.recentScores.map(\.score) == [30, 45, 71])
        #expect(work.rules == [StoredSamples.thresholdRule, StoredSamples.spikeRule])
        #expect(work.alertStates.map(\.isFiring) == [true])
        #expect(work.tenant.fields == StoredSamples.customFields)
        #expect(try await store.loadIssue(tenantID: acme, key: "PAY-2")?.state == StoredSamples.emptiedState)
        #expect(try await store.issueState(acme, "10003") == StoredSamples.bareState)
        #expect(
            try await store.loadIssue(tenantID: acme, key: "PAY-4")?.lastAnalysis == StoredSamples.classicAnalysis)
        var spike = StoredSamples.spikeAlert
        spike.channelIDs = [StoredSamples.uuid(23), StoredSamples.uuid(99)]
        let alerts = try await store.alerts(acme, state: nil, issueKey: nil, after: nil, limit: 10).items.map(\.alert)
        #expect(
            Set(alerts)
                == [StoredSamples.thresholdAlert, StoredSamples.resolvedAlert, spike, StoredSamples.accessAlert])
        try store.close()
        withExtendedLifetime(opened) {}
    }

    @Test func queuedDeliveriesGoOutWithTheirAlerts() async throws {
        let opened = try await opened()
        let store = opened.store
        try await store.endLeftLeases()
        let items = try await store.claimDeliveries(limit: 100, now: later, leaseUntil: later.adding(seconds: 60))
        let byAlert = Dictionary(grouping: items, by: \.alerts).mapValues { Set($0.map(\.channel.name)) }
        var others = StoredSamples.thresholdAlert
        (others.id, others.tenantID, others.channelIDs) = (StoredSamples.uuid(41), tenants[1], [])
        var issue = try #require(others.issue)
        issue.ruleID = StoredSamples.uuid(12)
        others.subject = .issue(issue)
        #expect(
            byAlert == [
                [StoredSamples.thresholdAlert]: ["leads"], [StoredSamples.resolvedAlert]: ["leads", "team"],
                [StoredSamples.accessAlert]: ["team"], [others]: ["others"],
            ])
        // Tried before; the one whose process was gone has its attempt counted.
        #expect(
            items.filter { $0.attempts == 1 }.map(\.channel.name).sorted() == ["leads", "team", "team"])
        // The channel that was deleted while deliveries waited for it.
        let dead = try await store.alerts(tenants[0], state: .dead, issueKey: nil, after: nil, limit: 10).items
            .flatMap(\.deliveries).filter { $0.state == .dead }
        #expect(dead.filter { $0.lastError == "the channel was deleted" }.map(\.channelName).contains("gone"))
        for item in items { try await store.record(.delivered, for: item, now: later) }
        let left = try await store.claimDeliveries(limit: 100, now: later, leaseUntil: later.adding(seconds: 60))
        #expect(left.isEmpty)
        try store.close()
        withExtendedLifetime(opened) {}
    }

    @Test func aDeadDeliveryIsRetriedByTheIdItHad() async throws {
        let opened = try await opened()
        let store = opened.store
        let expected = try JSONDecoder().decode(StoreSummary.self, from: Data(contentsOf: try fixture("json")))
        let dead = try #require(
            expected.tenants[tenants[0].description]?.deliveries.first { $0.lastError == "550 no such user" })
        let id = try #require(UUID(uuidString: dead.id))
        #expect(try await store.retryDelivery(tenants[1], deliveryID: id, by: .system("test"), now: later) == false)
        #expect(try await store.retryDelivery(tenants[0], deliveryID: id, by: .system("test"), now: later))
        let items = try await store.claimDeliveries(limit: 100, now: later, leaseUntil: later.adding(seconds: 60))
        #expect(items.filter { $0.id == id }.map(\.alerts) == [[StoredSamples.accessAlert]])
        try store.close()
        withExtendedLifetime(opened) {}
    }
}
