import Domain
import Forecast
import Foundation
import RiskEngine

// What serving forecasts costs, on a recorded stream of webhooks, one body a line on standard input.
//
//     gunzip -c STREAM.ndjson.gz | serving-bench many ISSUES       forecasts of so many open issues in portions, by step
//     gunzip -c STREAM.ndjson.gz | serving-bench explain ISSUES    the reasons of a number, with 1 and with 16 reference samples
//     gunzip -c STREAM.ndjson.gz | serving-bench rescore ISSUES    issues scored again in a store, without and with forecast
//     gunzip -c STREAM.ndjson.gz | serving-bench webhook ISSUES    the same, each upon a webhook
//     gunzip -c STREAM.ndjson.gz | serving-bench why ISSUES        what changed scores in a year, and the least that lowers them

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

func three(_ value: Double) -> String { String(format: "%.3f", value) }

let arguments = CommandLine.arguments
guard arguments.count == 3, let count = Int(arguments[2]), count > 0 else {
    fail("usage: serving-bench many|explain|rescore|webhook|why ISSUES < STREAM.ndjson")
}
let stream = try Stream()
switch arguments[1] {
case "many": try ManyIssues(stream, count: count).run()
case "explain": try ManyIssues(stream, count: count).explain()
case "rescore": try await RescoreTrial(stream, count: count).run()
case "webhook": try await RescoreTrial(stream, count: count, byWebhook: true).run()
case "why": try await WhyTrial(stream, count: count).run()
default: fail("unknown command \(arguments[1])")
}
