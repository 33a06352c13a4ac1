import Domain
import Forecast
import Foundation

// What Benchmarks/forecast.py measures, and the figures of the trial by the daemon's own code.
//
//     forecast-bench backtest WEEKLY GRID [boosted|logistic]    samples of the trial, dumped by forecast.py
//     gunzip -c STREAM.ndjson.gz | forecast-bench stream        a stream of webhooks, by the daemon's own samples
//     gunzip -c STREAM.ndjson.gz | forecast-bench tables        the tables of docs/forecasts-for-engineers.md
//     gunzip -c STREAM.ndjson.gz | forecast-bench samples       those samples, as CSV
//     gunzip -c STREAM.ndjson.gz | forecast-bench cuts          values that differ if what came later is cut off, by feature
//     gunzip -c STREAM.ndjson.gz | forecast-bench speed COPIES  time of samples, with so many copies of the stream's issues
//     gunzip -c STREAM.ndjson.gz | forecast-bench rows FILE     what a training of the stream learns from, for forecast.py
//     forecast-bench cost FILE                                  time and memory of training on those rows, and of predicting
//     forecast-bench prior SOURCE FOLDER                        what script/make-prior writes
//     forecast-bench emse FOLDER                                the data of EMSE 2017: *_discussion.csv.gz

func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data((text + "\n").utf8))
    exit(2)
}

/// Processor seconds of this process.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The most memory that was resident, in MB.
func peakMegabytes() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1024
}

func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

func three(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }

func printFigures(_ result: BacktestResult) {
    print(
        result.question, result.pooled.samples, "samples", result.pooled.issues, "issues", three(result.pooled.baseRate)
    )
    for figures in result.pooled.figures {
        print(
            "  \(figures.model)".padding(toLength: 16, withPad: " ", startingAt: 0), "AUC", three(figures.auc),
            "AUC-PR",
            three(figures.aucPR), "Brier", three(figures.brier), "ECE", three(figures.ece), "p@10",
            three(figures.precisionAtTen))
    }
    print("  folds", result.folds.map { three($0.figures(of: "model")?.auc) }.joined(separator: " "))
    print("  ", result.verdict.sentence)
    let over = result.aucOverAge
    print("   AUC", three(result.auc?.low), three(result.auc?.high), "over age", three(over?.low), three(over?.high))
    for time in result.leadTimes { print("  ", time) }
    for left in result.leftOut { print("   left out:", left.count, left.reason) }
}

/// The half-yearly cuts of the trial.
let trialCuts = [(2011, 1), (2011, 7), (2012, 1), (2012, 7), (2013, 1), (2013, 7)].compactMap {
    CalendarDay(year: $0, month: $1, day: 1)?.startUTC
}

@MainActor func backtest(_ arguments: [String]) throws {
    let (weekly, grid) = (try TrialSamples(arguments[0]), try TrialSamples(arguments[1]))
    // Each issue once, by its first sample: those of less than a week are missing.
    let firsts = Dictionary(grouping: weekly.observed, by: \.sample.issue).values.compactMap { group in
        group.min { $0.sample.at < $1.sample.at }
    }
    let lifetimes = firsts.map {
        IssueLifetime(created: $0.sample.created, done: $0.outcome.done, observedUntil: $0.outcome.observedUntil)
    }
    var options = BacktestOptions()
    options.instants = trialCuts
    options.questions = [.usual, .horizon(days: 30), .horizon(days: 90), .due]
    if arguments.count > 2, let kind = HazardTraining.Kind(rawValue: arguments[2]) { options.training.kind = kind }
    let input = BacktestInput(grid: grid.observed, lifetimes: lifetimes, end: grid.end) { weekly.thinned(cut: $0) }
    let start = processorSeconds()
    let results = try Backtest(input, options).run()
    for result in results { printFigures(result) }
    print("processor seconds", three(processorSeconds() - start), "peak MB", three(peakMegabytes()))
}

@MainActor func stream(_ kind: HazardTraining.Kind) throws {
    var start = processorSeconds()
    func lap(_ what: String) {
        print(what, three(processorSeconds() - start), "processor s; peak MB", three(peakMegabytes()))
        start = processorSeconds()
    }
    let stream = try WebhookStream()
    lap("read \(stream.histories.count) issues")
    let samples = SampleMaker().samples(of: stream.histories, upTo: stream.end)
    lap("samples")
    var options = BacktestOptions()
    options.instants = trialCuts
    options.questions = [.usual, .horizon(days: 30), .horizon(days: 90), .due, .sprint]
    options.training.kind = kind
    let input = BacktestInput(samples, histories: stream.histories, end: stream.end)
    for result in try Backtest(input, options).run() { printFigures(result) }
    lap("backtest")
}

let usage = """
    usage: forecast-bench backtest WEEKLY GRID [boosted|logistic]
           forecast-bench stream [boosted|logistic] < STREAM.ndjson
           forecast-bench samples|cuts|tables|speed COPIES < STREAM.ndjson
           forecast-bench rows FILE < STREAM.ndjson
           forecast-bench cost FILE
           forecast-bench prior SOURCE FOLDER < STREAM.ndjson
           forecast-bench emse FOLDER
    """
let arguments = Array(CommandLine.arguments.dropFirst(2))
switch CommandLine.arguments.dropFirst().first {
case "backtest" where arguments.count >= 2: try backtest(arguments)
case "samples": try StreamHistory().printSamples()
case "tables": try Tables(stream: WebhookStream()).run()
case "cuts": try StreamHistory().printCuts()
case "speed" where arguments.count == 1: try StreamHistory().printSpeed(copies: Int(arguments[0]) ?? 1)
case "rows" where arguments.count == 1: try TrainingCost(file: arguments[0]).run()
case "cost" where arguments.count == 1: try TrainingCost(file: arguments[0]).measure()
case "prior" where arguments.count == 2: try PriorMaker(source: arguments[0], folder: arguments[1]).run()
case "stream": try stream(arguments.first.flatMap(HazardTraining.Kind.init) ?? HazardTraining.bestKind)
#if HAS_XGBOOST
    case "emse" where arguments.count == 1: try EMSETrial(folder: arguments[0]).run()
#endif
default: fail(usage)
}
