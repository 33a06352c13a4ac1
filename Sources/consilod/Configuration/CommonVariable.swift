import Configuration
import Foundation

/// A variable of the environment that platforms set for any program, and that the product which consilod replaces was
/// configured by. It stands for a key, and ranks with the key's own `CONSILOD_` variable.
///
/// Such a name may be meant for another program. So it is never one of several values that win over each other: where any
/// other source gives the key another value, the configuration is refused.
enum CommonVariable: String, CaseIterable {
    /// A connection string of PostgreSQL, also as SQLAlchemy writes it (`postgresql+asyncpg://…`).
    case databaseURL = "DATABASE_URL"
    case encryptionKey = "ENCRYPTION_KEY"
    case port = "PORT"

    /// The key that it stands for.
    var key: String {
        switch self {
        case .databaseURL: "store.url"
        case .encryptionKey: "encryption.key"
        case .port: "http.port"
        }
    }

    /// The value of the variable as that of the key.
    private func value(_ text: String) -> String {
        switch self {
        // libpq knows no drivers of SQLAlchemy.
        case .databaseURL: text.replacing(/^postgres(?:ql)?\+[a-z0-9]+:/, with: "postgresql:")
        case .encryptionKey, .port: text
        }
    }

    /// Where the key has its other value, for people; nil where it has none, or the same.
    private func contradiction(
        of value: String, in given: ConfigReader, variables: [String: String]
    ) -> String? {
        let own = "CONSILOD_" + key.uppercased().replacing(".", with: "_")
        if let other = given.string(forKey: ConfigKey(key), isSecret: true), !other.isEmpty, other != value {
            return variables[own] != nil ? own : "\(key) of the credentials or the configuration file"
        }
        // A URL would win over the path without a word.
        let path = self == .databaseURL ? given.string(forKey: ConfigKey("store.path")) : nil
        return path?.isEmpty == false ? "store.path" : nil
    }

    /// The keys that variables of these names give a value.
    ///
    /// - Parameters:
    ///   - variables: the environment without variables that are empty.
    ///   - given: all other sources.
    /// - Throws: ``ConfigurationError`` where another source says something else. Shows no value.
    static func values(
        of variables: [String: String], beside given: ConfigReader
    ) throws -> [AbsoluteConfigKey: ConfigValue] {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for variable in allCases {
            guard let text = variables[variable.rawValue] else { continue }
            let value = variable.value(text)
            if let other = variable.contradiction(of: value, in: given, variables: variables) {
                throw ConfigurationError(
                    "the variable \(variable.rawValue) contradicts \(other): remove one of the two")
            }
            let path = variable.key.split(separator: ".").map(String.init)
            values[AbsoluteConfigKey(path)] = ConfigValue(.string(value), isSecret: true)
        }
        return values
    }
}
