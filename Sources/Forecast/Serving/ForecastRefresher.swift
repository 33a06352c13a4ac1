public import Domain
public import Logging
public import ServiceLifecycle
import WorkLoop

/// Makes forecasts again that are stale: when the tenant's pace, model or rung is another, and once a day. A tenant's turn is
/// leased, so that of several nodes one does it.
///
/// Webhooks have the forecast of their own issue made when it is scored; this is for all the others. Where a forecast then
/// crosses the value of an alert rule, the issue is queued, and alerts are decided where they always are.
public struct ForecastRefresher: Service {
    /// Makes the past of an issue of what is stored: `RiskScorer.history`. Pure.
    public typealias ReadPast = @Sendable (_ stored: StoredIssueHistory, _ statuses: StatusCatalog) -> IssuePast?

    /// How much is done at a time.
    public struct Options: Sendable {
        /// Issues whose histories are held at a time.
        public var batchSize = 250
        /// How long a claim is exclusive, unless it is renewed, which each batch does.
        public var leaseSeconds: Int64 = 60
        /// After a failure.
        public var retrySeconds: Int64 = 300

        public init() {}
    }

    private let store: any ServingStore
    private let library: ForecastLibrary
    private let readPast: ReadPast
    private let options: Options
    private let nudges: AsyncStream<Void>
    private let now: @Sendable () -> Timestamp
    private let executor: @Sendable (TenantID) -> (any TaskExecutor)?
    private let onIssues: @Sendable () -> Void
    private let metrics: RefreshMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - nudges: wakes it at once; it also looks every five seconds.
    ///   - executor: where forecasts are computed; nil for where everything runs.
    ///   - onIssues: called after issues were queued.
    ///   - metrics: what is counted.
    public init(
        store: any ServingStore, library: ForecastLibrary, readPast: @escaping ReadPast,
        options: Options = Options(), nudges: AsyncStream<Void>, now: @escaping @Sendable () -> Timestamp,
        executor: @escaping @Sendable (TenantID) -> (any TaskExecutor)? = { _ in nil },
        onIssues: @escaping @Sendable () -> Void, metrics: RefreshMetrics = RefreshMetrics(), logger: Logger
    ) {
        self.store = store
        self.library = library
        self.readPast = readPast
        self.options = options
        self.nudges = nudges
        self.now = now
        self.executor = executor
        self.onIssues = onIssues
        self.metrics = metrics
        self.logger = logger
    }

    /// Works until graceful shutdown, which ends a refresh after the batch in flight.
    public func run() async throws {
        await WorkLoop.run(every: .seconds(5), nudges: nudges) {
            while !Task.isShuttingDownGracefully, await refreshNext() {}
        }
    }

    /// Refreshes the next tenant that has something stale; false when nothing is stale, or the store failed.
    func refreshNext() async -> Bool {
        let claim: ForecastRefreshClaim
        do {
            let now = now()
            let next = try await store.claimForecastRefresh(
                now: now, leaseUntil: now.adding(seconds: options.leaseSeconds))
            guard let next else { return false }
            claim = next
        } catch {
            logger.error("failed to read the stale forecasts", metadata: ["error": "\(error)"])
            return false
        }
        do {
            let began = now()
            guard let basis = try await refresh(claim) else { return false }
            try await store.finish(claim, with: basis, at: began)
            metrics.refreshed()
        } catch let error as StorageError where error.code == .stale {
            logger.debug("lease lost on a refresh of forecasts", metadata: ["tenant": "\(claim.tenantID)"])
        } catch {
            logger.error(
                "could not refresh forecasts; retrying later",
                metadata: ["tenant": "\(claim.tenantID)", "error": "\(error)"])
            await giveBack(claim, after: options.retrySeconds)
        }
        return true
    }

    /// - Parameter seconds: to the next attempt after a failure; nil for at once.
    private func giveBack(_ claim: ForecastRefreshClaim, after seconds: Int64?) async {
        if seconds != nil { metrics.failed() }
        do {
            try await store.giveBack(claim, retryAt: seconds.map { now().adding(seconds: $0) })
        } catch {
            // The lease runs out by itself.
            logger.error("failed to release a refresh of forecasts", metadata: ["error": "\(error)"])
        }
    }

