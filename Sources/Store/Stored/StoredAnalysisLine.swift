import Domain
import Foundation

/// What tables show of an `analysis_json`, read alone: the whole takes several times as long, and a page has fifty.
struct StoredAnalysisLine: Decodable {
    let riskScore: Int
    let band: RiskBand
    /// Without their evidence.
    let factors: [Factor]

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case band, factors
        case riskScore = "risk_score"
    }

    private struct FactorLine: Decodable {
        let value: Factor

        private enum CodingKeys: String, CodingKey {
            case name, points, cap, explanation
        }

        init(from decoder: any Decoder) throws {
            let row = try decoder.container(keyedBy: CodingKeys.self)
            value = Factor(
                name: try row.read(.name), points: try row.read(.points), cap: try row.read(.cap),
                explanation: try row.read(.explanation))
        }
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        _ = try StoredAnalysis.version(of: row, .version)
        riskScore = try row.read(.riskScore)
        band = try row.read(.band)
        factors = try row.decode([FactorLine].self, forKey: .factors).map(\.value)
    }

    /// Throws `StorageError(.corrupt)` where `text` is no analysis, or a newer consilod wrote it.
    init(text: String) throws {
        do {
            self = try CanonicalJSON.read(StoredAnalysisLine.self, from: text)
        } catch let error as UnknownStoredVersion {
            throw StorageError(.corrupt, "an analysis is a newer one: \(error)", cause: error)
        } catch {
            throw StorageError(.corrupt, "an analysis cannot be read", cause: error)
        }
    }
}
