import Domain
import Foundation

extension TenantPace {
    /// Why bytes are no pace that can be used.
    public enum FormError: Error, Equatable, CustomStringConvertible {
        /// Another version made them; its number.
        case otherVersion(Int)

        public var description: String {
            switch self {
            case .otherVersion(let version): "the pace is of another form (\(version))"
            }
        }
    }

    /// The form of ``stored()``. It changes with what the pace means; an old one is not read but computed again, daily.
    static let formVersion = 1

    private struct Form: Codable {
        var version: Int
        var pace: TenantPace?

        private enum CodingKeys: String, CodingKey { case version, pace }
    }

    private struct FormVersion: Decodable {
        var version: Int

        private enum CodingKeys: String, CodingKey { case version }
    }

    /// The pace as it is stored: the same pace gives the same bytes. Throws what the encoder throws.
    public func stored() throws -> [UInt8] {
        [UInt8](try CanonicalJSON.encode(Form(version: Self.formVersion, pace: self)))
    }

    /// A pace that was stored. Throws ``FormError`` for one of another version, and `DecodingError` for other bytes.
    public init(stored bytes: [UInt8]) throws {
        let data = Data(bytes)
        let version = try CanonicalJSON.decode(FormVersion.self, from: data).version
        guard version == Self.formVersion, let pace = try CanonicalJSON.decode(Form.self, from: data).pace else {
            throw FormError.otherVersion(version)
        }
        self = pace
    }
}
