import Domain
import RiskEngine
import TestSupport
import Testing

/// What holds for every issue, tried on many random ones.
@Suite struct AnalysisPropertyTests {
    private static let cases: [RandomIssues.Case] = {
        var source = RandomIssues(seed: 20_261_124)
        return (0..<600).map { _ in source.next() }
    }()

    private func analyze(_ item: RandomIssues.Case, _ scorer: RiskScorer, now: Timestamp? = nil) -> Analysis {
        scorer.analyze(
            item.issue, readings: item.readings, model: "test-1", upstream: item.upstream, recentScores: item.scores,
            tenantDailyRate: 2500, now: now ?? item.now)
    }

    /// P4. A dictionary built in another order has another layout in memory, and the scorer is made anew.
    @Test(arguments: RiskConfiguration.Profile.allCases)
    func theSameInputGivesTheSameBytes(profile: RiskConfiguration.Profile) throws {
        var rng = SeededGenerator(seed: 4)
        let configuration = IssueFixture.configuration(profile)
        let scorer = try RiskScorer(configuration)
        func shuffled<Key, Value>(_ dictionary: [Key: Value], _ rng: inout SeededGenerator) -> [Key: Value] {
            var copy: [Key: Value] = Dictionary(minimumCapacity: dictionary.count * 3)
            for (key, value) in dictionary.shuffled(using: &rng) { copy[key] = value }
            return copy
        }
        for item in Self.cases {
            var other = item
            other.readings = shuffled(item.readings, &rng)
            other.upstream.shuffle(using: &rng)
            var twin = configuration
            twin.roleRates = shuffled(configuration.roleRates, &rng)
            twin.daysByPriority = shuffled(configuration.daysByPriority, &rng)
            twin.categoryPhrases = shuffled(configuration.categoryPhrases, &rng)
            let expected = try CanonicalJSON.encode(analyze(item, scorer))
            #expect(try CanonicalJSON.encode(analyze(item, scorer)) == expected)
            #expect(try CanonicalJSON.encode(analyze(other, try RiskScorer(twin))) == expected)
        }
    }

    /// P6.
    @Test(arguments: RiskConfiguration.Profile.allCases)
    func pointsSumToTheScoreAndCiteTheIssue(profile: RiskConfiguration.Profile) throws {
        let scorer = try RiskScorer(IssueFixture.configuration(profile))
        var withPoints: Set<Factor.Name> = []
        for item in Self.cases {
            let analysis = analyze(item, scorer)
            #expect(analysis.factors.reduce(0) { $0 + $1.points } == analysis.riskScore)
            #expect((0...100).contains(analysis.riskScore))
            #expect(analysis.ownScore <= analysis.riskScore)
            #expect(analysis.ownScore == analysis.riskScore - (analysis.points(.upstream) ?? 0))
            for factor in analysis.factors {
                #expect((0...factor.cap).contains(factor.points))
                #expect(factor.explanation.hasSuffix("."))
                // The mood of comments is cited also where it adds nothing.
                if factor.points > 0 || factor.name != .sentiment {
                    #expect((factor.points > 0) == !factor.evidence.isEmpty)
                }
                #expect((factor.points > 0) == (factor.remedy?.hasSuffix(".") == true))
                #expect(factor.evidence.allSatisfy { Self.exists($0, in: item.issue) })
                if factor.points > 0 { withPoints.insert(factor.name) }
            }
            #expect(analysis.blockers.allSatisfy { Self.exists($0.evidence, in: item.issue) && !$0.categories.isEmpty })
        }
        let expected = profile == .classic ? Set(Factor.Name.allCases.prefix(4)) : Set(Factor.Name.allCases)
        #expect(withPoints == expected, "the random issues must reach every factor")
    }

    private static func exists(_ evidence: Evidence, in issue: Domain.Issue) -> Bool {
        guard evidence.note.map({ $0.count <= 200 }) ?? true else { return false }
        switch evidence.kind {
        case .comment: return issue.comments.contains { $0.id.rawValue == evidence.id }
        case .change: return issue.changes.contains { $0.id.rawValue == evidence.id }
        case .link: return issue.links.contains { $0.id.rawValue == evidence.id }
        case .field:
            return ["created", "updated", "duedate", "sprint", "status", "assignee", "priority"].contains(evidence.id)
        }
    }

