import Domain
import Foundation
import RiskEngine
import Yams

/// The `scoring` section of the file: any part of `RiskConfiguration`, laid over its defaults, with the properties'
/// names in snake case.
enum ScoringSection {
    /// The tables whose entries are named by the user.
    private static let tables: Set = [
        "scoring.days_by_priority", "scoring.points_by_priority", "scoring.role_rates", "scoring.people",
        "scoring.location_multipliers", "scoring.time_zone_locations", "scoring.category_phrases",
    ]

    /// Throws ``ConfigurationError`` for a key that does not exist or a value of the wrong kind.
    static func configuration(from section: Node?) throws -> RiskConfiguration {
        let defaults = RiskConfiguration.default
        guard let section, section.null == nil else { return defaults }
        do {
            // Foundation converts the names of properties and leaves the keys of dictionaries alone.
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let base = try JSONSerialization.jsonObject(with: encoder.encode(defaults))
            let merged = try overlay(value(of: section, at: "scoring"), on: base, at: "scoring")
            var configuration = try decoder.decode(
                RiskConfiguration.self, from: JSONSerialization.data(withJSONObject: merged))
            configuration.renameFormerRoles()
            try configuration.validate()
            return configuration
        } catch let error as DecodingError {
            throw ConfigurationError("scoring\(path(of: error)): the value is of the wrong kind")
        } catch let error as RiskConfigurationError {
            throw ConfigurationError("\(error)")
        }
    }

    /// `new` over `base`: mappings with fixed keys merge, tables with free keys (people, rates) merge by entry,
    /// everything else is replaced.
    private static func overlay(_ new: Any, on base: Any, at path: String) throws -> Any {
        guard let base = base as? [String: Any] else { return new }
        guard let new = new as? [String: Any] else { throw ConfigurationError("\(path) must be a mapping of keys") }
        let hasFreeKeys = tables.contains(path)
        var result = base
        for (key, value) in new {
            if let known = base[key] {
                result[key] = try overlay(value, on: known, at: "\(path).\(key)")
            } else if hasFreeKeys {
                result[key] = value
            } else {
                throw ConfigurationError("unknown key \(path).\(key) in the configuration file")
            }
        }
        return result
    }

    private static func value(of node: Node, at path: String) throws -> Any {
        switch node {
        case .mapping(let mapping):
            var object: [String: Any] = [:]
            for (key, value) in mapping {
                let name = key.string ?? "?"
                object[name] = try self.value(of: value, at: "\(path).\(name)")
            }
            return object
        case .sequence(let sequence): return try sequence.map { try value(of: $0, at: path) }
        case .scalar:
            if let integer = node.int { return integer }
            if let number = node.float { return number }
            if let flag = node.bool { return flag }
            return node.string ?? ""
        case .alias: throw ConfigurationError("\(path): aliases are not supported")
        }
    }

    private static func path(of error: DecodingError) -> String {
        let context =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context
            @unknown default: DecodingError.Context(codingPath: [], debugDescription: "")
            }
        return context.codingPath.map { ".\(snakeCase($0.stringValue))" }.joined()
    }

    private static func snakeCase(_ name: String) -> String {
        name.map { $0.isUppercase ? "_\($0.lowercased())" : String($0) }.joined()
    }
}
