import Domain
import TestSupport

@testable import Forecast

/// Issues whose pace is known from one feature, `priority`: done after an exponential time with a mean of 5 to 405 days.
struct SyntheticTenant {
    var grid: [ObservedSample] = []
    var lifetimes: [IssueLifetime] = []
    let end: Timestamp

    /// - Parameter tells: Whether the pace can be seen; else outcomes are unrelated to features.
    init(issues: Int = 600, days: Int = 1200, seed: UInt64 = 1, tells: Bool = true) {
        var random = SeededGenerator(seed: seed)
        end = Timestamp(milliseconds: 0).adding(days: days)
        for number in 0..<issues {
            let created = Timestamp(milliseconds: 0).adding(
                fractionalDays: Double.random(in: 0..<Double(days), using: &random))
            let pace = Double.random(in: 0...1, using: &random)
            let mean = tells ? 5 + 400 * pace * pace : 100
            let life = -mean * Mathematics.log(Double.random(in: 1e-9...1, using: &random))
            let finished = created.adding(fractionalDays: life)
            let done = finished <= end ? finished : nil
            lifetimes.append(IssueLifetime(created: created, done: done, observedUntil: end))
            var at = CalendarDay(daysSinceEpoch: created.utcDay.daysSinceEpoch + 1).startUTC
            while at <= end, at < finished {
                var features = [Float](repeating: .nan, count: Feature.count)
                features[Feature.age.column] = Float(at.days(since: created))
                features[Feature.priority.column] = Float(5 * pace)
                features[Feature.summaryLength.column] = Float.random(in: 10..<80, using: &random)
                features[Feature.changes7.column] = Float(Int.random(in: 0..<3, using: &random))
                let sample = Sample(
                    issue: IssueID("\(1000 + number)"), project: "P", at: at, created: created, features: features,
                    usual: 150,
                    usualCount: 100)
                grid.append(ObservedSample(sample: sample, outcome: Outcome(done: done, observedUntil: end)))
                at = at.adding(days: 28)
            }
        }
    }

    func input() -> BacktestInput {
        let grid = grid
        return BacktestInput(grid: grid, lifetimes: lifetimes, end: end) { cut in grid.filter { $0.sample.at <= cut } }
    }

    /// A sample of nothing but its features.
    static func sample(_ values: [Feature: Float] = [:], issue: String = "1", day: Int = 0) -> Sample {
        var sample = Sample(
            issue: IssueID(issue), project: "P", at: Timestamp(milliseconds: 0).adding(days: day),
            created: Timestamp(milliseconds: 0), features: [Float](repeating: .nan, count: Feature.count), usual: 100,
            usualCount: 50)
        for (feature, value) in values { sample[feature] = value }
        return sample
    }
}
