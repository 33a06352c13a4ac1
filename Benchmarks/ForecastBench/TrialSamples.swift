import Domain
import Forecast
import Foundation

/// Samples that Benchmarks/forecast.py dumped from the Python trial: a header of three integers (samples, features,
/// end), then seven integers a sample (issue, instant, created, done, due, project, issues of the usual time; -1:
/// none), its usual time as a double, and its features as floats. All little-endian.
struct TrialSamples {
    let observed: [ObservedSample]
    let end: Timestamp

    init(_ path: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        var result: [ObservedSample] = []
        end = bytes.withUnsafeBytes { bytes in
            func integer(_ index: Int) -> Int64 { bytes.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self) }
            let (count, columns) = (Int(integer(0)), Int(integer(1)))
            let end = Timestamp(milliseconds: integer(2))
            let usuals = 24 + 56 * count
            for row in 0..<count {
                let fields = (0..<7).map { integer(3 + 7 * row + $0) }
                let features = (0..<columns).map {
                    bytes.loadUnaligned(fromByteOffset: usuals + 8 * count + 4 * (row * columns + $0), as: Float.self)
                }
                func instant(_ field: Int) -> Timestamp? {
                    fields[field] < 0 ? nil : Timestamp(milliseconds: fields[field])
                }
                let sample = Sample(
                    issue: IssueID("\(fields[0])"), project: "\(fields[5])", at: Timestamp(milliseconds: fields[1]),
                    created: Timestamp(milliseconds: fields[2]), features: features,
                    usual: bytes.loadUnaligned(fromByteOffset: usuals + 8 * row, as: Double.self),
                    usualCount: Int(fields[6]), due: instant(4))
                // The stream goes on for days after the last instant of a sample, and outcomes in it are known.
                result.append(
                    ObservedSample(sample: sample, outcome: Outcome(done: instant(3), observedUntil: end)))
            }
            return end
        }
        observed = result
    }

    /// The weekly samples up to a cut, thinned as the trial does.
    func thinned(cut: Timestamp) -> [ObservedSample] {
        let keep = [0, 1, 2, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64, 90, 128, 181, 256, 362, 512]
        let gaps = zip(keep, zip(keep, keep.dropFirst() + [612]).map { $1 - $0 })
        let gap = Dictionary(uniqueKeysWithValues: gaps.map { ($0, $1) })
        let groups = Dictionary(grouping: observed.filter { $0.sample.at <= cut }, by: \.sample.issue)
        return groups.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { _, group in
            group.sorted { $0.sample.at < $1.sample.at }.enumerated().compactMap { index, observed in
                let isActive = observed.sample[.changes7] > 0 || observed.sample[.comments7] > 0
                guard gap[index] != nil || isActive else { return nil }
                var observed = observed
                let weeks = gap[index].map { min($0, group.count - index) } ?? 1
                observed.sample.weight = Float(Double(weeks) / Double(group.count).squareRoot())
                return observed
            }
        }
    }
}
