import Domain
import TestSupport
import Testing

@testable import Forecast

struct ExplanationTests {
    @Test func whatEachGroupAddsAloneIsItsValue() {
        let effects = (0..<9).map { Double($0) - 3.5 }
        let values = (0..<512).map { (set: Int) -> Double in
            var sum = 0.25
            for group in 0..<9 where set & (1 << group) != 0 { sum += effects[group] }
            return sum
        }
        for (value, effect) in zip(GroupShapley.values(values), effects) { #expect(isClose(value, effect, 1e-9)) }
    }

    @Test func whatTwoGroupsAddTogetherIsShared() {
        // Worth 1 only with groups 2 and 5.
        let values = (0..<512).map { $0 & 0b100100 == 0b100100 ? 1.0 : 0 }
        let shares = GroupShapley.values(values)
        for group in 0..<9 { #expect(isClose(shares[group], group == 2 || group == 5 ? 0.5 : 0)) }
    }

    @Test func valuesSumToTheWhole() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<20 {
            let values = (0..<512).map { _ in Double.random(in: 0...1, using: &random) }
            #expect(isClose(GroupShapley.values(values).reduce(0, +), values[511] - values[0], 1e-12))
        }
    }

    @Test func mixturesTakeWholeGroups() {
        let (issue, reference) = (
            [Float](repeating: 1, count: Feature.count), [Float](repeating: 0, count: Feature.count)
        )
        let mixtures = GroupShapley.mixtures(of: issue, with: reference)
        #expect(mixtures[0] == reference)
        #expect(mixtures[511] == issue)
        let ages = Feature.allCases.map { $0.group == .age ? Float(1) : 0 }
        #expect(mixtures[1 << FactorGroup.age.rawValue] == ages)
    }

    @Test func shownPointsSumToTheShownNumber() {
        var random = SeededGenerator(seed: 12)
        for _ in 0..<2000 {
            let groups = (0..<9).map { _ in
                Double.random(in: Bool.random(using: &random) ? -0.2...0.2 : -0.012...0.012, using: &random)
            }
            let typical = Double.random(in: 0...1, using: &random)
            let probability = min(max(typical + groups.reduce(0, +), 0), 1)
            let explanation = ForecastExplanation(
                GroupContributions(probability: probability, typical: typical, groups: groups))
            let sum = explanation.typical + explanation.other + explanation.parts.reduce(0) { $0 + $1.points }
            #expect(sum == explanation.percent)
            #expect(explanation.percent == ShownProbability.percent(probability))
            for part in explanation.parts {
                let exact = groups[part.group.rawValue] * 100
                #expect(abs(exact) >= 1 && abs(Double(part.points) - exact) <= 1, "\(exact) shown as \(part.points)")
            }
        }
    }

    @Test func groupsUnderOnePointAreOther() {
        let groups = [0.10, 0.009, 0.007, -0.03, 0, 0, 0, 0, 0]
        let explanation = ForecastExplanation(GroupContributions(probability: 0.586, typical: 0.5, groups: groups))
        #expect(explanation.percent == 60)
        #expect(explanation.parts.map(\.group) == [.age, .owner])
        #expect(explanation.parts.map(\.points) == [10, -3])
        #expect(explanation.other == 3, "1.6 of two groups, and 1.4 of rounding the number")
    }

    @Test func aModelsPointsSumToItsProbability() throws {
        let tenant = SyntheticTenant(issues: 200)
        let model = try HazardTraining().model(of: tenant.grid, cut: tenant.end, finished: 100)
        #expect(model.reference.vectors.count == 16)
        let predictor = try model.predictor()
        let explainer = ForecastExplainer(model, predictor)
        for observed in tenant.grid.prefix(3) {
            let deadline = observed.sample.at.adding(days: 40)
            let contributions = try #require(try explainer.contributions(of: observed.sample, deadline: deadline))
            let probability = try predictor.curve(of: observed.sample).survival(days: 40)
            #expect(isClose(contributions.probability, probability, 1e-12))
            #expect(isClose(contributions.typical + contributions.groups.reduce(0, +), probability, 1e-12))
            #expect(isClose(contributions.groups[FactorGroup.churn.rawValue], 0, 1e-12), "no feature of it is known")
            #expect(try explainer.contributions(of: observed.sample, deadline: deadline) == contributions)
            #expect(try explainer.contributions(of: observed.sample, deadline: observed.sample.at) == nil)
        }
    }

    /// Issues that are blocked: most of those whose blockers are closed are done soon, the others stay.
    private func blocked(_ count: Int) -> [ObservedSample] {
        (0..<count).flatMap { number -> [ObservedSample] in
            let closed = number % 2 == 0
            return [(0, Float(2)), (21, closed ? 0 : 2)].map { day, open in
                let sample = SyntheticTenant.sample([.blockers: 2, .openBlockers: open], issue: "\(number)", day: day)
                let done = Timestamp(milliseconds: 0).adding(days: closed && number % 10 != 0 ? 40 : 600)
                return ObservedSample(
                    sample: sample,
                    outcome: Outcome(done: done, observedUntil: Timestamp(milliseconds: 0).adding(days: 900)))
            }
        }
    }

    @Test func supportCountsIssuesThatWereSo() throws {
        let cut = Timestamp(milliseconds: 0).adding(days: 900)
        let support = CounterfactualSupport.all(in: blocked(100), cut: cut)
        let usual = try #require(support.first { $0.question == "usual" })
        #expect((usual.samples, usual.late) == (50, 10))
        #expect(isClose(try #require(usual.difference), -0.8))
        #expect(usual.allows(from: 0.8, to: 0.5))
        #expect(!usual.allows(from: 0.5, to: 0.8), "real issues moved the other way")
        let few = try #require(CounterfactualSupport.all(in: blocked(98), cut: cut).first)
        #expect(few.samples == 49)
        #expect(!few.allows(from: 0.8, to: 0.5))
    }

    #if HAS_XGBOOST
        @Test func closedBlockersAreOfferedOnlyWithSupport() throws {
            let samples = blocked(240)
            let model = try HazardTraining().model(
                of: samples, cut: Timestamp(milliseconds: 0).adding(days: 900), finished: 200)
            let explainer = ForecastExplainer(model, try model.predictor())
            let open = samples[3].sample
            let offer = try #require(try explainer.blockersClosed(open, question: .usual, support: model.support))
            #expect(offer.support.samples == 120)
            let now = try model.predictor().survival([open.features], days: 79)[0]
            #expect(offer.percent < ShownProbability.percent(now))
            #expect(try explainer.blockersClosed(open, question: .usual, support: []) == nil)
            #expect(try explainer.blockersClosed(samples[1].sample, question: .usual, support: model.support) == nil)
        }
    #endif
}
