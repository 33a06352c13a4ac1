import Domain
import Foundation

/// How a model was judged, as it is stored with ``ForecastModelRecord/verdict``.
public struct StoredVerdict: Sendable, Equatable {
    /// One a question, of those that every training is asked.
    public var results: [BacktestResult]

    init(results: [BacktestResult]) { self.results = results }

    /// A stored verdict. Throws `DecodingError`.
    public init(stored: String) throws {
        self = try CanonicalJSON.decode(StoredVerdict.self, from: Data(stored.utf8))
    }

    /// As it is stored. Throws what the encoder throws.
    public func stored() throws -> String { String(decoding: try CanonicalJSON.encode(self), as: UTF8.self) }
}

extension StoredVerdict: Codable {
    private enum CodingKeys: String, CodingKey { case version, results }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        results = try values.decode([BacktestResult].self, forKey: .results)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(1, forKey: .version)
        try values.encode(results, forKey: .results)
    }
}
