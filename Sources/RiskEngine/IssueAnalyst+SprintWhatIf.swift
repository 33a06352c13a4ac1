public import Domain

/// Changes of one issue, where several are changed at once.
public struct IssueChanges: Sendable, Hashable {
    /// The issue.
    public var key: IssueKey
    /// In their order.
    public var changes: [HypotheticalChange]

    public init(key: IssueKey, changes: [HypotheticalChange]) {
        self.key = key
        self.changes = changes
    }
}

/// Why changes to several issues cannot be made.
public struct SprintHypothesisError: Error, Sendable, Hashable {
    /// Which of the issues, from 0.
    public var issue: Int
    /// The change of it; nil where nothing is known of the issue.
    public var change: HypothesisError?
}

extension IssueAnalyst {
    /// What changes to several issues at once would make of them at `now`, and of those of `members` that wait for them: each as
    /// ``whatIf(_:tenantID:key:now:)`` tells it, with what the others have become. The changed ones come first, in their order.
    ///
    /// What an issue passes on goes on through issues that are changed or are members, and not through others. Throws
    /// ``SprintHypothesisError``, and what the store and the classifier throw.
    ///
    /// - Parameters:
    ///   - sprint: the sprint that changes speak of.
    ///   - members: the open issues of the sprint.
    public func whatIf(
        _ changed: [IssueChanges], in sprint: Sprint, members: [IssueID: IssueKey], tenantID: TenantID, now: Timestamp
    ) async throws -> [WhatIf] {
        try await sharedReadings.withHold { hold -> [WhatIf] in
            var net = HypothesisNet(members: members)
            for (index, item) in changed.enumerated() {
                let known = try await node(of: item.key, sprint: sprint, tenantID: tenantID, now: now, hold: hold)
                guard var changing = known else { throw SprintHypothesisError(issue: index, change: nil) }
                for (place, change) in item.changes.enumerated() {
                    let upstream = changing.before.upstream
                    if let problem = changing.found.hypothesis.make(change, known: upstream) {
                        throw SprintHypothesisError(
                            issue: index, change: HypothesisError(index: place, problem: problem))
                    }
                }
                net.add(changing)
            }
            while let key = net.takeNext() {
                let known = try await node(of: key, sprint: sprint, tenantID: tenantID, now: now, hold: hold)
                if let known { net.add(known) }
            }
            net.finishIssues()
            for index in net.nodes.indices { try await read(&net.nodes[index], now: now, hold: hold) }
            net.passOn(by: scorer, now: now)
            return net.nodes.compactMap { sides(of: $0, now: now) }
        }
    }

    /// What can be done about open issues of a sprint; those that are over, or of which nothing is known, are left out. Throws what the
    /// store and the classifier throw.
    public func sprintRemedies(
        of keys: [IssueKey], tenantID: TenantID, now: Timestamp
    ) async throws -> SprintRemedyProblem {
        try await sharedReadings.withHold { hold -> SprintRemedyProblem in
            var parts: [SprintRemedyProblem.Part] = []
            for key in keys {
                try Task.checkCancellation()
                guard let found = try await load(tenantID: tenantID, key: key, now: now), !found.issue.isOver else {
                    continue
                }
                let (input, readings) = try await self.input(of: found.issue, work: found.work, now: now, hold: hold)
                let actions = RemedyProblem.find(
                    for: found.hypothesis, input: input, analysis: scorer.analyze(input, now: now),
                    atMost: SprintRemedyProblem.actionLimit, blocking: SprintRemedyProblem.blockingLimit)
                guard let texts = RemedyProblem.issueWithAllTexts(actions, of: found.hypothesis) else { continue }
                let (read, _) = try await self.input(
                    of: texts, work: found.work, now: now, known: readings, hold: hold)
                parts.append(SprintRemedyProblem.Part(found: found, actions: actions, input: read))
            }
            return SprintRemedyProblem(parts)
        }
    }

    private func node(
        of key: IssueKey, sprint: Sprint, tenantID: TenantID, now: Timestamp, hold: ReadingHold
    ) async throws -> HypothesisNet.Node? {
        guard let found = try await load(tenantID: tenantID, key: key, sprint: sprint, now: now) else { return nil }
        let (before, readings) = try await input(of: found.issue, work: found.work, now: now, hold: hold)
        return HypothesisNet.Node(key: key, found: found, before: before, after: before, readings: readings)
    }

    /// Looks up what is known of the changed issue.
    private func read(_ node: inout HypothesisNet.Node, now: Timestamp, hold: ReadingHold) async throws {
        let hypothesis = node.found.hypothesis
        guard let issue = hypothesis.issue else { return }
        let (after, _) = try await input(
            of: issue, work: node.found.work, now: now, known: node.readings, hold: hold)
        node.after = after
        node.after.upstream = hypothesis.upstream(after.upstream, of: issue)
    }

    private func sides(of node: HypothesisNet.Node, now: Timestamp) -> WhatIf? {
        guard let state = node.initialState else { return nil }
        let found = node.found
        return WhatIf(
            work: found.work, sprintRecords: found.sprintRecords,
            before: look(at: node.before, state, of: found.work, now: now),
            after: look(at: node.after, found.hypothesis.state, of: found.work, now: now))
    }
}
