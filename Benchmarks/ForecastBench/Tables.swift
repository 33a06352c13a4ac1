import Domain
import Forecast
import Foundation

/// The tables of docs/forecasts-for-engineers.md, as Markdown: what `script/forecast-tables` puts there.
struct Tables {
    /// Finished issues that a project needs to be judged alone.
    private static let leastFinished = 200

    let stream: WebhookStream

    func run() throws {
        let results = try judge(stream.histories, prior: nil)
        printQuestions(results)
        print("")
        printReliability(results)
        print("")
        try printProjects()
    }

    private func judge(_ histories: [IssueHistory], prior: ForecastModel?) throws -> [BacktestResult] {
        let samples = SampleMaker().samples(of: histories, upTo: stream.end)
        var options = BacktestOptions()
        options.instants = trialCuts
        options.questions = [.usual, .due, .sprint, .horizon(days: 30)]
        options.training.prior = prior
        return try Backtest(BacktestInput(samples, histories: histories, end: stream.end), options).run()
    }

    private func printQuestions(_ results: [BacktestResult]) {
        print("| question | predictions | issues | came late | AUC | Brier | ECE | age: AUC | Brier | ECE |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for result in results where result.pooled.samples > 0 {
            let cells =
                [result.question, "\(result.pooled.samples)", "\(result.pooled.issues)"]
                + [three(result.pooled.baseRate)] + cells(of: "model", in: result) + cells(of: "age", in: result)
            print("| \(cells.joined(separator: " | ")) |")
        }
    }

    private func cells(of model: String, in result: BacktestResult) -> [String] {
        let figures = result.pooled.figures(of: model)
        return [figures?.auc, figures?.brier, figures?.ece].map(cell)
    }

    private func cell(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "–" }

    private func printReliability(_ results: [BacktestResult]) {
        let bins = results.compactMap { result in
            result.pooled.figures(of: "model")?.reliability.map { (result.question, $0) }
        }.filter { !$0.1.isEmpty }
        print(
            "| tenth of the predictions | \(bins.map { "\($0.0): predicted | came late" }.joined(separator: " | ")) |")
        print("|---|\(bins.map { _ in "---|---|" }.joined())")
        for tenth in 0..<10 {
            let cells = bins.flatMap { _, bins in
                bins.indices.contains(tenth) ? [cell(bins[tenth].predicted), cell(bins[tenth].seen)] : ["–", "–"]
            }
            print("| \(tenth + 1) | \(cells.joined(separator: " | ")) |")
        }
    }

    /// Each project alone: by its own past, and continued from a prior that all the others made.
    private func printProjects() throws {
        print(
            "| project | finished | predictions | own past: AUC | Brier | with prior: AUC | Brier | prior alone: AUC | Brier | age: AUC | Brier |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|---|")
        let projects = Dictionary(grouping: stream.histories) { stream.projects[$0.id] ?? "" }
        for (project, histories) in projects.sorted(by: { $0.key < $1.key }) {
            let finished = histories.count { !$0.done.isEmpty }
            guard finished >= Self.leastFinished else { continue }
            let others = stream.histories.filter { stream.projects[$0.id] != project }
            guard let own = try judge(histories, prior: nil).first,
                let continued = try judge(histories, prior: try prior(of: others)).first
            else { continue }
            let figures = [
                own.pooled.figures(of: "model"), continued.pooled.figures(of: "model"),
                continued.pooled.figures(of: "prior"), own.pooled.figures(of: "age"),
            ]
            let cells =
                [project, "\(finished)", "\(own.pooled.samples)"]
                + figures.flatMap { [cell($0?.auc), cell($0?.brier)] }
            print("| \(cells.joined(separator: " | ")) |")
        }
    }

    /// As the shipped one is made.
    private func prior(of histories: [IssueHistory]) throws -> ForecastModel {
        let samples = SampleMaker().samples(of: histories, upTo: stream.end)
        var training = HazardTraining()
        training.blanksTenantsOwn = true
        let finished = histories.count { !$0.done.isEmpty }
        return try training.model(
            of: samples.observed(at: stream.end).balancedByTeam(), cut: stream.end, finished: finished
        ).withoutSamples()
    }
}
