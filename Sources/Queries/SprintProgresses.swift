public import Domain
public import RiskEngine

/// How a sprint stands, by what the store holds: nothing is asked of Jira, and it does not count against the plan.
public struct SprintProgress: Sendable {
    /// What was left to do at an instant.
    public struct Point: Sendable, Hashable {
        /// The instant.
        public var at: Timestamp
        /// Issues in the sprint that were not done.
        public var issues: Int
        /// Their story points, as they are now.
        public var storyPoints: Double
    }

    /// The sprint with its open issues by band.
    public var listing: SprintListing
    /// Committed, added, removed and completed, as ``SprintAnalysis/scope``.
    public var scope: SprintScope
    /// Its open issues by risk, at most as many as were asked for.
    public var riskiest: [IssueListing]
    /// How many issues of the sprint are not done.
    public var openIssueCount: Int
    /// How many of them will not be done by the end, by their stored forecasts.
    public var outlook: ForecastOutlook
    /// What was left, from the sprint's start to its close or now, the oldest first; empty for a sprint that has not started.
    public var burnDown: [Point]
    /// The instant it speaks of.
    public var asOf: Timestamp
}

/// The standing of sprints.
public struct SprintProgresses: Sendable {
    /// Points of a burn-down at most.
    public static let pointLimit = 45
    /// Projects of a sprint that are looked at.
    private static let projectLimit = 10

    private let store: any DashboardStore
    private let analyst: IssueAnalyst

    public init(store: any DashboardStore, analyst: IssueAnalyst) {
        self.store = store
        self.analyst = analyst
    }

    /// How the sprint stands at `now`, with at most `limit` of its open issues.
    ///
    /// Throws ``QueryError``, `.unknownSprint` for one of which no issue is known, and what the store throws.
    public func progress(
        of sprintID: String, limit: Int, for principal: Principal, at now: Timestamp
    ) async throws -> SprintProgress {
        let id = try principal.tenant(to: .read).id
        guard let listing = try await store.sprintListing(id, sprintID: sprintID) else {
            throw QueryError.unknownSprint(isNamed: true)
        }
        let sprint = listing.sprint
        var issues: [SprintIssue] = []
        for key in listing.projectKeys.prefix(Self.projectLimit) {
            issues += try await store.sprintIssues(id, projectKey: key, sprintID: sprint.id)
        }
        let statuses = try await store.statusCatalog(id)
        let open = SprintScope.openIssues(of: sprint, among: issues)
        let riskiest = open.filter { $0.riskScore != nil }
            .sorted { ($1.riskScore ?? 0, $0.issue.key) < ($0.riskScore ?? 0, $1.issue.key) }.prefix(limit)
        let forecasts = try await store.forecasts(id, of: open.map(\.issue.id))
        return SprintProgress(
            listing: listing, scope: analyst.scope(of: sprint, issues: issues, statuses: statuses, now: now),
            riskiest: try await store.listings(id, of: riskiest.map(\.issue.id)), openIssueCount: open.count,
            outlook: ForecastOutlook(
                .sprint, of: open.map { forecasts[$0.issue.id]?.forecast }, deadline: sprint.endDate, countsAll: true),
            burnDown: burnDown(of: sprint, issues, statuses, at: now), asOf: now)
    }

    /// The scope at each instant, as if the sprint were still running then.
    private func burnDown(
        of sprint: Sprint, _ issues: [SprintIssue], _ statuses: StatusCatalog, at now: Timestamp
    ) -> [SprintProgress.Point] {
        guard sprint.state != "future", let start = sprint.startDate else { return [] }
        let close = sprint.state == "closed" ? min(now, sprint.completeDate ?? sprint.endDate ?? now) : now
        guard start < close else { return [] }
        var running = sprint
        (running.state, running.completeDate) = ("active", nil)
        let days = (close.milliseconds - start.milliseconds) / 86_400_000
        let step = max(1, (days + Int64(Self.pointLimit) - 1) / Int64(Self.pointLimit))
        let instants = stride(from: 0, through: days, by: Int64.Stride(step)).map { start.adding(days: Int($0)) }
        return (instants.filter { $0 < close } + [close]).map { instant in
            let left = analyst.scope(of: running, issues: issues, statuses: statuses, now: instant).notCompleted
            return SprintProgress.Point(at: instant, issues: left.count, storyPoints: left.storyPoints)
        }
    }
}
