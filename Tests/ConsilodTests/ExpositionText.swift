import Foundation
import TestSupport

/// Prometheus' text format 0.0.4, read as strictly as it is written down
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format), and the conventions on names.
struct ExpositionText {
    struct Series: Hashable {
        var name: String
        var labels: [String: String]
    }

    /// The type of each metric.
    private(set) var types: [String: String] = [:]
    private(set) var values: [Series: Double] = [:]

    /// Throws ``TestSupport/Unexpected`` with the first line that breaks a rule.
    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Unexpected("the last line does not end") }
        var (current, ended): (String?, Set<String>) = (nil, [])
        var helped: Set<String> = []
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            if line.hasPrefix("# ") {
                guard words.count == 4 else { throw Unexpected("a description that says nothing: \(line)") }
                switch words[1] {
                case "HELP":
                    if let current { ended.insert(current) }
                    current = words[2]
                    guard helped.insert(words[2]).inserted else { throw Unexpected("a second \(line)") }
                case "TYPE":
                    guard words[2] == current, types[words[2]] == nil,
                        ["counter", "gauge", "histogram"].contains(words[3])
                    else { throw Unexpected("out of place: \(line)") }
                    types[words[2]] = words[3]
                default: throw Unexpected("neither HELP nor TYPE: \(line)")
                }
                continue
            }
            let (series, value) = try Self.sample(String(line))
            let family = Self.family(of: series.name, types)
            guard let type = types[family] else { throw Unexpected("not described: \(line)") }
            guard family == current, !ended.contains(family) else { throw Unexpected("scattered: \(line)") }
            guard type == "gauge" || value >= 0 else { throw Unexpected("negative: \(line)") }
            guard type != "counter" || family.hasSuffix("_total") else {
                throw Unexpected("no counter's name: \(line)")
            }
            guard values.updateValue(value, forKey: series) == nil else { throw Unexpected("said twice: \(line)") }
        }
        try checkHistograms()
    }

    private static func sample(_ line: String) throws -> (Series, Double) {
        let pattern = /([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)/
        guard let match = line.wholeMatch(of: pattern), let value = number(String(match.output.3)) else {
            throw Unexpected("no sample: \(line)")
        }
        var labels: [String: String] = [:]
        var rest = match.output.2 ?? ""
        while !rest.isEmpty {
            guard let label = rest.prefixMatch(of: /([a-z_][a-z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/) else {
                throw Unexpected("no labels: \(line)")
            }
            labels[String(label.output.1)] = String(label.output.2)
            rest = rest[label.range.upperBound...]
        }
        return (Series(name: String(match.output.1), labels: labels), value)
    }

    private static func number(_ text: String) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.contains(/^-?[0-9]/) ? Double(text) : nil
        }
    }

    /// The metric that a series belongs to: a histogram has three kinds of them.
    private static func family(of name: String, _ types: [String: String]) -> String {
        for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            if types[base] == "histogram" { return base }
        }
        return name
    }

    private func checkHistograms() throws {
        for (name, _) in types where types[name] == "histogram" {
            for (series, count) in values where series.name == name + "_count" {
                let buckets = values.filter { key, _ in
                    var labels = key.labels
                    labels["le"] = nil
                    return key.name == name + "_bucket" && labels == series.labels
                }.map { (bound: Self.number($0.key.labels["le"] ?? "") ?? .nan, count: $0.value) }
                    .sorted { $0.bound < $1.bound }
                guard buckets.count > 1, buckets.last?.bound == .infinity, buckets.last?.count == count,
                    zip(buckets, buckets.dropFirst()).allSatisfy({ $0.count <= $1.count }),
                    values[Series(name: name + "_sum", labels: series.labels)] != nil
                else { throw Unexpected("no histogram: \(name) \(buckets)") }
            }
        }
    }

    /// The value of one series; nil where there is none with exactly these labels.
    subscript(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        values[Series(name: name, labels: labels)]
    }

    /// All series of a metric, by the value of one of their labels.
    func values(of name: String, by label: String) -> [String: Double] {
        Dictionary(
            values.filter { $0.key.name == name }.map { ($0.key.labels[label] ?? "", $0.value) },
            uniquingKeysWith: +)
    }
}
