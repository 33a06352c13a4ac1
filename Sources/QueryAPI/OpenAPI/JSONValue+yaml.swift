import Foundation
import Yams

/// A YAML value that JSON cannot express.
struct NotJSON: Error, CustomStringConvertible {
    let description: String

    init(node: Node) { description = "line \(node.mark?.line ?? 0): not a JSON value" }
}

extension JSONValue {
    /// The JSON that a YAML node stands for. Throws for what JSON does not have: dates, binary data, aliases and keys that
    /// are not scalars.
    ///
    /// `YAMLDecoder` cannot do this: from a node it finds nothing under a quoted number, such as `'200'`
    /// (`findings/yams-node-misses-quoted-keys.sh`).
    init(_ node: Node) throws(NotJSON) {
        switch node {
        case .mapping(let mapping):
            var object: [String: JSONValue] = [:]
            for (key, value) in mapping {
                guard let name = key.string else { throw NotJSON(node: key) }
                object[name] = try JSONValue(value)
            }
            self = .object(object)
        case .sequence(let sequence):
            self = .array(try sequence.map { node throws(NotJSON) in try JSONValue(node) })
        case .scalar:
            switch node.any {
            case is NSNull: self = .null
            case let value as Bool: self = .bool(value)
            case let value as Int: self = .number(Double(value))
            case let value as Double: self = .number(value)
            case let value as String: self = .string(value)
            default: throw NotJSON(node: node)
            }
        case .alias: throw NotJSON(node: node)
        }
    }
}
