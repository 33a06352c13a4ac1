import Foundation

/// The figures of a backtest as text: the verdict, a table of all folds together, one a fold, and what else is known.
struct BacktestTable {
    private let report: ShownBacktest.Report

    init(_ report: ShownBacktest.Report) { self.report = report }

    var text: String { report.results.map(text).joined(separator: "\n\n") }

    private func text(_ result: ShownBacktest.Result) -> String {
        var lines = [result.verdict.sentence]
        if let skill = result.verdict.skillOverAge {
            lines.append(
                "Skill over age (1 - Brier / Brier of age): \(Self.range(skill)), 90 % interval by issue.")
        }
        if let auc = result.auc { lines.append("AUC \(Self.range(auc)), 95 % interval by issue.") }
        if let gain = result.aucOverAge { lines.append("AUC over age \(Self.range(gain)).") }
        let kind = report.learner == "boosted" ? "boosted trees" : "a logistic hazard (no XGBoost)"
        lines.append(
            "\(report.issues) issues, \(report.finished) finished within 24 months, up to \(report.end.prefix(10)); "
                + "\(kind).")
        lines += ["", "All folds: \(Self.size(result.pooled))"] + Self.table(result.pooled)
        for fold in result.folds {
            lines += ["", "Cut \(fold.cut?.prefix(10) ?? ""): \(Self.size(fold))"] + Self.table(fold)
        }
        lines += Self.reliability(result.pooled) + Self.leadTimes(result)
        if !result.leftOut.isEmpty {
            lines += ["", "Left out"] + result.leftOut.map { "  \(Column.right("\($0.count)", 8))  \($0.reason)" }
        }
        return lines.joined(separator: "\n")
    }

    // MARK: Parts

    private static func size(_ part: ShownBacktest.Part) -> String {
        "\(part.samples) predictions of \(part.issues) issues, \(percent(part.baseRate)) late"
    }

    private static func table(_ part: ShownBacktest.Part) -> [String] {
        let names = ["", "AUC", "AUC-PR", "Brier", "ECE", "P@10"]
        let rows = part.figures.map { figures in
            [figures.model.replacing("_", with: " ")]
                + [figures.auc, figures.aucPr, figures.brier, figures.ece, figures.precisionAtTen].map(number)
        }
        return ([names] + rows).map { row in
            let cells = row.dropFirst().map { Column.right($0, 8) }.joined()
            return "  \(row[0].padding(toLength: 14, withPad: " ", startingAt: 0))\(cells)"
        }
    }

    private static func reliability(_ part: ShownBacktest.Part) -> [String] {
        guard let bins = part.figures.first(where: { $0.model == "model" })?.reliability, !bins.isEmpty else {
            return []
        }
        return ["", "Reliability of the model: predicted, seen, predictions"]
            + bins.map {
                "  \(Column.right(percent($0.predicted), 6))\(Column.right(percent($0.seen), 8))\(Column.right("\($0.count)", 8))"
            }
    }

    private static func leadTimes(_ result: ShownBacktest.Result) -> [String] {
        func lines(_ name: String, _ times: [ShownBacktest.LeadTime]) -> [String] {
            times.map { time in
                "  \(name.padding(toLength: 6, withPad: " ", startingAt: 0)) at \(percent(time.precision)): "
                    + "\(percent(time.flagged)) of the late issues flagged, \(Int(time.days.rounded())) days before, "
                    + "\(percent(time.timeLeft)) of the time left"
            }
        }
        let all = lines("model", result.leadTimes) + lines("age", result.ageLeadTimes)
        return all.isEmpty ? [] : ["", "How early, where that share of the flags comes true"] + all
    }

    // MARK: Numbers

    private static func number(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }

    private static func percent(_ value: Double) -> String { "\(Int((value * 100).rounded())) %" }

    private static func range(_ range: ShownBacktest.Range) -> String {
        "\(number(range.estimate)) (\(number(range.low)) to \(number(range.high)))"
    }
}
