import ArgumentParser
import Foundation

/// Makes the daemon judge its forecasts on the tenant's own past, and shows what came of it.
struct BacktestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Test forecasts on the tenant's own past: train as of earlier instants, predict what came after.",
        discussion: """
            The daemon does the work with the code that makes the forecasts, and continues when this command ends. A \
            verdict comes first; AUC, AUC-PR, squared error (Brier) and calibration error (ECE) follow for the model, \
            age alone, Kaplan-Meier, the base rate, the prior and recorded rule scores. Exits with status 1 if it \
            failed.
            """)

    @OptionGroup var arguments: TenantArguments

    @Option(help: "Number of earlier instants at which a model is trained (1 to 24).")
    var cuts = 6

    @Option(help: "How many days to predict from each instant, such as 184d (7d to 730d).")
    var horizon = "184d"

    @Option(help: "What to predict: usual, due, sprint, or a number of days such as 30d; may be given several times.")
    var question: [String] = ["usual"]

    @Flag(help: "Print the JSON answer of the daemon's API.")
    var json = false

    private var days: Int? {
        guard horizon.hasSuffix("d"), let days = Int(horizon.dropLast()), (7...730).contains(days) else { return nil }
        return days
    }

    func validate() throws {
        guard (1...24).contains(cuts) else { throw ValidationError("--cuts must be 1 to 24") }
        guard days != nil else { throw ValidationError("--horizon must be 7d to 730d") }
        guard (1...8).contains(question.count) else { throw ValidationError("--question may be given 8 times") }
        for name in question where name.wholeMatch(of: /usual|due|sprint|[1-9][0-9]{0,3}d/) == nil {
            throw ValidationError("\(name) is no question; use usual, due, sprint, or days as in 30d")
        }
    }

    private struct Request: Encodable {
        var cuts: Int
        var horizonDays: Int
        var questions: [String]
    }

    func run() async throws {
        let daemon = try arguments.daemon()
        let path = "/api/forecast/backtest"
        var backtest: ShownBacktest = try await daemon.post(
            path, object: Request(cuts: cuts, horizonDays: days ?? 184, questions: question),
            tenant: arguments.tenant)
        var (body, line) = (Data(), StatusLine(every: .seconds(10)))
        var isShown = false
        while true {
            body = try await daemon.text(path, tenant: arguments.tenant)
            backtest = try daemon.read(ShownBacktest.self, from: body)
            guard backtest.state == "waiting" else { break }
            if line.isDue(at: .now) {
                line.show(backtest.progress)
                isShown = true
            }
            try await Task.sleep(for: .milliseconds(250))
        }
        if isShown {
            line.show(backtest.progress)
            line.end()
        }
        guard backtest.state == "done", let report = backtest.report else {
            throw CommandError("the backtest failed: \(backtest.error ?? "the daemon does not say why")")
        }
        if json {
            print(String(decoding: body, as: UTF8.self))
        } else {
            print(BacktestTable(report).text)
        }
    }
}

/// A backtest as the daemon's API shows it.
struct ShownBacktest: Decodable, Sendable {
    struct Range: Decodable, Sendable {
        var estimate: Double
        var low: Double
        var high: Double
    }

    struct Verdict: Decodable, Sendable {
        var sentence: String
        var skillOverAge: Range?
    }

    struct Bin: Decodable, Sendable {
        var count: Int
        var predicted: Double
        var seen: Double
    }

    struct Figures: Decodable, Sendable {
        var model: String
        var auc: Double?
        var aucPr: Double?
        var brier: Double?
        var ece: Double?
        var precisionAtTen: Double?
        var reliability: [Bin]?
    }

    struct Part: Decodable, Sendable {
        var cut: String?
        var samples: Int
        var issues: Int
        var baseRate: Double
        var figures: [Figures]
    }

    struct LeadTime: Decodable, Sendable {
        var precision: Double
        var flagged: Double
        var days: Double
        var timeLeft: Double
    }

    struct LeftOut: Decodable, Sendable {
        var reason: String
        var count: Int
    }

    struct Result: Decodable, Sendable {
        var question: String
        var verdict: Verdict
        var pooled: Part
        var folds: [Part]
        var auc: Range?
        var aucOverAge: Range?
        var leadTimes: [LeadTime]
        var ageLeadTimes: [LeadTime]
        var leftOut: [LeftOut]
    }

    struct Report: Decodable, Sendable {
        var end: String
        var issues: Int
        var finished: Int
        var learner: String
        var results: [Result]
    }

    var state: String
    var done: Int
    var total: Int
    var error: String?
    var report: Report?

    /// `cut 2 of 6`.
    var progress: String {
        total == 0 ? "waiting for the daemon" : done == 0 ? "reading the history" : "cut \(done) of \(total) judged"
    }
}
