import Alerts
public import Domain
public import RiskEngine

/// What changes would make of an issue, and the least that would lower its score. Nothing is stored and nothing charged.
public struct WhatIfs: Sendable {
    /// The issue at one side of the changes.
    public struct Side: Sendable {
        /// Its analysis as of now.
        public var analysis: Analysis
        /// Its forecast as of now; nil for an issue that is over, and before the tenant has anything to forecast by.
        public var forecast: IssueForecast?
        /// Whether it is done or gone.
        public var isOver: Bool
    }

    /// A rule whose alert the changes would raise or clear.
    public struct RuleChange: Sendable {
        /// One of the tenant's rules.
        public var rule: AlertRule
        /// Whether it would be raised; else it would be cleared.
        public var isRaised: Bool
    }

    /// What changes would make of an issue.
    public struct Answer: Sendable {
        /// Without the changes.
        public var before: Side
        /// With all of them.
        public var after: Side
        /// In the order of their names.
        public var rules: [RuleChange]
    }

    /// Most changes of one request.
    public static let changeLimit = 20
    /// The values that a score can be brought below.
    public static let targets = 1...100

    private let analyst: IssueAnalyst
    private let forecasts: any ForecastExplaining
    private let executor: RuleTrials.Executor

    /// - Parameters:
    ///   - forecasts: Makes the forecasts of both sides.
    ///   - executor: Where long computations of a tenant run; nil for where everything runs.
    public init(
        analyst: IssueAnalyst, forecasts: any ForecastExplaining, executor: @escaping RuleTrials.Executor
    ) {
        self.analyst = analyst
        self.forecasts = forecasts
        self.executor = executor
    }

    /// What `changes` would make of the issue at `now`, in their order.
    ///
    /// Throws ``QueryError``, ``RequestError/invalid(_:)`` for a change that cannot be made, and what the store and the engines throw.
    public func answer(
        _ changes: [HypotheticalChange], on key: IssueKey, for principal: Principal, at now: Timestamp
    ) async throws -> Answer {
        let tenant = try principal.tenantToAnalyze(at: now, with: .read)
        let whatIf: IssueAnalyst.WhatIf?
        do {
            whatIf = try await analyst.whatIf(changes, tenantID: tenant.id, key: key, now: now)
        } catch let error as HypothesisError {
            throw RequestError(error)
        }
        guard let found = whatIf else { throw QueryError.unknownIssue }
        let before = try await side(found.before, of: found, now: now)
        let after = try await side(found.after, of: found, now: now)
        return Answer(
            before: before, after: after,
            rules: Self.ruleChanges(found, before: before, after: after, of: tenant, now: now))
    }

    /// The least that would bring the score of the issue below `below` at `now` or, where that is nil, below the clearing value of
    /// the tenant's rule that is the next one below the score, else below its band.
    ///
    /// Throws ``QueryError``, and what the store and the classifier throw.
    public func remedies(
        of key: IssueKey, below: Int?, for principal: Principal, at now: Timestamp
    ) async throws -> Remedies {
        let tenant = try principal.tenantToAnalyze(at: now, with: .read)
        let remedies = try await withTaskExecutorPreference(executor(tenant.id)) {
            try await analyst.remedies(tenantID: tenant.id, key: key, now: now) { issue, analysis, rules in
                below.map { Remedies.Goal(below: $0, .request) }
                    ?? Self.goal(of: issue, score: analysis.riskScore, rules)
            }
        }
        guard let found = remedies else { throw QueryError.unknownIssue }
        return found
    }

    /// As ``remedies(of:below:for:at:)`` without a value to reach, of an issue that was analysed, at the same instant.
    public func remedies(of found: AnalyzedIssue, for principal: Principal) async throws -> Remedies {
        let tenant = try principal.tenantToAnalyze(at: found.now, with: .read)
        guard tenant.id == found.work.tenant.id else { throw QueryError.unknownIssue }
        let least = try await withTaskExecutorPreference(executor(tenant.id)) {
            try await analyst.remedies(of: found) { issue, analysis, rules in
                Self.goal(of: issue, score: analysis.riskScore, rules)
            }
        }
        guard let remedies = least else { throw QueryError.unknownIssue }
        return remedies
    }

    // MARK: Goals

    /// What is to be reached where nothing is asked for.
    static func goal(of issue: Issue, score: Int, _ rules: [AlertRule]) -> Remedies.Goal {
        let cleared = rules.compactMap { rule -> (below: Int, name: String)? in
            guard rule.isEnabled, rule.projectKeys.isEmpty || rule.projectKeys.contains(issue.projectKey),
                case .threshold(_, let clearBelow) = rule.condition, clearBelow <= score
            else { return nil }
            return (clearBelow, rule.name)
        }
        if let next = cleared.sorted(by: { ($1.below, $0.name) < ($0.below, $1.name) }).first {
            return Remedies.Goal(below: next.below, .rule(next.name))
        }
        // Where the bands of `RiskBand` begin.
        return Remedies.Goal(below: RiskBand(score: score) == .high ? 70 : 40, .band)
    }

    // MARK: Sides

    private func side(
        _ look: IssueAnalyst.WhatIf.Look, of found: IssueAnalyst.WhatIf, now: Timestamp
    ) async throws -> Side {
        Side(
            analysis: look.analysis, forecast: try await forecasts.forecast(of: look, in: found, now: now),
            isOver: look.issue.isOver)
    }

    /// What the planner decides on the changed issue, once it has decided on the issue as it is: what time alone has done is no
    /// change of these.
    private static func ruleChanges(
        _ found: IssueAnalyst.WhatIf, before: Side, after: Side, of tenant: Tenant, now: Timestamp
    ) -> [RuleChange] {
        func decide(
            _ look: IssueAnalyst.WhatIf.Look, _ side: Side, previous: Analysis?, _ states: [AlertState]
        ) -> [AlertState] {
            AlertPlanner().decide(
                tenantID: tenant.id, siteURL: tenant.jiraURL, issue: look.issue, analysis: look.analysis,
                previous: previous, forecast: side.forecast, recentScores: found.work.recentScores,
                rules: found.work.rules, states: states, now: now
            ).states
        }
        let known = found.work.alertStates
        let present = decide(found.before, before, previous: found.work.lastAnalysis, known)
        let states = known.filter { state in !present.contains { $0.ruleID == state.ruleID } } + present
        return decide(found.after, after, previous: before.analysis, states).compactMap { state in
            found.work.rules.first { $0.id == state.ruleID }.map { RuleChange(rule: $0, isRaised: state.isFiring) }
        }
    }
}
