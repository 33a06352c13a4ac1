import Domain
import Foundation

/// What a backtest is asked for, as it is stored with ``ForecastBacktest/options``.
public struct BacktestRequest: Sendable, Equatable {
    /// How many cuts, in ``cutRange``.
    public var cuts: Int
    /// Days that are predicted from a cut on, in ``horizons``.
    public var horizonDays: Int
    /// At least one.
    public var questions: [Question]

    /// What ``cuts`` may be: each costs about two seconds of the processor.
    public static let cutRange = 1...24
    /// What ``horizonDays`` may be.
    public static let horizons = 7...730

    public init(cuts: Int = 6, horizonDays: Int = 184, questions: [Question] = [.usual]) {
        self.cuts = cuts
        self.horizonDays = horizonDays
        self.questions = questions
    }

    /// A stored request. Throws `DecodingError`.
    public init(stored: String) throws {
        self = try CanonicalJSON.decode(BacktestRequest.self, from: Data(stored.utf8))
    }

    /// As it is stored. Throws what the encoder throws.
    public func stored() throws -> String { String(decoding: try CanonicalJSON.encode(self), as: UTF8.self) }
}

extension BacktestRequest: Codable {
    private enum CodingKeys: String, CodingKey { case version, cuts, horizonDays = "horizon_days", questions }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        cuts = try values.decode(Int.self, forKey: .cuts)
        horizonDays = try values.decode(Int.self, forKey: .horizonDays)
        questions = try values.decode([String].self, forKey: .questions).compactMap { Question(name: $0) }
        guard !questions.isEmpty else {
            throw DecodingError.dataCorruptedError(forKey: .questions, in: values, debugDescription: "no question")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(1, forKey: .version)
        try values.encode(cuts, forKey: .cuts)
        try values.encode(horizonDays, forKey: .horizonDays)
        try values.encode(questions.map(\.name), forKey: .questions)
    }
}
