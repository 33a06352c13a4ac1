import Domain
import Logging

extension Rescorer {
    /// Makes the forecast of an open issue as of now, to be committed with its analysis, and decides on the rules about it.
    /// A forecast that cannot be made is missing, and keeps no score back.
    func forecast(
        _ run: RescoreRun, of work: IssueWork, before: Analysis?, into result: inout RescoreResult,
        _ alerts: inout AlertRun
    ) async throws {
        guard let issue = run.issue, run.newest != nil else { return }
        let (state, sprints, now) = (result.state, result.sprintRecords, result.now)
        func make(isExplained: Bool) async -> IssueForecast? {
            guard !issue.isOver, let basis = work.forecastBasis else { return nil }
            let past = analyst.scorer.past(of: issue, state, project: work.project)
            do {
                return try await makeForecast(past, sprints, work.statuses, work.tenant.id, basis, isExplained, now)
            } catch {
                logger.warning(
                    "failed to compute a forecast",
                    metadata: [
                        "tenant": "\(work.tenant.id)", "issue": "\(issue.id)", "model": "\(basis.modelKey)",
                        "error": "\(error)",
                    ])
                return nil
            }
        }
        let forecast = await make(isExplained: false)
        await alerts.consider(forecast, run, before: before, now: now) { await make(isExplained: true) }
        result.forecast = try forecast.map { try ForecastRecord($0, of: issue.id) }
    }
}
