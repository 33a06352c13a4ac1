public import Domain
import Foundation

/// What a backtest found, as it is stored with ``ForecastBacktest/result``.
public struct BacktestReport: Sendable, Equatable {
    /// The end of what is known.
    public var end: Timestamp
    /// What was asked.
    public var request: BacktestRequest
    /// Issues whose history was read.
    public var issues: Int
    /// Issues finished in the 24 months before ``end``.
    public var finished: Int
    /// What was trained at the cuts.
    public var kind: HazardTraining.Kind
    /// The model that training went on from; nil for none.
    public var prior: String?
    /// One a question.
    public var results: [BacktestResult]

    /// A stored report. Throws `DecodingError`.
    public init(stored: String) throws {
        self = try CanonicalJSON.decode(BacktestReport.self, from: Data(stored.utf8))
    }

    /// As it is stored. Throws what the encoder throws.
    public func stored() throws -> String { String(decoding: try CanonicalJSON.encode(self), as: UTF8.self) }

    init(
        end: Timestamp, request: BacktestRequest, issues: Int, finished: Int, kind: HazardTraining.Kind,
        prior: String?, results: [BacktestResult]
    ) {
        self.end = end
        self.request = request
        self.issues = issues
        self.finished = finished
        self.kind = kind
        self.prior = prior
        self.results = results
    }
}

extension BacktestReport: Codable {
    private enum CodingKeys: String, CodingKey { case version, end, request, issues, finished, kind, prior, results }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        end = Timestamp(milliseconds: try values.decode(Int64.self, forKey: .end))
        request = try values.decode(BacktestRequest.self, forKey: .request)
        issues = try values.decode(Int.self, forKey: .issues)
        finished = try values.decode(Int.self, forKey: .finished)
        kind = try values.decode(HazardTraining.Kind.self, forKey: .kind)
        prior = try values.decodeIfPresent(String.self, forKey: .prior)
        results = try values.decode([BacktestResult].self, forKey: .results)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(1, forKey: .version)
        try values.encode(end.milliseconds, forKey: .end)
        try values.encode(request, forKey: .request)
        try values.encode(issues, forKey: .issues)
        try values.encode(finished, forKey: .finished)
        try values.encode(kind, forKey: .kind)
        try values.encodeIfPresent(prior, forKey: .prior)
        try values.encode(results, forKey: .results)
    }
}
