public import Alerts
public import Domain
public import RiskEngine

/// Says what made the score of an issue another, for messages: by the same attribution as `GET …/diff`, and with the same least set as
/// `GET …/remedies`. Nothing is stored or charged.
public struct AlertStories: Sendable {
    private let analyst: IssueAnalyst
    private let executor: RuleTrials.Executor
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - executor: Where long computations of a tenant run; nil for where everything runs.
    ///   - now: the trusted clock.
    public init(
        analyst: IssueAnalyst, executor: @escaping RuleTrials.Executor, now: @escaping @Sendable () -> Timestamp
    ) {
        self.analyst = analyst
        self.executor = executor
        self.now = now
    }

    /// What made the score of a raised alert's issue another since `told` or, where that is nil, since the score that the alert compares
    /// with; with the least that would lower it where `wantsLeast` says so. Nil where the scores of then and now are not those that the
    /// alerts name: more was learned since, or the rules are others. Throws what the store and the classifier throw.
    public func story(of alert: Alert, told: Alert?, wantsLeast: Bool) async throws -> AlertStory? {
        guard let issue = alert.issue, alert.event == .raised else { return nil }
        let (tenantID, to) = (alert.tenantID, min(alert.createdAt, now()))
        return try await withTaskExecutorPreference(executor(tenantID)) { () async throws -> AlertStory? in
            guard let from = try await beginning(of: alert, issue, told: told), from.at < to,
                let found = try await walk(over: issue.issueKey, tenantID: tenantID, from: from.at, to: to),
                found.from.score == from.score, found.to.score == issue.score
            else { return nil }
            var story = AlertStory(since: from.at, before: from.score, parts: found.storyParts(quotes: true))
            if wantsLeast { story.least = try await least(for: issue, tenantID: tenantID) }
            return story
        }
    }

    /// What moved the score of an issue most between two instants, in one line; nil where the scores of then and now are not `scores`, and
    /// where nothing moved it. A digest is stored, so no comment is quoted: an erasure would not find it there (decision 0052). Throws what
    /// the store and the classifier throw.
    public func movement(
        of key: IssueKey, tenantID: TenantID, from: Timestamp, to: Timestamp, scores: (before: Int, after: Int)
    ) async throws -> String? {
        try await withTaskExecutorPreference(executor(tenantID)) { () async throws -> String? in
            let end = min(to, now())
            guard from < end, let found = try await walk(over: key, tenantID: tenantID, from: from, to: end),
                found.from.score == scores.before, found.to.score == scores.after
            else { return nil }
            let isRise = scores.after > scores.before
            guard let part = found.storyParts(quotes: false).first(where: { ($0.points > 0) == isRise }) else {
                return nil
            }
            return "\(part.text) (\(part.points < 0 ? "−" : "+")\(abs(part.points)))"
        }
    }

    /// The instant and the score that the channel knows of.
    private func beginning(
        of alert: Alert, _ issue: IssueAlert, told: Alert?
    ) async throws -> (at: Timestamp, score: Int)? {
        if let told, let before = told.issue { return (told.createdAt, before.score) }
        guard let score = issue.previousScore else { return nil }
        let at = try await analyst.instant(
            ofScore: score, issueID: issue.issueID, tenantID: alert.tenantID, before: alert.createdAt)
        return at.map { ($0, score) }
    }

    /// Nil where too much happened, or nothing is known of the issue.
    private func walk(
        over key: IssueKey, tenantID: TenantID, from: Timestamp, to: Timestamp
    ) async throws -> ScoreDifference? {
        do {
            return try await analyst.pastDifference(
                tenantID: tenantID, key: key, from: from, to: to, now: max(to, now()))?.difference
        } catch is PastError {
            return nil
        }
    }

    /// Nil where the issue has become another since the alert.
    private func least(
        for issue: IssueAlert, tenantID: TenantID
    ) async throws -> AlertStory.Least? {
        let remedies = try await analyst.remedies(
            tenantID: tenantID, key: issue.issueKey, now: now()
        ) { known, analysis, rules in
            if issue.ruleKind == .spike, let before = issue.previousScore, before < 100 {
                return Remedies.Goal(below: before + 1, .request)
            }
            return WhatIfs.goal(of: known, score: analysis.riskScore, rules)
        }
        return remedies.flatMap { found in
            guard found.analysis.riskScore == issue.score else { return nil }
            return AlertStory.Least(
                actions: found.actions.map(\.sentence), below: found.goal.below, score: found.score)
        }
    }
}

extension ScoreDifference {
    /// What happened, each instant by itself, and what time did as one part; the largest first. Parts without points are left out.
    fileprivate func storyParts(quotes: Bool) -> [AlertStory.Part] {
        let events = parts.filter { !$0.events.isEmpty }.map { part in
            AlertStory.Part(points: part.points, at: part.at, text: Self.words(for: part.events, quotes: quotes))
        }
        let moves = parts.filter(\.events.isEmpty).flatMap(\.moves)
        let changes = Factor.Name.allCases.compactMap { name -> String? in
            let points = moves.filter { $0.factor == name }.reduce(0) { $0 + $1.change }
            return points == 0 ? nil : "\(name.title) \(points < 0 ? "−" : "+")\(abs(points))"
        }
        let time = AlertStory.Part(
            points: moves.reduce(0) { $0 + $1.change }, text: "time alone: \(changes.joined(separator: ", "))")
        return (events + [time]).filter { $0.points != 0 }.enumerated()
            .sorted { a, b in
                let (one, other) = (abs(a.element.points), abs(b.element.points))
                return one == other ? a.offset < b.offset : one > other
            }
            .map(\.element)
    }

    /// Events that are named of one instant.
    private static var namedEvents: Int { 3 }

    private static func words(for events: [Event], quotes: Bool) -> String {
        let named = events.prefix(namedEvents).map { $0.words(quotes: quotes) }.joined(separator: "; ")
        return events.count > namedEvents ? "\(named) and \(events.count - namedEvents) more" : named
    }
}

extension ScoreDifference.Event {
    /// The fields whose values are named: what people write into others may be long, or not for everybody.
    private static var namedFields: Set<String> {
        ["status", "assignee", "priority", "duedate", "sprint", "flagged", "resolution", "story points", "link"]
    }

    /// `Ada Nowak: status To Do → Blocked`.
    ///
    /// - Parameter quotes: whether comments are quoted.
    fileprivate func words(quotes: Bool) -> String { (who.map { "\($0): " } ?? "") + what(quotes ? text : nil) }

    private func what(_ quotation: String?) -> String {
        let change = "\(from ?? "none") → \(to ?? "none")"
        return switch kind {
        case .created: "created"
        case .change:
            Self.namedFields.contains(field?.lowercased() ?? "")
                ? "\(field ?? "") \(change)" : "\(field ?? "a field") changed"
        case .comment: quotation.map { "comment “\($0)”" } ?? "comment"
        case .commentEdit: quotation.map { "comment edited: “\($0)”" } ?? "comment edited"
        case .link: field.map { "\($0) \(change)" } ?? "link: \(to ?? "")"
        case .sprint: "sprint \(text ?? "")"
        case .blockingIssue: "own score of \(issueKey.map { "\($0)" } ?? "a blocking issue") \(change)"
        case .activity: "logged work or other activity"
        }
    }
}
