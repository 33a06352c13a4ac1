import Metrics
import Synchronization

/// The backend of swift-metrics: holds what was counted since the start, for Prometheus to ask.
///
/// Labels are taken as the names of metrics, dimensions as their labels. A counter is one atomic number; a timer or
/// recorder is a histogram under a lock that is held for one addition. A series is never removed: its labels must come
/// from a small set.
final class PrometheusRegistry: MetricsFactory {
    /// One series: a number, or a histogram.
    enum Series: Sendable {
        case number(@Sendable () -> Double)
        case histogram(@Sendable () -> Histogram.Snapshot)
    }

    private struct Key: Hashable {
        var name: String
        var labels: [String: String]
    }

    private struct Entry {
        var labels: [(String, String)]
        var handler: any AnyObject & Sendable
        var series: Series
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private let buckets: @Sendable (String) -> [Double]

    /// - Parameter buckets: the upper bounds of a histogram by its name, ascending and finite; seconds for a timer.
    init(buckets: @escaping @Sendable (_ name: String) -> [Double]) { self.buckets = buckets }

    /// Everything there is, in no order.
    var series: [(name: String, labels: [(String, String)], series: Series)] {
        entries.withLock { entries in entries.map { ($0.key.name, $0.value.labels, $0.value.series) } }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        handler(label, dimensions, kind: Count.self) {
            let count = Count()
            return (count, .number { Double(count.current) })
        }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else {
            return handler(label, dimensions, kind: Reading.self) {
                let reading = Reading()
                return (reading, .number { reading.current })
            }
        }
        return histogram(label, dimensions)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { histogram(label, dimensions) }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> Histogram {
        handler(label, dimensions, kind: Histogram.self) {
            let histogram = Histogram(bounds: buckets(label))
            return (histogram, .histogram { histogram.snapshot })
        }
    }

    // Prometheus has no use for a series that ends and begins again.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    /// The handler of a series: the one there is, else a new one. One of another kind under the same name and labels
    /// is not counted.
    private func handler<Handler: AnyObject & Sendable>(
        _ name: String, _ labels: [(String, String)], kind: Handler.Type, make: () -> (Handler, Series)
    ) -> Handler {
        let key = Key(name: name, labels: Dictionary(labels) { first, _ in first })
        return entries.withLock { entries in
            if let known = entries[key] { return known.handler as? Handler ?? make().0 }
            let (handler, series) = make()
            entries[key] = Entry(labels: labels, handler: handler, series: series)
            return handler
        }
    }
}

/// A number that only grows.
private final class Count: CounterHandler {
    private let value = Atomic<Int64>(0)

    var current: Int64 { value.load(ordering: .relaxed) }
    func increment(by amount: Int64) { value.add(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }
}

/// The last of the numbers recorded.
private final class Reading: RecorderHandler {
    private let bits = Atomic<UInt64>(0)

    var current: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
}

/// How often values fell into which range.
final class Histogram: RecorderHandler, TimerHandler {
    /// At one instant.
    struct Snapshot: Sendable {
        var bounds: [Double]
        /// Values up to each bound and above the one before it; the last is of those above all bounds.
        var counts: [UInt64]
        var sum: Double
    }

    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: ascending.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    var snapshot: Snapshot {
        state.withLock { Snapshot(bounds: bounds, counts: $0.counts, sum: $0.sum) }
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let range = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[range] += 1
            $0.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