    /// Makes the tenant's stale forecasts again; by which basis. Nil when the daemon stops before the end.
    private func refresh(_ claim: ForecastRefreshClaim) async throws -> ForecastBasisID? {
        let tenantID = claim.tenantID
        guard let current = try await store.forecastBasisID(tenantID) else {
            throw StorageError(.stale, "the tenant has no pace any more")
        }
        guard let forecaster = try await library.forecaster(of: tenantID, by: current) else {
            // It is of a form of another version; training takes it again within a day.
            await giveBack(claim, after: options.retrySeconds)
            return nil
        }
        let (basis, before) = (forecaster.basis, forecaster.basis.staleBefore(now: now()))
        let statuses = try await store.statusCatalog(tenantID)
        let rules = try await store.alertRules(tenantID).filter { $0.isEnabled && $0.condition.kind == .forecast }
        var (after, count, queued): (IssueID?, Int, Int) = (nil, 0, 0)
        while true {
            guard !Task.isShuttingDownGracefully else {
                await giveBack(claim, after: nil)
                return nil
            }
            let ids = try await store.issuesWithoutForecast(
                tenantID, by: basis.modelKey, before: before, after: after, limit: options.batchSize)
            guard let last = ids.last else { break }
            let made = try await makeForecasts(of: ids, tenantID, forecaster, statuses)
            try await store.saveForecasts(
                made.map { try ForecastRecord($0.forecast, of: $0.issueID) }, of: tenantID)
            count += made.count
            metrics.made(made.count)
            queued += try await queueCrossing(made, rules, of: tenantID)
            after = last
            guard ids.count == options.batchSize else { break }
            try await store.renew(claim, until: now().adding(seconds: options.leaseSeconds))
        }
        if count > 0 {
            logger.info(
                "forecasts refreshed",
                metadata: ["tenant": "\(tenantID)", "issues": "\(count)", "alerts": "\(queued)"])
        }
        return basis
    }

    /// A forecast of an issue of the project.
    private struct Made: Sendable {
        var issueID: IssueID
        var projectKey: String
        var forecast: IssueForecast
    }

    private func makeForecasts(
        of ids: [IssueID], _ tenantID: TenantID, _ forecaster: TenantForecaster, _ statuses: StatusCatalog
    ) async throws -> [Made] {
        let stored = try await store.issueHistories(of: tenantID, ids: ids)
        let now = now()
        return try await withTaskExecutorPreference(executor(tenantID)) {
            var collector = HistoryCollector(statuses: statuses)
            let pasts = stored.compactMap { history in
                readPast(history, statuses).map { (past: $0, sprints: history.sprintRecords) }
            }
            for past in pasts { collector.note(past.past, sprints: past.sprints) }
            let forecasts = try forecaster.forecasts(
                of: pasts.map { collector.history(of: $0.past) }, at: now, .batch)
            return pasts.compactMap { past, _ in
                forecasts[past.issue.id].map {
                    Made(issueID: past.issue.id, projectKey: past.issue.projectKey, forecast: $0)
                }
            }
        }
    }

    /// Queues the issues whose forecast crosses the value of a rule, one way or the other; how many.
    private func queueCrossing(_ made: [Made], _ rules: [AlertRule], of tenantID: TenantID) async throws -> Int {
        guard !rules.isEmpty else { return 0 }
        let firing = try await store.firingRules(tenantID, of: made.map(\.issueID))
        let crossing = made.filter { made in
            rules.contains { rule in
                guard rule.projectKeys.isEmpty || rule.projectKeys.contains(made.projectKey) else { return false }
                let wasFiring = firing[made.issueID]?.contains(rule.id) ?? false
                return rule.condition.isFiring(by: made.forecast, wasFiring: wasFiring) != wasFiring
            }
        }.map(\.issueID)
        guard !crossing.isEmpty else { return 0 }
        try await store.enqueueIssues(crossing, of: tenantID, now: now())
        onIssues()
        return crossing.count
    }
}
