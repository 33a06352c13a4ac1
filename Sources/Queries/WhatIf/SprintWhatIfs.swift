public import Domain
public import RiskEngine

/// What changes to issues would make of a sprint, and the least that would bring down how many of its issues are expected to miss its
/// end. Made of what is stored: nothing is stored, charged, or asked of Jira.
public struct SprintWhatIfs: Sendable {
    /// What is asked about.
    public struct Subject: Sendable, Hashable {
        /// In any case.
        public var projectKey: String
        /// In any case; nil for the active one.
        public var sprintName: String?
        /// The lowest band that counts where forecasts give no numbers.
        public var band: RiskBand

        public init(projectKey: String, sprintName: String? = nil, band: RiskBand = .high) {
            self.projectKey = projectKey
            self.sprintName = sprintName
            self.band = band
        }
    }

    /// How the sprint stands at one side of the changes.
    public struct Standing: Sendable, Hashable {
        /// Issues that are in it and not done.
        public var openIssues: Int
        /// How many of them are expected to miss its end, to one decimal.
        public var misses: Double
        /// How many of them are in the band or above it.
        public var riskyIssues: Int
        /// What their forecasts say.
        public var outlook: ForecastOutlook
    }

    /// An issue at one side of the changes.
    public struct IssueSide: Sendable, Hashable {
        /// 0–100.
        public var riskScore: Int
        /// Whether it is in the sprint.
        public var isInSprint: Bool
        /// Whether it is done or gone.
        public var isOver: Bool
        /// How probable it is that it is not done by the end of the sprint, in percent; nil where no number is given.
        public var percent: Int?
    }

    /// An issue that is changed, or that the changes of others reach.
    public struct IssueMove: Sendable, Hashable {
        /// The issue's key.
        public var key: IssueKey
        /// Without the changes.
        public var before: IssueSide
        /// With all of them.
        public var after: IssueSide
    }

    /// The sprint that is spoken of.
    public struct Heading: Sendable, Hashable {
        /// In capital letters.
        public var projectKey: String
        /// The one that fits best.
        public var sprint: Sprint
        /// Whether the store holds the whole project.
        public var coverage: Coverage
        /// The lowest band that counts where bands do.
        public var band: RiskBand
        /// What is counted.
        public var measure: SprintMisses.Measure
        /// The instant that is spoken of.
        public var asOf: Timestamp
    }

    /// What changes would make of the sprint.
    public struct Answer: Sendable, Hashable {
        /// The sprint.
        public var heading: Heading
        /// Without the changes.
        public var before: Standing
        /// With all of them.
        public var after: Standing
        /// The changed issues in the order of the request, then those that their changes reach.
        public var issues: [IssueMove]
    }

    /// Most issues of one request that are changed.
    public static let changedIssueLimit = 20
    /// The numbers of issues that can be asked for.
    public static let targets = 1...200

    let store: any QueryStore
    let analyst: IssueAnalyst
    let forecasts: any ForecastExplaining
    let turns: TenantTurns
    let executor: RuleTrials.Executor

    /// - Parameters:
    ///   - forecasts: Makes the forecasts of issues as they would be.
    ///   - turns: shared with all that may not run at the same time for a tenant.
    ///   - executor: Where long computations of a tenant run; nil for where everything runs.
    public init(
        store: any QueryStore, analyst: IssueAnalyst, forecasts: any ForecastExplaining,
        turns: TenantTurns, executor: @escaping RuleTrials.Executor
    ) {
        self.store = store
        self.analyst = analyst
        self.forecasts = forecasts
        self.turns = turns
        self.executor = executor
    }

    /// What `changes` would make of the sprint at `now`.
    ///
    /// Throws ``QueryError``, ``RequestError/invalid(_:)`` for a change that cannot be made, and what the store and the engines throw.
    public func answer(
        _ changes: [IssueChanges], to subject: Subject, for principal: Principal, at now: Timestamp
    ) async throws -> Answer {
        let tenant = try principal.tenantToAnalyze(at: now, with: .read)
        let (stage, issues) = try await stage(of: subject, tenantID: tenant.id, now: now)
        let sprint = stage.heading.sprint
        let members = Dictionary(issues.map { ($0.id, $0.key) }, uniquingKeysWith: { first, _ in first })
        return try await withTaskExecutorPreference(executor(tenant.id)) { () async throws -> Answer in
            let found: [IssueAnalyst.WhatIf]
            do {
                found = try await analyst.whatIf(changes, in: sprint, members: members, tenantID: tenant.id, now: now)
            } catch let error as SprintHypothesisError {
                throw RequestError(error)
            }
            var cast = Cast(issues: issues, sprint: sprint)
            for (index, whatIf) in found.enumerated() {
                let move = index < changes.count ? changes[index].changes : []
                cast.take(
                    whatIf, changes: move,
                    before: try await forecasts.forecast(of: whatIf.before, in: whatIf, now: now),
                    after: try await forecasts.forecast(of: whatIf.after, in: whatIf, now: now))
            }
            // The forecasts of both sides are of one instant, and so is what is counted.
            let misses = SprintMisses(of: cast.before, in: sprint, band: subject.band)
            var heading = stage.heading
            heading.measure = misses.measure
            return Answer(
                heading: heading, before: misses.standing(of: cast.before), after: misses.standing(of: cast.after),
                issues: cast.moves(misses))
        }
    }

