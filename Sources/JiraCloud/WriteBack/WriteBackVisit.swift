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
    private var refusals: WriteRefusals
    /// Whether an issue is being tried before all are given up.
    private var isProbing = false
    /// Issues that were tried so, and are not tried again in this look.
    private var probed: Set<IssueID> = []

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
        refusals = WriteRefusals(limit: options.refusalLimit)
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
        let end = now().adding(seconds: options.visitSeconds)
        var (left, tried) = (options.writesPerLook, 0)
        while left > 0 {
            let givenUp = refusals.givenUp
            let due = try await store.dueWrites(claim, except: givenUp, limit: left, now: now())
            for issue in due where !isPassedOver(issue) {
                guard !Task.isCancelled else { return .later(0, hasFailed: false) }
                guard try await store.mayWrite(to: issue.issueID, under: claim) else { continue }
                if let outcome = try await attempt(issue, with: client) { return outcome }
                (left, tried) = (left - 1, tried + 1)
                // At least one was tried: also a slow store and a slow Jira get on.
                guard now() < end else { return .later(0, hasFailed: false) }
            }
            // Others are found in the place of those that were passed over.
            guard refusals.givenUp != givenUp else { break }
        }
        if tried > 0 {
            logger.debug("wrote to Jira", metadata: ["tenant": "\(claim.tenantID)", "issues": "\(tried)"])
        }
        return .later(options.lookSeconds, hasFailed: false)
    }

    /// Writes to one issue; how the look ends where no other is to be tried, nil where others are.
    private mutating func attempt(_ issue: IssueToWrite, with client: JiraClient) async throws -> Outcome? {
        do throws(JiraError) {
            try await write(issue, with: client)
        } catch {
            return try await note(error, of: issue, with: client)
        }
        refusals.succeeded(in: issue.project)
        try await keep(issue)
        return nil
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
    private mutating func note(
        _ error: JiraError, of issue: IssueToWrite, with client: JiraClient
    ) async throws -> Outcome? {
        switch error {
        case .scopeMissing:
            metrics.count(.refused)
            return .stopped(reason: Self.words(error, claim.settings.target))
        case .forbidden:
            return try await noteRefusal(Self.words(error, claim.settings.target), of: issue, with: client)
        case .badRequest, .notFound:
            return try await noteRefusal("\(error)", of: issue, with: client)
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

    /// Notes what may concern the issue alone, or its project, which is then passed over, or all.
    private mutating func noteRefusal(
        _ reason: String, of issue: IssueToWrite, with client: JiraClient
    ) async throws -> Outcome? {
        metrics.count(.refused)
        let pause = Self.issuePause.delay(afterFailures: issue.attempts + 1).components.seconds
        try await record(.refused(reason), of: issue, pause: pause)
        // A workflow may close done issues to edits: their values stay, and the others are written.
        guard issue.risk != nil else { return nil }
        let isGivenUp = refusals.refused(in: issue.project)
        if refusals.concernAll {
            guard !isProbing else { return .stopped(reason: reason) }
            return try await probe(reason, with: client)
        }
        guard isGivenUp else { return nil }
        return try await store.hasOneProject(claim.tenantID) ? .stopped(reason: reason) : nil
    }

    /// Tries an issue of another project before nothing is written for any: projects without permission must not hold up those
    /// with it. Nil where it was written.
    private mutating func probe(_ reason: String, with client: JiraClient) async throws -> Outcome? {
        guard let issue = try await issueToProbe(), try await store.mayWrite(to: issue.issueID, under: claim) else {
            return .stopped(reason: reason)
        }
        probed.insert(issue.issueID)
        isProbing = true
        defer { isProbing = false }
        if let outcome = try await attempt(issue, with: client) { return outcome }
        // A refusal to remove values from a done issue counts for nothing, nor does it show that others are written.
        return refusals.concernAll ? .stopped(reason: reason) : nil
    }

    /// An issue of a project that has not refused, else of one that was not given up; nil without such an issue.
    private func issueToProbe() async throws -> IssueToWrite? {
        for projects in [refusals.refusing, refusals.givenUp] {
            let due = try await store.dueWrites(claim, except: projects, limit: 1, now: now())
            if let issue = due.first { return issue }
        }
        return nil
    }

    private func isPassedOver(_ issue: IssueToWrite) -> Bool {
        refusals.givenUp.contains(issue.project) || probed.contains(issue.issueID)
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

extension IssueToWrite {
    /// What its refusals are counted under.
    fileprivate var project: String { projectKey ?? "" }
}
