import Domain
import Forecast
import Foundation
import JiraCloud
import RiskEngine

/// The issues of a webhook stream, one body a line on standard input, as the daemon folds them.
struct StreamHistory {
    private let fragments: [(at: Timestamp, issue: IssueID, state: IssueState)]
    let begin: Timestamp
    let end: Timestamp

    init() throws {
        let decoder = JiraWebhookDecoder()
        var fragments: [(at: Timestamp, issue: IssueID, state: IssueState)] = []
        while let line = readLine() {
            let body = Array(line.utf8)
            let route = decoder.route(body)
            guard case .issues(let ids) = route.routing, let id = ids.first, let at = route.sentAt else { continue }
            fragments.append((at, id, try decoder.fragment(of: body, for: id)))
        }
        guard let begin = fragments.map(\.at).min(), let end = fragments.map(\.at).max() else {
            fail("the stream holds no issue")
        }
        (self.fragments, self.begin, self.end) = (fragments, begin, end)
    }

    /// The issues as a store had them at an instant, by id.
    func issues(through at: Timestamp) -> [Issue] {
        var states: [IssueID: IssueState] = [:]
        for fragment in fragments where fragment.at <= at {
            IssueFold.join(fragment.state, into: &states[fragment.issue, default: IssueState(id: fragment.issue)])
        }
        return states.values.sorted { $0.id < $1.id }.compactMap(IssueFold.issue(from:))
    }

    /// What all webhooks said of the categories of statuses.
    var statuses: StatusCatalog {
        fragments.reduce(into: StatusCatalog()) { statuses, fragment in
            if let status = fragment.state.fields.status?.value { statuses.insert(status) }
        }
    }

    /// The grid of the trial: weeks that begin 60 days after the first event.
    var maker: SampleMaker {
        let first = CalendarDay(daysSinceEpoch: begin.utcDay.daysSinceEpoch + 60).startUTC
        return SampleMaker(grid: SampleGrid(anchor: first, first: first))
    }
}

extension StreamHistory {
    /// Every sample of the tests and all that training as of the end learns from, as CSV.
    func printSamples() throws {
        let set = maker.samples(of: IssueHistory.all(of: issues(through: end)), upTo: end)
        let columns = ["set", "issue", "at", "created", "done", "due", "usual", "usual_count", "weight"]
        print((columns + Feature.allCases.map(\.rawValue)).joined(separator: ","))
        for (name, samples) in [("training", set.training(at: end)), ("tests", set.tests(after: begin, through: end))] {
            for sample in samples {
                let done = set.outcome(of: sample, at: end).done
                let instants = [sample.at, sample.created, done, sample.due].map {
                    $0.map { "\($0.milliseconds)" } ?? ""
                }
                let numbers = ["\(sample.usual)", "\(sample.usualCount)", "\(sample.weight)"]
                let values = sample.features.map { $0.isNaN ? "" : "\($0)" }
                print(([name, sample.issue.rawValue] + instants + numbers + values).joined(separator: ","))
            }
        }
    }

    /// How many values differ if all webhooks after the instant are cut off, by feature; summed over eight instants.
    func printCuts() {
        let whole = IssueHistory.all(of: issues(through: end))
        var (different, all): ([Feature: Int], Int) = ([:], 0)
        for part in 1...8 {
            let span = (end.milliseconds - begin.milliseconds) / 9
            let at = begin.adding(milliseconds: span * Int64(part))
            let known = maker.samples(of: whole, at: at)
            let cut = maker.samples(of: IssueHistory.all(of: issues(through: at)), at: at)
            guard known.map(\.issue) == cut.map(\.issue) else { fail("other issues are open as of \(at)") }
            all += known.count
            for (a, b) in zip(known, cut) {
                for feature in Feature.allCases where a[feature].bitPattern != b[feature].bitPattern {
                    different[feature, default: 0] += 1
                }
            }
        }
        print(all, "samples")
        for feature in Feature.allCases { print(" ", feature.rawValue, different[feature] ?? 0) }
    }

    /// What the samples of today's open issues cost, with the stream's issues so many times.
    func printSpeed(copies: Int) throws {
        let issues = issues(through: end)
        let copied = (0..<copies).flatMap { copy in issues.map { $0.copy(copy) } }
        var start = processorSeconds()
        func lap(_ name: String) {
            print(name, three(processorSeconds() - start), "s")
            start = processorSeconds()
        }
        let histories = IssueHistory.all(of: copied)
        lap("histories of \(histories.count) issues")
        let samples = maker.samples(of: histories, at: end)
        lap("samples of \(samples.count) open ones by all histories")
        let pace = maker.pace(of: histories, asOf: end)
        lap("pace")
        let open = Set(samples.map(\.issue))
        let own = histories.filter { open.contains($0.id) }.sorted { $0.id < $1.id }
        start = processorSeconds()
        guard maker.samples(of: own, at: end, pace: pace) == samples else { fail("the pace gives other samples") }
        lap("samples of \(own.count) open ones by the pace")
        for history in own.prefix(100) { _ = maker.samples(of: [history], at: end, pace: pace) }
        lap("the first 100 of them one by one")
        let json = try JSONEncoder().encode(pace)
        lap("pace as JSON of \(json.count) bytes written")
        _ = try JSONDecoder().decode(TenantPace.self, from: json)
        lap("and read")
        let set = maker.samples(of: histories, upTo: end)
        lap("weekly samples, of which training takes \(set.training(at: end).count)")
        print("peak MB", three(peakMegabytes()))
    }
}

extension Issue {
    /// The same under another id, in another project.
    fileprivate func copy(_ number: Int) -> Issue {
        guard number > 0 else { return self }
        var copy = self
        copy.id = IssueID("\(id)\(number)")
        copy.key = IssueKey("X\(number)\(key)")
        copy.projectKey = copy.key.projectKey
        return copy
    }
}
