import Domain
import Foundation
import RiskEngine
import Store

/// What the questions about a score cost in a real store, beside one analysis of the same issue: what changed it in the last year, and the
/// least that would lower it. Wall clock, one question at a time, with nothing else in the process; readings are in the cache.
struct WhyTrial {
    /// How long one question took, in milliseconds, and how many analyses of the same issue take as long.
    private struct Sample {
        var milliseconds: Double
        var analyses: Double
    }

    /// How far the difference looks back.
    private static let days = 365
    /// Analyses of each issue, the fastest of which counts.
    private static let laps = 5

    private let stream: Stream
    private let trial: RescoreTrial

    init(_ stream: Stream, count: Int) async throws {
        self.stream = stream
        trial = try await RescoreTrial(stream, count: count, takesFinished: true)
    }

    func run() async throws {
        try await trial.fill()
        let analyst = IssueAnalyst(
            store: trial.store, scorer: stream.scorer, classifiers: ClassifierSlot(WordListClassifier()))
        var (analyses, walks, wholeYears, searches) = ([Sample](), [Sample](), [Sample](), [Sample]())
        var (events, refused) = ([Double](), 0)
        for past in trial.taken {
            // The last year in which something happened to the issue.
            let now = past.issue.updated.adding(days: 1)
            let from = now.adding(days: -Self.days)
            let (key, tenant) = (past.issue.key, trial.tenant)
            guard let base = try await analysis(of: key, by: analyst, now: now) else { continue }
            analyses.append(Sample(milliseconds: base, analyses: 1))
            do {
                let spent = try await milliseconds {
                    _ = try await analyst.pastDifference(tenantID: tenant, key: key, from: from, to: now, now: now)
                }
                let sample = Sample(milliseconds: spent, analyses: spent / base)
                walks.append(sample)
                if past.issue.created <= from { wholeYears.append(sample) }
                events.append(Double(Self.happenings(of: past.issue, after: from)))
            } catch is PastError {
                refused += 1
            }
            let spent = try await milliseconds {
                _ = try await analyst.remedies(tenantID: tenant, key: key, now: now) { _, _, _ in
                    // Below 1, so that every set is looked at where not all points can be taken off.
                    Remedies.Goal(below: 1, .request)
                }
            }
            searches.append(Sample(milliseconds: spent, analyses: spent / base))
        }
        print(
            "events in \(Self.days) days: p50 \(Int(Self.percentile(0.5, of: events))), p95",
            "\(Int(Self.percentile(0.95, of: events))), most \(Int(events.max() ?? 0)); refused \(refused)")
        Self.report("analysis", analyses)
        Self.report("difference", walks)
        Self.report("difference, a year old", wholeYears)
        Self.report("least set", searches)
        try FileManager.default.removeItem(at: trial.folder)
    }

    /// Milliseconds of one analysis; nil for an issue that cannot be analysed.
    private func analysis(of key: IssueKey, by analyst: IssueAnalyst, now: Timestamp) async throws -> Double? {
        var best: Double?
        for _ in 0..<Self.laps {
            var isKnown = false
            let spent = try await milliseconds {
                let made = try await analyst.analyze(tenantID: trial.tenant, key: key, now: now, storesHistory: false)
                isKnown = made != nil
            }
            guard isKnown else { return nil }
            best = min(best ?? spent, spent)
        }
        return best
    }

    private func milliseconds(_ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - start) / .milliseconds(1)
    }

    /// The instants at which something is known to have happened.
    private static func happenings(of issue: Issue, after from: Timestamp) -> Int {
        let instants = issue.changes.map(\.at) + issue.comments.flatMap { [$0.created, $0.updated] }
        return Set(instants.filter { $0 > from }).count
    }

    private static func report(_ name: String, _ samples: [Sample]) {
        func line(_ values: [Double]) -> String {
            [0.5, 0.95, 0.99, 1].map { three(percentile($0, of: values)) }.joined(separator: " / ")
        }
        print(
            name.padding(toLength: 24, withPad: " ", startingAt: 0),
            "\(samples.count) issues, ms p50 / p95 / p99 / most:",
            line(samples.map(\.milliseconds)), "; analyses of the same issue:", line(samples.map(\.analyses)))
    }

    /// The smallest value that so many of them do not exceed; 0 without any.
    private static func percentile(_ share: Double, of values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let place = Int((share * Double(values.count)).rounded(.up)) - 1
        return values.sorted()[max(0, min(place, values.count - 1))]
    }
}
