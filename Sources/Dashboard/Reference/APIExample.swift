import Yams

/// A value that a schema allows, as JSON for people: the schema's own example, a value that it names, or one that follows from
/// its type and the name of the field.
struct APIExample {
    /// Objects in objects that are shown.
    private static let deepest = 5

    private let schemas: APISchemas

    init(_ schemas: APISchemas) { self.schemas = schemas }

    /// With line breaks; nil where the schema says nothing.
    ///
    /// - Parameter onlyRequired: whether fields are left out that need not be there, as in the body of a request.
    func text(of schema: Node, onlyRequired: Bool = false) -> String? {
        var path: [String] = []
        let value = value(of: schema, named: "", path: &path, onlyRequired: onlyRequired)
        if case .object(let fields) = value, fields.isEmpty { return nil }
        return value.text(indentation: "")
    }

    private indirect enum Value {
        case object([(String, Value)])
        case array(Value)
        /// JSON already.
        case scalar(String)

        func text(indentation: String) -> String {
            let inner = indentation + "  "
            switch self {
            case .scalar(let text): return text
            case .array(let value): return "[\(value.text(indentation: indentation))]"
            case .object(let fields):
                guard !fields.isEmpty else { return "{}" }
                let lines = fields.map { "\(inner)\"\($0.0)\": \($0.1.text(indentation: inner))" }
                return "{\n\(lines.joined(separator: ",\n"))\n\(indentation)}"
            }
        }
    }

    private func value(of node: Node, named field: String, path: inout [String], onlyRequired: Bool) -> Value {
        if let name = schemas.name(of: node) {
            // A schema that holds itself ends here.
            guard !path.contains(name), path.count < Self.deepest else { return .scalar("{}") }
            path.append(name)
            defer { path.removeLast() }
            return value(of: schemas.resolved(node), named: field, path: &path, onlyRequired: onlyRequired)
        }
        if let example = node["examples"]?.array().first ?? node["const"] ?? node["default"] {
            return .scalar(Self.json(example))
        }
        if let first = node["enum"]?.array().first { return .scalar(Self.json(first)) }
        for key in ["anyOf", "oneOf"] {
            let choice = node[key]?.array().first { $0["$ref"] != nil || $0["type"] != nil }
            if let choice { return value(of: choice, named: field, path: &path, onlyRequired: onlyRequired) }
        }
        let type = APISchemas.types(of: node).first { $0 != "null" } ?? "null"
        switch type {
        case "array":
            guard let items = node["items"] else { return .scalar("[]") }
            return .array(value(of: items, named: field, path: &path, onlyRequired: onlyRequired))
        case "object", "any": return object(node, path: &path, onlyRequired: onlyRequired)
        case "integer": return .scalar(node["minimum"]?.string ?? "1")
        case "number": return .scalar("0.5")
        case "boolean": return .scalar("true")
        case "string": return .scalar("\"\(Self.string(format: node["format"]?.string, named: field))\"")
        default: return .scalar("null")
        }
    }

    private func object(_ node: Node, path: inout [String], onlyRequired: Bool) -> Value {
        var fields: [(String, Value)] = []
        for part in node["allOf"]?.array() ?? [] {
            if case .object(let more) = value(of: part, named: "", path: &path, onlyRequired: onlyRequired) {
                fields += more
            }
        }
        // Where one of several is required, the first stands for them.
        let either = (node["oneOf"] ?? node["anyOf"])?.array().first?["required"]
        let required = Set((node["required"]?.array() ?? []) + (either?.array() ?? []))
        for (key, schema) in node["properties"]?.mapping.map(Array.init) ?? [] {
            guard let name = key.string, !onlyRequired || required.isEmpty || required.contains(key) else { continue }
            fields.append((name, value(of: schema, named: name, path: &path, onlyRequired: onlyRequired)))
        }
        return .object(fields)
    }

    private static func string(format: String?, named field: String) -> String {
        switch format {
        case "uuid": return "3c1f9a52-7d04-4a6e-9b1e-0f5d8c2b7a61"
        case "date-time": return "2026-11-30T09:00:00Z"
        case "date": return "2026-12-04"
        case "uri": return "https://acme.atlassian.net"
        case "email": return "lead@acme.example"
        default: break
        }
        switch field {
        case "key", "issue_key": return "PAY-7"
        case "project", "project_key", "project_keys": return "PAY"
        case "name": return "Payments"
        case "status": return "In Progress"
        case "assignee": return "Robin Lindqvist"
        default: return "…"
        }
    }

    private static func json(_ node: Node) -> String {
        switch node.any {
        case is Bool, is Int, is Double: return node.string ?? "null"
        case let text as String:
            return "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
        case is [Any]: return "[\(node.array().map(json).joined(separator: ", "))]"
        default: return "null"
        }
    }
}
