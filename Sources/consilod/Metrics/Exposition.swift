/// Metrics in Prometheus' text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
struct Exposition {
    private struct Sample {
        var labels: [(String, String)]
        var value: PrometheusRegistry.Series
    }

    private var samples: [String: [Sample]] = [:]

    /// Adds a series whose value is known.
    mutating func add(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
        add(name, labels, .number { value })
    }

    /// As ``add(_:_:_:)-(String,_,Double)``; nothing where there is no value.
    mutating func add(_ name: String, _ labels: [(String, String)] = [], _ value: Int?) {
        if let value { add(name, labels, Double(value)) }
    }

    mutating func add(_ name: String, _ labels: [(String, String)], _ series: PrometheusRegistry.Series) {
        samples[name, default: []].append(Sample(labels: labels, value: series))
    }

    /// The text, in the order of names and labels. Each metric is described as in `catalogue`.
    func text(described catalogue: [String: MetricDescription]) -> String {
        var text = ""
        for (name, samples) in samples.sorted(by: { $0.key < $1.key }) {
            if let description = catalogue[name] {
                text += "# HELP \(name) \(Self.escaped(description.help, quotes: false))\n"
                text += "# TYPE \(name) \(description.kind.rawValue)\n"
            }
            let lines = samples.map { (Self.text(of: $0.labels), $0) }.sorted { $0.0 < $1.0 }
            for (labels, sample) in lines {
                switch sample.value {
                case .number(let value):
                    text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(value()))\n"
                case .histogram(let snapshot): Self.append(snapshot(), name: name, labels: labels, to: &text)
                }
            }
        }
        return text
    }

    private static func append(_ histogram: Histogram.Snapshot, name: String, labels: String, to text: inout String) {
        let prefix = labels.isEmpty ? "" : labels + ","
        var count: UInt64 = 0
        for (bound, values) in zip(histogram.bounds + [.infinity], histogram.counts) {
            count += values
            text += "\(name)_bucket{\(prefix)le=\"\(number(bound))\"} \(count)\n"
        }
        let braced = labels.isEmpty ? "" : "{\(labels)}"
        text += "\(name)_sum\(braced) \(number(histogram.sum))\n\(name)_count\(braced) \(count)\n"
    }

    private static func text(of labels: [(String, String)]) -> String {
        labels.map { "\($0.0)=\"\(escaped($0.1, quotes: true))\"" }.joined(separator: ",")
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        let lines = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return quotes ? lines.replacing("\"", with: "\\\"") : lines
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
