import Domain
import Foundation

/// What the weekly checks of a tenant's model found, as it is stored with ``ForecastBasis/drift``.
public struct DriftRecord: Sendable, Equatable, Codable {
    /// One weekly check.
    public struct Week: Sendable, Equatable, Codable {
        /// When, in milliseconds since 1970.
        public var at: Int64
        /// The model that was judged: one that had not seen what it was judged by.
        public var modelID: String
        /// Completions of the last 28 days against those that were expected.
        public var tempo: Drift.Tempo?
        /// Outcomes that ripened in the last eight weeks.
        public var outcomes: Int
        /// The Brier skill over age on them; nil where there are too few.
        public var skillOverAge: Double?

        private enum CodingKeys: String, CodingKey {
            case at, modelID = "model_id", tempo, outcomes, skillOverAge = "skill_over_age"
        }
    }

    /// A feature whose values are not distributed as in training.
    public struct Moved: Sendable, Equatable, Codable {
        /// The feature's name.
        public var feature: String
        /// The population stability index.
        public var index: Double

        private enum CodingKeys: String, CodingKey { case feature, index }
    }

    /// The newest checks, oldest first.
    public var weeks: [Week] = []
    /// Whether the tempo changed, by the last two checks.
    public var tempoChanged = false
    /// Features that had moved at the last check.
    public var moved: [Moved] = []

    /// Checks that are kept.
    static let kept = 12
    private static let version = 1

    private enum CodingKeys: String, CodingKey {
        case version, weeks, tempoChanged = "tempo_changed", moved
    }

    public init() {}

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        weeks = try values.decode([Week].self, forKey: .weeks)
        tempoChanged = try values.decode(Bool.self, forKey: .tempoChanged)
        moved = try values.decode([Moved].self, forKey: .moved)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(Self.version, forKey: .version)
        try values.encode(weeks, forKey: .weeks)
        try values.encode(tempoChanged, forKey: .tempoChanged)
        try values.encode(moved, forKey: .moved)
    }

    /// A stored record. Throws `DecodingError`.
    public init(stored: String) throws { self = try CanonicalJSON.decode(DriftRecord.self, from: Data(stored.utf8)) }

    /// As it is stored. Throws what the encoder throws.
    public func stored() throws -> String { String(decoding: try CanonicalJSON.encode(self), as: UTF8.self) }

    /// Whether a week has passed since the last check.
    func isDue(at now: Timestamp) -> Bool {
        guard let last = weeks.last else { return true }
        return now >= Timestamp(milliseconds: last.at).adding(days: 7)
    }

    /// Adds a check.
    mutating func add(_ week: Week) {
        weeks = Array((weeks + [week]).suffix(Self.kept))
        tempoChanged = Drift.tempoChanged(weeks.compactMap(\.tempo))
    }
}
