/// The product-limit estimate of "still open" by age (Kaplan, Meier 1958).
struct KaplanMeier: Sendable {
    /// Ages at which issues were done, ascending.
    private var ages: [Double] = []
    /// The estimate from that age on.
    private var values: [Double] = []

    /// - Parameter lives: Days until done, or until the observation ended.
    init(_ lives: [(days: Double, done: Bool)]) {
        let ordered = lives.sorted { $0.days < $1.days }
        var (survival, start) = (1.0, 0)
        while start < ordered.count {
            var (end, done) = (start, 0)
            while end < ordered.count, ordered[end].days == ordered[start].days {
                done += ordered[end].done ? 1 : 0
                end += 1
            }
            if done > 0 {
                survival *= 1 - Double(done) / Double(ordered.count - start)
                ages.append(ordered[start].days)
                values.append(survival)
            }
            start = end
        }
    }

    /// The share that is still open at `age` days.
    func survival(_ age: Double) -> Double {
        var (low, high) = (0, ages.count)
        while low < high {
            let middle = (low + high) / 2
            if ages[middle] <= age { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? 1 : values[low - 1]
    }

    /// The probability that an issue of `age` is still open `left` days later; 1 where none of that age has been seen.
    func survival(_ age: Double, further left: Double) -> Double {
        let now = survival(age)
        return now > 0 ? survival(age + left) / now : 1
    }
}
