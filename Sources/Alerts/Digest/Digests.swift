public import Domain
public import Foundation

/// Digests that somebody asks for: to read, or on a channel at once.
public struct Digests: Sendable {
    private let store: any DigestStore
    private let composer: DigestComposer
    private let now: @Sendable () -> Timestamp
    private let pause = ChannelPause()
    private let planner = DigestPlanner()

    /// - Parameters:
    ///   - composer: puts the digests together.
    ///   - now: the trusted clock.
    public init(store: any DigestStore, composer: DigestComposer, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.composer = composer
        self.now = now
    }

    /// What a digest would say now of the last day or week.
    ///
    /// - Parameters:
    ///   - projectKeys: only issues of these; empty for all.
    ///   - timeZone: in whose days it speaks.
    public func content(
        every: DigestSchedule.Period, projectKeys: [String], timeZone: String, of tenant: Tenant
    ) async throws -> DigestContent {
        let now = now()
        return try await composer.content(
            DigestRequest(
                tenantID: tenant.id, siteURL: tenant.jiraURL, projectKeys: projectKeys, every: every,
                timeZone: timeZone, from: now.adding(days: every == .day ? -1 : -7), to: now, asOf: now,
                isRequested: true))
    }

    /// Queues a channel's digest at once, for the period since its last one, also where there is nothing to say. Its schedule
    /// stays as it is.
    ///
    /// - Parameter channel: with a schedule.
    /// - Returns: the alert's id; nil where one was asked for within the last ten seconds, or the channel has no digest.
    public func queue(
        for channel: AlertChannel, of tenant: Tenant, by actor: Actor
    ) async throws -> UUID? {
        let now = now()
        guard let schedule = channel.digest, pause.begin(channel.id, at: now) else { return nil }
        let covered = try await store.digestCoverage(tenant.id, channelID: channel.id)
        let content = try await composer.content(
            DigestRequest(
                tenantID: tenant.id, siteURL: tenant.jiraURL, projectKeys: schedule.projectKeys,
                every: schedule.every, timeZone: schedule.timeZone,
                from: DigestWorker.beginning(of: schedule, due: now, after: covered), to: now, asOf: now,
                isRequested: true))
        let decision = planner.decide(content, for: channel, of: tenant.id)
        try await store.queueAlerts(tenant.id, decision, by: actor)
        return decision.alerts.first?.id
    }
}
