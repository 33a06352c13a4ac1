import Domain
import Foundation
import Queries

@testable import QueryAPI

extension ViewSamples {
    private static let interval = #"{"confidence":0.9,"estimate":0.25,"high":0.5,"low":0.125}"#
    private static let leadTime = """
        [{"days":7.5,"flagged":0.5,"issue_precision":0.75,"precision":0.875,"threshold":0.625,"time_left":0.25}]
        """
    private static let missing = #"[{"have":3,"kind":"test_issues","need":100}]"#

    /// A cut, or all of them, with all that may be there and with nothing of it.
    private static func part(cut: Int64?) -> String {
        let cut = cut.map { "\"cut\":\($0)," } ?? ""
        return """
            {\(cut)"base_rate":0.5,"figures":[{"model":"age"},{"auc":0.75,"auc_pr":0.75,"brier":0.25,"ece":0.0625,\
            "model":"model","precision_at_10":0.5,"reliability":[{"count":4,"predicted":0.5,"seen":0.25}]}],"issues":3,\
            "samples":4}
            """
    }

    /// A stored result with all that may be there.
    private static var whole: String {
        """
        {"age_lead_times":\(leadTime),"auc":\(interval),"auc_over_age":\(interval),\
        "folds":[\(part(cut: 1_750_000_000_000)),\(part(cut: nil))],"lead_times":\(leadTime),\
        "left_out":[{"count":2,"reason":"too young"}],"pooled":\(part(cut: 1_750_000_000_000)),"question":"usual",\
        "tenths":[{"issues":4,"late":1}],"verdict":{"best":"model","issues":3,"missing":\(missing),"question":"usual",\
        "samples":4,"sentence":"The model is better.","skill_over_age":\(interval),"skill_over_base_rate":\(interval),\
        "skill_over_prior":\(interval),"prior_skill_over_age":\(interval)}}
        """
    }

    /// One without what may be absent.
    private static var bare: String {
        """
        {"age_lead_times":[],"folds":[],"lead_times":[],"left_out":[],"pooled":{"base_rate":0,"figures":[],"issues":0,\
        "samples":0},"question":"due","tenths":[],"verdict":{"issues":0,"missing":\(missing),"question":"due","samples":0,\
        "sentence":"Too little."}}
        """
    }

    private static func report(_ results: String, prior: String?) -> String {
        let prior = prior.map { #""prior":"\#($0)","# } ?? ""
        return """
            {"end":1760000000000,"finished":212,"issues":300,"kind":"boosted",\(prior)"request":{"cuts":6,\
            "horizon_days":184,"questions":["usual"],"version":1},"results":[\(results)],"version":1}
            """
    }

    /// Throws when the stored forms of these samples cannot be read, which the comparison then shows.
    private static func backtests() throws -> [ViewSamples] {
        let options = #"{"cuts":6,"horizon_days":184,"questions":["usual"],"version":1}"#
        func backtest(_ state: ForecastBacktest.State, result: String?, error: String?) throws -> BacktestView {
            try BacktestView(
                ForecastBacktest(
                    state: state, options: options, requestedAt: testNow,
                    finishedAt: state == .waiting ? nil : testNow, done: 1, total: 6, result: result, error: error))
        }
        return [
            ViewSamples(
                "Backtest", try backtest(.waiting, result: nil, error: nil),
                try backtest(.failed, result: nil, error: "there is no issue"),
                try backtest(.done, result: report("\(whole),\(bare)", prior: "abc"), error: nil),
                try backtest(.done, result: report("\(bare)", prior: nil), error: nil))
        ]
    }

    private static func models() throws -> [ViewSamples] {
        let drift = """
            {"moved":[{"feature":"age","index":0.5}],"tempo_changed":true,"version":1,"weeks":[\
            {"at":1000,"model_id":"m1","outcomes":12},{"at":2000,"model_id":"m2","outcomes":60,\
            "skill_over_age":-0.25,"tempo":{"expected":10.5,"observed":3,"z":-3.5}}]}
            """
        let basis = ForecastBasis(
            pace: [], asOf: testNow, finished: 212, judgedAt: testNow, judgedModelID: "m1", steppedDownAt: testNow,
            drift: drift)
        let model = ForecastModelRecord(
            id: "m1", kind: "boosted", state: .active, createdAt: testNow, cutAt: testNow, file: [],
            verdict: #"{"results":[\#(whole),\#(bare)],"version":1}"#)
        return [
            ViewSamples(
                "ForecastModel",
                ForecastModelView(
                    try ForecastStanding(
                        basis: basis, models: [model],
                        training: TrainingStatus(
                            dueAt: testNow, reason: .daily, trainedAt: testNow, attempts: 0, lastError: nil))),
                ForecastModelView(
                    try ForecastStanding(
                        basis: nil, models: [],
                        training: TrainingStatus(
                            dueAt: nil, reason: .weekly, trainedAt: nil, attempts: 1, lastError: "out of memory"))))
        ]
    }

    /// What cannot be read is missing here, and so differs from its schema.
    static var forecasts: [ViewSamples] {
        ((try? backtests()) ?? [ViewSamples("Backtest")]) + ((try? models()) ?? [ViewSamples("ForecastModel")])
    }
}
