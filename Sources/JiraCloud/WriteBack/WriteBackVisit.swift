import Domain
import Logging
import WorkLoop

/// One look at a tenant's issues, under its lease: writes what is due, up to a limit.
struct WriteBackVisit {
    let claim: WriteBackClaim
    let store: any WriteBackStore
    let options: JiraWriter.Options
    let now: @Sendable () -> Timestamp
    let metrics: WriteBackMetrics
    let logger: Logger
    /// Issues that Jira refused since the last one that it took.
    private var refusedInARow = 0

    init(
        claim: WriteBackClaim, store: any WriteBackStore, options: JiraWriter.Options,
        now: @escaping @Sendable () -> Timestamp, metrics: WriteBackMetrics, logger: Logger
    ) {
        self.claim = claim
        self.store = store
        self.options = options
        self.now = now
        self.metrics = metrics
        self.logger = logger
    }

    /// How a look ended.
    enum Outcome: Sendable {
        /// The next look is due in so many seconds.
        case later(Int64, hasFailed: Bool)
        /// Jira would refuse every issue, for a reason told to people.
        case stopped(reason: String)
    }

    /// Between looks at a Jira that does not answer.
    private static let pause = Backoff(first: .seconds(60), cap: .seconds(3600))
    /// Between attempts at an issue that Jira refuses.
    private static let issuePause = Backoff(first: .seconds(3600), cap: .seconds(86_400))

    /// Writes what is due. Throws what the store throws.
    mutating func run(with client: JiraClient) async throws -> Outcome {
        let due = try await store.dueWrites(claim, limit: options.writesPerLook, now: now())
        for issue in due {
            guard !Task.isCancelled else { return .later(0, hasFailed: false) }
            guard try await store.mayWrite(to: issue.issueID, under: claim) else { continue }
            do throws(JiraError) {
                try await write(issue, with: client)
            } catch {
                if let outcome = try await note(error, of: issue) { return outcome }
                continue
            }
            refusedInARow = 0
            try await keep(issue)
        }
        if !due.isEmpty {
            logger.debug("wrote to Jira", metadata: ["tenant": "\(claim.tenantID)", "issues": "\(due.count)"])
        }
        return .later(options.lookSeconds, hasFailed: false)
    }

    private func write(_ issue: IssueToWrite, with client: JiraClient) async throws(JiraError) {
        let settings = claim.settings
        switch settings.target {
        case .fields:
            let values = WriteBackPlanner.fields(of: issue.risk, settings.fields)
            try await client.setFields(values, of: issue.issueID)
        case .property:
            if let risk = issue.risk {
                let value = WriteBackPlanner.property(of: risk)
                try await client.setProperty(settings.propertyKey, to: value, of: issue.issueID)
            } else {
                try await client.removeProperty(settings.propertyKey, of: issue.issueID)
            }
        case .none: break
        }
    }

    private func keep(_ issue: IssueToWrite) async throws {
        let outcome: WriteOutcome =
            if let risk = issue.risk {
                .written(risk, WriteBackPlanner.window(of: risk, claim.settings))
            } else {
                .cleared
            }
        metrics.count(issue.risk == nil ? .cleared : .written)
        try await record(outcome, of: issue, pause: claim.settings.intervalSeconds)
    }

    /// Notes a failure; how the look ends where no other issue is to be tried, nil where others are.
    private mutating func note(_ error: JiraError, of issue: IssueToWrite) async throws -> Outcome? {
        switch error {
        case .forbidden, .scopeMissing:
            metrics.count(.refused)
            return .stopped(reason: Self.words(error, claim.settings.target))
        case .badRequest, .notFound:
            metrics.count(.refused)
            let pause = Self.issuePause.delay(afterFailures: issue.attempts + 1).components.seconds
            try await record(.refused("\(error)"), of: issue, pause: pause)
            // A workflow may close done issues to edits: their values stay, and the others are written.
            if issue.risk != nil { refusedInARow += 1 }
            return refusedInARow >= options.refusalLimit ? .stopped(reason: "\(error)") : nil
        case .rateLimited(let until):
            metrics.count(.unavailable)
            return .later(max(1, (until.milliseconds - now().milliseconds + 999) / 1000), hasFailed: true)
        case .cancelled:
            return .later(0, hasFailed: false)
        case .unauthorized, .gone, .unavailable, .refusedAddress, .malformedAnswer:
            metrics.count(.unavailable)
            logger.warning(
                "write to Jira failed; retrying later", metadata: ["tenant": "\(claim.tenantID)", "error": "\(error)"])
            return .later(
                Self.pause.delay(afterFailures: claim.attempts + 1).components.seconds, hasFailed: true)
        }
    }

    private func record(_ outcome: WriteOutcome, of issue: IssueToWrite, pause seconds: Int64) async throws {
        let at = now()
        try await store.record(
            outcome, of: issue.issueID, under: claim, nextAt: at.adding(seconds: seconds),
            leaseUntil: at.adding(seconds: options.leaseSeconds), now: at)
    }

    /// What is to be done about a refusal that concerns every issue.
    static func words(_ error: JiraError, _ target: WriteBackSettings.Target) -> String {
        if error == .scopeMissing { return "the account's token lacks a scope (401): writing needs write:jira-work" }
        guard target == .fields else { return "the account may not edit issues (403): it needs EDIT_ISSUES" }
        return """
            the account may not edit issues, or not without mail to their watchers (403): it needs EDIT_ISSUES and \
            ADMINISTER_PROJECTS
            """
    }
}