    @Test(arguments: RiskConfiguration.Profile.allCases)
    func theScoreRestsUntilTheNextChangeAndDiffersThen(profile: RiskConfiguration.Profile) throws {
        let scorer = try RiskScorer(IssueFixture.configuration(profile))
        var rng = SeededGenerator(seed: 11)
        func points(_ analysis: Analysis) -> [Int] { analysis.factors.map(\.points) }
        var changing = 0
        for item in Self.cases {
            let analysis = analyze(item, scorer)
            let next = analysis.nextChangeAt
            if let next {
                changing += 1
                #expect(next > item.now)
                #expect(points(analyze(item, scorer, now: next)) != points(analysis))
                #expect(points(analyze(item, scorer, now: next.adding(milliseconds: -1))) == points(analysis))
            }
            let end = next ?? item.now.adding(days: 1000)
            for _ in 0..<12 {
                let instant = Timestamp(
                    milliseconds: Int64.random(in: item.now.milliseconds..<end.milliseconds, using: &rng))
                #expect(analyze(item, scorer, now: instant).riskScore == analysis.riskScore)
            }
        }
        #expect(changing > 100)
    }

    /// What a lead expects: each of these can only add to a score.
    @Test func moreOverdueMoreSilenceMoreAgeAndAHigherPriorityNeverLowerAScore() throws {
        let scorer = try RiskScorer(.default)
        var rng = SeededGenerator(seed: 3)
        let worse: [(String, (inout Domain.Issue, Int) -> Void)] = [
            (
                "due earlier",
                { issue, days in issue.dueDate = issue.dueDate.map { $0.startUTC.adding(days: -days).utcDay } }
            ),
            (
                "silent for longer",
                { issue, days in
                    issue.updated = issue.updated.adding(days: -days)
                    issue.activeAt = issue.activeAt.adding(days: -days)
                }
            ),
            ("created earlier", { $0.created = $0.created.adding(days: -$1) }),
        ]
        var changed = 0
        for item in Self.cases {
            let before = analyze(item, scorer).riskScore
            for (what, change) in worse {
                var other = item
                change(&other.issue, Int.random(in: 1...500, using: &rng))
                let after = analyze(other, scorer).riskScore
                #expect(after >= before, "\(what)")
                changed += after == before ? 0 : 1
            }
            let byPriority = ["Lowest", "Low", "Medium", "High", "Highest"].map { priority in
                var other = item
                other.issue.priority = priority
                return analyze(other, scorer).riskScore
            }
            #expect(byPriority == byPriority.sorted())
            changed += byPriority.first == byPriority.last ? 0 : 1
        }
        #expect(changed > 1000)
    }

    /// Likelihood, escalation and action say what the score says.
    @Test func theRecommendationFollowsFromTheScore() throws {
        let scorer = try RiskScorer(.default)
        var seen: [RiskBand: Int] = [:]
        for item in Self.cases {
            let analysis = analyze(item, scorer)
            let predictions = analysis.predictions
            seen[analysis.band, default: 0] += 1
            #expect(predictions.escalationNeeded == (analysis.band == .high))
            let remedies = analysis.factors.compactMap(\.remedy)
            switch analysis.band {
            case .high:
                #expect(predictions.completionLikelihood == "low")
                #expect(remedies.contains { predictions.recommendedAction == "Escalate to leadership: \($0)" })
            case .medium:
                #expect(predictions.completionLikelihood == "medium")
                #expect(remedies.contains(predictions.recommendedAction))
            case .low:
                let isPlanned = analysis.blockers.isEmpty && (analysis.points(.dueDate) ?? 0) < 32
                #expect((predictions.completionLikelihood == "high") == isPlanned)
            }
        }
        #expect(seen.values.allSatisfy { $0 > 10 } && seen.count == 3)
    }

    @Test func oneMoreNegativeCommentAddsFewPointsOfSentiment() throws {
        let scorer = try RiskScorer(.default)
        for item in Self.cases where !item.issue.isDeleted {
            var other = item
            other.issue.comments.append(
                Domain.Comment(id: "999", author: nil, body: "noted", created: item.now, updated: item.now))
            other.readings["999"] = IssueFixture.negative
            let before = try #require(analyze(item, scorer).points(.sentiment))
            let after = try #require(analyze(other, scorer).points(.sentiment))
            #expect(after - before <= 4)
        }
    }

    @Test func aHigherCapNeverLowersAScoreAndACapOfZeroSilencesAFactor() throws {
        let paths: [(WritableKeyPath<RiskConfiguration.Caps, Int>, Factor.Name)] = [
            (\.sentiment, .sentiment), (\.blockers, .blockers), (\.age, .age), (\.staleness, .staleness),
            (\.dueDate, .dueDate), (\.churn, .churn), (\.progress, .progress), (\.owner, .owner),
            (\.priority, .priority),
            (\.upstream, .upstream),
        ]
        for (path, name) in paths {
            let scorers = try [0, 3, 8, 14].map { cap in
                var configuration = RiskConfiguration.default
                // So that 100 cuts none of them.
                configuration.caps.dueDate = 10
                configuration.caps.blockers = 10
                configuration.caps[keyPath: path] = cap
                return try RiskScorer(configuration)
            }
            for item in Self.cases.prefix(200) {
                let points = scorers.map { analyze(item, $0).points(name) ?? -1 }
                #expect(points.first == 0)
                #expect(points == points.sorted())
            }
        }
    }
}
