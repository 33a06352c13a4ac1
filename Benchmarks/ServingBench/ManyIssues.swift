import Domain
import Forecast
import Foundation

/// Forecasts of many issues at once, as the refresher makes them.
struct ManyIssues {
    private let stream: Stream
    private let pasts: [IssuePast]
    private let forecaster: TenantForecaster
    private let model: ForecastModel
    private let pace: TenantPace

    init(_ stream: Stream, count: Int) throws {
        self.stream = stream
        let all = stream.pasts()
        let histories = stream.histories(of: all)
        model = try stream.model(histories)
        pace = SampleMaker().pace(of: histories, asOf: stream.end)
        let open = all.filter { !$0.issue.isOver }
        pasts = (0..<count).map { open[$0 % open.count].copy($0 / open.count) }
        forecaster = try TenantForecaster(
            ForecastBasisID(asOf: stream.end, finished: 1000, isSteppedDown: false, modelID: "m1"), pace: pace,
            own: model, prior: nil)
    }

    func run() throws {
        var start = processorSeconds()
        func lap(_ what: String) {
            let now = processorSeconds()
            print(what.padding(toLength: 44, withPad: " ", startingAt: 0), three(now - start), "s")
            start = processorSeconds()
        }
        let now = stream.end.adding(days: 1)
        let histories = stream.histories(of: pasts)
        lap("histories of \(pasts.count) open issues")
        let samples = SampleMaker().samples(of: histories, at: now, pace: pace)
        lap("features of \(samples.count)")
        let predictor = try model.predictor()
        lap("engine loaded")
        _ = try predictor.curves(samples.map(\.features))
        lap("curves")
        let forecasts = try forecaster.forecasts(of: histories, at: now, .batch)
        lap("features, engine, curves and answers")
        let bytes = try forecasts.reduce(0) { try $0 + ForecastRecord($1.value, of: $1.key).payload.utf8.count }
        lap("records, \(bytes / max(forecasts.count, 1)) bytes each")
        for past in pasts.prefix(1000) {
            let history = stream.histories(of: [past])
            if let made = try forecaster.forecasts(of: history, at: now, .number).first {
                _ = try ForecastRecord(made.value, of: made.key)
            }
        }
        lap("the first 1000, one by one, from the past on")
    }

    func explain() throws {
        let now = stream.end.adding(days: 1)
        let all = stream.histories(of: pasts)
        // Past its deadline an issue has no number.
        let numbered = try forecaster.forecasts(of: all, at: now, .batch).filter {
            $0.value.answers.contains { $0.percent != nil }
        }
        let histories = all.filter { numbered[$0.id] != nil }.prefix(20)
        for references in [1, 4, 16] {
            let start = processorSeconds()
            var answers = 0
            for history in histories {
                let made = try forecaster.forecasts(of: [history], at: now, .explained(references: references))
                answers += made.values.reduce(0) { $0 + $1.answers.count { $0.explanation != nil } }
            }
            let seconds = processorSeconds() - start
            print(
                "\(references) references: \(answers) numbers explained, \(three(1000 * seconds / Double(max(answers, 1)))) ms each"
            )
        }
    }
}

extension IssuePast {
    fileprivate func copy(_ number: Int) -> IssuePast {
        guard number > 0 else { return self }
        var copy = self
        copy.issue.id = IssueID("\(issue.id)\(number)")
        return copy
    }
}
