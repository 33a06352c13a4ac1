public import Domain
import Foundation

/// A few training samples that stand for a typical open issue, always the same ones of the same training.
public struct ReferenceSamples: Sendable, Equatable {
    /// One feature vector each.
    public let vectors: [[Float]]

    /// As many as the explanation of a number averages over.
    public static let most = 16

    public init(vectors: [[Float]]) { self.vectors = vectors }

    /// Chooses among the samples of the year before the cut (of all, if there are too few) by a hash of issue and
    /// instant, at most one an issue.
    public init(choosingFrom samples: [ObservedSample], cut: Timestamp) {
        let known = samples.filter { $0.sample.at <= cut }
        let recent = known.filter { $0.sample.at > cut.adding(days: -365) }
        let pool = (recent.count >= 4 * Self.most ? recent : known).map {
            (
                hash: (UInt64.hash(of: $0.sample.issue.rawValue) ^ UInt64(bitPattern: $0.sample.at.milliseconds)).mixed,
                $0.sample
            )
        }
        let ordered = pool.sorted {
            ($0.hash, $0.1.issue.rawValue, $0.1.at) < ($1.hash, $1.1.issue.rawValue, $1.1.at)
        }
        var (issues, chosen) = (Set<IssueID>(), [[Float]]())
        for (_, sample) in ordered where chosen.count < Self.most {
            if issues.insert(sample.issue).inserted { chosen.append(sample.features) }
        }
        vectors = chosen
    }
}

// JSON has no NaN: the values are the base64 of their bytes, least significant first.
extension ReferenceSamples: Codable {
    private enum CodingKeys: String, CodingKey { case columns, values }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let columns = try container.decode(Int.self, forKey: .columns)
        let bytes = [UInt8](try container.decode(Data.self, forKey: .values))
        guard columns > 0, bytes.count.isMultiple(of: 4 * columns) else {
            throw DecodingError.dataCorruptedError(
                forKey: .values, in: container, debugDescription: "not whole samples")
        }
        let values = stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
        vectors = stride(from: 0, to: values.count, by: columns).map { Array(values[$0..<$0 + columns]) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(max(vectors.first?.count ?? 0, 1), forKey: .columns)
        var bytes: [UInt8] = []
        for value in vectors.joined() {
            let bits = (value.isNaN ? Float.nan : value).bitPattern
            for shift in stride(from: 0, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift)))
            }
        }
        try container.encode(Data(bytes), forKey: .values)
    }

    /// Every NaN is the same.
    public static func == (a: ReferenceSamples, b: ReferenceSamples) -> Bool {
        a.vectors.count == b.vectors.count
            && zip(a.vectors, b.vectors).allSatisfy { x, y in
                x.count == y.count && zip(x, y).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
            }
    }
}
