public import Domain
public import RiskEngine

extension SprintWhatIfs {
    /// The least that would bring down how many issues of a sprint are expected to miss its end.
    public struct Least: Sendable, Hashable {
        /// The sprint.
        public var heading: Heading
        /// Issues that are in it and not done.
        public var openIssues: Int
        /// How many of them are expected to miss its end, to one decimal.
        public var misses: Double
        /// The number to get below.
        public var below: Int
        /// The fewest actions that get there and, among those, the ones with the least effort; where no set does, those that bring it
        /// down most.
        public var actions: [SprintRemedyProblem.Action]
        /// How many are expected to miss its end after them, to one decimal.
        public var missesAfter: Double
        /// How many actions there are.
        public var considered: Int
        /// For how many issues actions were looked for.
        public var consideredIssues: Int

        /// Whether the actions bring the number below the one that is asked for.
        public var isReached: Bool { missesAfter < Double(below) }
    }

    /// The least that would bring the expected misses of the sprint below `below` at `now`.
    ///
    /// Actions are looked for of ``RiskEngine/SprintRemedyProblem/issueLimit`` open issues, those that are expected to miss most. One search
    /// of a tenant runs at a time. Throws ``QueryError``, `.computationUnderWay` where it would be a second one, and what the store and the engines throw.
    public func remedies(
        of subject: Subject, below: Int, for principal: Principal, at now: Timestamp
    ) async throws -> Least {
        let tenant = try principal.tenantToAnalyze(at: now, with: .read)
        let (stage, issues) = try await stage(of: subject, tenantID: tenant.id, now: now)
        return try await turns.run(for: tenant.id) {
            try await withTaskExecutorPreference(executor(tenant.id)) { () async throws -> Least in
                try await search(issues, of: stage, below: below, tenantID: tenant.id, now: now)
            }
        }
    }

    private func search(
        _ issues: [SprintMisses.Issue], of stage: Stage, below: Int, tenantID: TenantID, now: Timestamp
    ) async throws -> Least {
        let misses = stage.misses
        let problem = try await analyst.sprintRemedies(
            of: worst(of: issues, by: misses).map(\.key), tenantID: tenantID, now: now)
        var members: [SprintRemedySearch.Member] = []
        for member in problem.members {
            members.append(
                SprintRemedySearch.Member(
                    options: try await options(of: member, by: misses, now: now), endedBy: member.endedBy))
        }
        let known = Set(problem.members.map(\.issueID))
        let fixed = misses.expected(issues.filter { !known.contains($0.id) })
        let present = members.reduce(fixed) { sum, member in sum + (member.options.first?.misses ?? 0) }
        let search = SprintRemedySearch(
            efforts: problem.actions.map(\.action.effort), shared: Array(0..<problem.sharedCount), members: members,
            fixed: fixed)
        let found = search.least(below: SprintMisses.target(below: below))
        return Least(
            heading: stage.heading, openIssues: issues.count, misses: SprintMisses.shown(present), below: below,
            actions: found.positions.map { problem.actions[$0] }, missesAfter: SprintMisses.shown(found.misses),
            considered: problem.actions.count, consideredIssues: problem.members.count)
    }

    /// The issues that are expected to miss most, and among those the riskiest.
    private func worst(of issues: [SprintMisses.Issue], by misses: SprintMisses) -> [SprintMisses.Issue] {
        func order(_ issue: SprintMisses.Issue) -> (Int, Int) {
            (misses.expected(riskScore: issue.riskScore, forecast: issue.forecast), issue.riskScore ?? -1)
        }
        let sorted = issues.sorted { a, b in
            let (first, second) = (order(a), order(b))
            return first == second ? a.key < b.key : first > second
        }
        return Array(sorted.prefix(SprintRemedyProblem.issueLimit))
    }

    /// What each set of an issue's actions leaves to be expected of it, the empty set first. Where there is nothing to bring down, no
    /// other set is looked at.
    private func options(
        of member: SprintRemedyProblem.Member, by misses: SprintMisses, now: Timestamp
    ) async throws -> [SprintRemedySearch.Option] {
        var options: [SprintRemedySearch.Option] = []
        for set in member.sets {
            try Task.checkCancellation()
            guard let outcome = member.outcome(after: set) else { continue }
            // A band needs no forecast.
            let forecast =
                misses.measure == .band ? nil : try await forecasts.forecast(of: outcome, in: member, now: now)
            let expected = misses.expected(riskScore: outcome.riskScore, forecast: forecast)
            options.append(SprintRemedySearch.Option(positions: member.places(of: set), misses: expected))
            if set.isEmpty, expected == 0 { break }
        }
        return options.isEmpty ? [SprintRemedySearch.Option(positions: [], misses: 0)] : options
    }
}
