import Domain

/// The alerts of a run: each look is decided on with what was firing after the look before.
struct AlertRun {
    let decide:
        (
            _ issue: Issue, _ analysis: Analysis, _ previous: Analysis?, _ forecast: IssueForecast?,
            _ scores: [ScorePoint], _ rules: [AlertRule], _ states: [AlertState], _ now: Timestamp
        ) -> AlertDecision
    /// Those about the score, which every look is decided on by, and those about the forecast, which is as of now only.
    private let (scoreRules, forecastRules): ([AlertRule], [AlertRule])
    private(set) var states: [AlertState]
    private(set) var decision = AlertDecision()
    private var consideredAt: Timestamp?

    init(
        decide:
            @escaping (
                Issue, Analysis, Analysis?, IssueForecast?, [ScorePoint], [AlertRule], [AlertState], Timestamp
            ) -> AlertDecision,
        rules: [AlertRule], states: [AlertState]
    ) {
        self.decide = decide
        scoreRules = rules.filter { $0.condition.kind != .forecast }
        forecastRules = rules.filter { $0.condition.kind == .forecast }
        self.states = states
    }

    func hasConsidered(_ analysis: Analysis?) -> Bool { consideredAt != nil && consideredAt == analysis?.asOf }

    /// Decides on the newest look of `run`.
    ///
    /// Events of one instant that were applied in separate commits give several looks of that instant. An alert is known by
    /// its instant: one that follows another there is given the next millisecond, or it would be taken for the first.
    mutating func consider(_ run: RescoreRun, before: Analysis?, scores: [ScorePoint]) {
        guard let issue = run.issue, let analysis = run.newest else { return }
        consideredAt = analysis.asOf
        let ruleIDs = Set(scoreRules.map(\.id))
        let changedAt = states.filter { ruleIDs.contains($0.ruleID) }.map(\.since).max()
        let at = changedAt.map { max(analysis.asOf, $0.adding(milliseconds: 1)) } ?? analysis.asOf
        take(decide(issue, analysis, before, nil, scores, scoreRules, states, at))
    }

    /// Decides on a forecast, beside the newest look of `run`. What is raised is decided on again with the forecast that
    /// `explained` gives, for the reasons to be in the alert.
    mutating func consider(
        _ forecast: IssueForecast?, _ run: RescoreRun, before: Analysis?, now: Timestamp,
        explained: () async -> IssueForecast?
    ) async {
        guard !forecastRules.isEmpty, let issue = run.issue, let analysis = run.newest else { return }
        var decided = decide(issue, analysis, before, forecast, [], forecastRules, states, now)
        if decided.alerts.contains(where: { $0.event == .raised }), let explained = await explained() {
            decided = decide(issue, analysis, before, explained, [], forecastRules, states, now)
        }
        take(decided)
    }

    private mutating func take(_ decided: AlertDecision) {
        decision.alerts += decided.alerts
        for state in decided.states {
            states.removeAll { $0.ruleID == state.ruleID }
            states.append(state)
            decision.states.removeAll { $0.ruleID == state.ruleID }
            decision.states.append(state)
        }
    }
}
