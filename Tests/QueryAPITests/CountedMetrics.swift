import Metrics
import Synchronization

/// Counters that a test reads.
final class CountedMetrics: MetricsFactory {
    private final class Count: CounterHandler {
        private let value = Atomic<Int64>(0)
        var current: Int64 { value.load(ordering: .relaxed) }
        func increment(by amount: Int64) { value.add(amount, ordering: .relaxed) }
        func reset() { value.store(0, ordering: .relaxed) }
    }

    private let counters = Mutex<[String: Count]>([:])

    /// The value of a counter by the value of its only label.
    subscript(label: String) -> Int64 { counters.withLock { $0[label]?.current ?? 0 } }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counters.withLock { counters in
            let count = counters[dimensions.first?.1 ?? label] ?? Count()
            counters[dimensions.first?.1 ?? label] = count
            return count
        }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
