/// Instants of the recent past, of which those in a window up to now are counted. Older ones are dropped now and then,
/// so that it stays small.
struct RecentInstants: Sendable, Hashable, Codable {
    /// Milliseconds since the Unix epoch, in the order of time.
    private var instants: [Int64] = []

    /// The last one that was added.
    var last: Int64? { instants.last }

    /// Adds an instant that is not before the last one. Those older than `days` before it may be dropped.
    mutating func add(_ instant: Int64, keeping days: Int64) {
        instants.append(instant)
        guard instants.count >= 64, instants.count & (instants.count - 1) == 0 else { return }
        instants.removeFirst(instants.firstIndex(after: instant - days * millisecondsPerDay))
    }

    /// How many lie in the window of `days` up to `at`, without its first instant; none of them is after `at`.
    func count(days: Int64, at: Int64) -> Int {
        instants.count - instants.firstIndex(after: at - days * millisecondsPerDay)
    }
}

/// A finished issue: when, and how long after its creation.
struct FinishedLead: Sendable, Hashable, Codable {
    /// Milliseconds since the Unix epoch.
    var at: Int64
    /// From creation to done, in milliseconds.
    var lead: Int64

    /// ``lead`` in days.
    var days: Double { Double(lead) / Double(millisecondsPerDay) }
}

/// Lead times sorted by length, for percentiles and ranks.
struct SortedLeads: Sendable, Hashable {
    /// In days.
    private let sorted: [Double]

    init(_ leads: some Sequence<FinishedLead>) { sorted = leads.map(\.days).sorted() }

    var count: Int { sorted.count }

    /// The percentile by linear interpolation between the two nearest; NaN for none.
    func percentile(_ share: Double) -> Double {
        guard let last = sorted.last else { return .nan }
        let place = share * Double(sorted.count - 1)
        let index = Int(place)
        guard index + 1 < sorted.count else { return last }
        return sorted[index] + (sorted[index + 1] - sorted[index]) * (place - Double(index))
    }

    /// The share that is below `days`; NaN for none.
    func rank(of days: Double) -> Double {
        guard !sorted.isEmpty else { return .nan }
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < days { low = middle + 1 } else { high = middle }
        }
        return Double(low) / Double(sorted.count)
    }
}

let millisecondsPerDay: Int64 = 86_400_000

extension [Int64] {
    /// The place of the first that is after `instant`, of instants in the order of time.
    func firstIndex(after instant: Int64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// How many lie in (`after`, `through`], of instants in the order of time.
    func count(after: Int64, through: Int64) -> Int { firstIndex(after: through) - firstIndex(after: after) }
}

extension [FinishedLead] {
    /// Those that were finished after `instant`, of lead times in the order of time.
    func finished(after instant: Int64) -> ArraySlice<FinishedLead> {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].at <= instant { low = middle + 1 } else { high = middle }
        }
        return self[low...]
    }
}
