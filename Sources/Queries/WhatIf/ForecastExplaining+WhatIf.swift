import Domain
import RiskEngine

extension ForecastExplaining {
    /// The forecast of one side of a what-if; nil for an issue that is over, and before the tenant has anything to forecast by.
    func forecast(
        of look: IssueAnalyst.WhatIf.Look, in found: IssueAnalyst.WhatIf, now: Timestamp
    ) async throws -> IssueForecast? {
        guard !look.issue.isOver, let basis = found.work.forecastBasis else { return nil }
        return try await forecast(
            of: look.past, sprints: found.sprintRecords, statuses: found.work.statuses, tenantID: found.work.tenant.id,
            basis: basis, isExplained: false, now: now)
    }

    /// The forecast of an issue after actions; nil as ``forecast(of:in:now:)``.
    func forecast(
        of outcome: SprintRemedyProblem.Outcome, in member: SprintRemedyProblem.Member, now: Timestamp
    ) async throws -> IssueForecast? {
        guard let basis = member.work.forecastBasis else { return nil }
        return try await forecast(
            of: outcome.past, sprints: member.sprintRecords, statuses: member.work.statuses,
            tenantID: member.work.tenant.id, basis: basis, isExplained: false, now: now)
    }
}