    // MARK: What is at hand

    /// A sprint, as it is found.
    struct Stage {
        var heading: Heading
        var misses: SprintMisses
    }

    /// The sprint with its open issues as they are stored, by key.
    func stage(
        of subject: Subject, tenantID: TenantID, now: Timestamp
    ) async throws -> (stage: Stage, issues: [SprintMisses.Issue]) {
        let projectKey = subject.projectKey.uppercased()
        let (sprint, _) = try await store.sprint(tenantID, of: projectKey, named: subject.sprintName)
        let open = SprintScope.openIssues(
            of: sprint,
            among: try await store.sprintIssues(tenantID, projectKey: projectKey, sprintID: sprint.id))
        let records = try await store.forecasts(tenantID, of: open.map(\.issue.id))
        let issues = open.map {
            SprintMisses.Issue(
                id: $0.issue.id, key: $0.issue.key, riskScore: $0.riskScore, forecast: records[$0.issue.id]?.forecast)
        }
        let misses = SprintMisses(of: issues, in: sprint, band: subject.band)
        let isWhole = try await store.holdsWholeProject(tenantID, projectKey: projectKey)
        let heading = Heading(
            projectKey: projectKey, sprint: sprint, coverage: isWhole ? .whole : .seen, band: subject.band,
            measure: misses.measure, asOf: now)
        return (Stage(heading: heading, misses: misses), issues)
    }
}

extension SprintMisses {
    /// How the sprint stands with these open issues.
    func standing(of issues: [Issue]) -> SprintWhatIfs.Standing {
        SprintWhatIfs.Standing(
            openIssues: issues.count, misses: Self.shown(expected(issues)), riskyIssues: risky(issues),
            outlook: outlook(of: issues))
    }
}

/// The issues of a sprint at both sides of changes.
private struct Cast {
    private struct Move {
        var key: IssueKey
        var before: SprintWhatIfs.IssueSide
        var after: SprintWhatIfs.IssueSide
        var forecasts: (before: IssueForecast?, after: IssueForecast?)
    }

    let sprint: Sprint
    /// The open ones that are in the sprint.
    private(set) var before: [SprintMisses.Issue]
    private(set) var after: [SprintMisses.Issue]
    private var reached: [Move] = []

    init(issues: [SprintMisses.Issue], sprint: Sprint) {
        self.sprint = sprint
        before = issues
        after = issues
    }

    /// Puts an issue in the place of what is stored of it.
    mutating func take(
        _ whatIf: IssueAnalyst.WhatIf, changes: [HypotheticalChange], before told: IssueForecast?,
        after next: IssueForecast?
    ) {
        let id = whatIf.before.issue.id
        let wasIn =
            before.contains { $0.id == id } || whatIf.before.issue.sprints.contains { $0.id == sprint.id }
        let turn = changes.last { $0 == .addToSprint || $0 == .removeFromSprint }
        let isIn = turn.map { $0 == .addToSprint } ?? wasIn
        func side(_ look: IssueAnalyst.WhatIf.Look, isInSprint: Bool) -> SprintWhatIfs.IssueSide {
            SprintWhatIfs.IssueSide(
                riskScore: look.analysis.riskScore, isInSprint: isInSprint, isOver: look.issue.isOver)
        }
        let move = Move(
            key: whatIf.before.issue.key, before: side(whatIf.before, isInSprint: wasIn),
            after: side(whatIf.after, isInSprint: isIn), forecasts: (told, next))
        Self.replace(id, by: move.before, of: move.key, told, in: &before)
        Self.replace(id, by: move.after, of: move.key, next, in: &after)
        reached.append(move)
    }

    private static func replace(
        _ id: IssueID, by side: SprintWhatIfs.IssueSide, of key: IssueKey, _ forecast: IssueForecast?,
        in issues: inout [SprintMisses.Issue]
    ) {
        issues.removeAll { $0.id == id }
        guard side.isInSprint, !side.isOver else { return }
        issues.append(SprintMisses.Issue(id: id, key: key, riskScore: side.riskScore, forecast: forecast))
    }

    /// What became of the issues, with their probabilities where numbers are given.
    func moves(_ misses: SprintMisses) -> [SprintWhatIfs.IssueMove] {
        reached.map { move in
            var shown = SprintWhatIfs.IssueMove(key: move.key, before: move.before, after: move.after)
            shown.before.percent = misses.answer(of: move.forecasts.before)?.percent
            shown.after.percent = misses.answer(of: move.forecasts.after)?.percent
            return shown
        }
    }
}
