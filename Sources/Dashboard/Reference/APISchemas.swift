import Yams

/// A piece of a text: words, or something that is set as code.
struct ProsePart: Sendable {
    var text: String?
    var code: String?

    /// The pieces of a text in which code stands between back quotes.
    static func parts(of text: String?) -> [ProsePart] {
        guard let text, !text.isEmpty else { return [] }
        return text.split(separator: "`", omittingEmptySubsequences: false).enumerated().compactMap { index, piece in
            guard !piece.isEmpty else { return nil }
            return index % 2 == 0 ? ProsePart(text: String(piece)) : ProsePart(code: String(piece))
        }
    }
}

/// A piece of the name of a type: a word, or the name of a schema, which leads to it.
struct TypePart: Sendable {
    var text: String
    var path: String?
}

/// A row of a table of fields or parameters.
struct FieldRow: Sendable {
    var name: String
    var isRequired: Bool
    var type: [TypePart]
    var description: [ProsePart]
    /// The values that it may have; empty for any.
    var values: [String]
    var hasValues: Bool
    var limits: String?
}

/// Reads the schemas of an OpenAPI document (JSON Schema 2020-12, as far as the document uses it).
struct APISchemas {
    private let root: Node

    init(root: Node) { self.root = root }

    /// The page that lists the named schemas; each has a page below it.
    static let path = "/docs/schemas"

    /// Follows a reference; the node itself where it is no reference.
    func resolved(_ node: Node) -> Node {
        guard let reference = node["$ref"]?.string else { return node }
        let target = reference.split(separator: "/").dropFirst().reduce(Optional(root)) { $0?[String($1)] }
        return target ?? node
    }

    /// The name of the schema that a node refers to; nil where it is no reference.
    func name(of node: Node) -> String? {
        node["$ref"]?.string?.split(separator: "/").last.map(String.init)
    }

    // MARK: Types

    /// What a value of a schema is, in words.
    func type(of node: Node) -> [TypePart] {
        if let name = name(of: node) { return [TypePart(text: name, path: "\(Self.path)/\(name)")] }
        for (key, word) in [("allOf", "and"), ("anyOf", "or"), ("oneOf", "or")] {
            guard let choices = node[key]?.array().filter(Self.isType), !choices.isEmpty else { continue }
            let separator = TypePart(text: " \(PageTexts.english("reference", word)) ")
            return Array(choices.map(type).joined(separator: [separator]))
        }
        let types = Self.types(of: node)
        let separator = TypePart(text: " \(PageTexts.english("reference", "or")) ")
        return Array(types.map { self.type($0, of: node) }.joined(separator: [separator]))
    }

    private func type(_ type: String, of node: Node) -> [TypePart] {
        switch type {
        case "array":
            let items = node["items"].map(self.type) ?? []
            return [TypePart(text: PageTexts.english("reference", "array_of") + " ")] + items
        case "object":
            guard let values = node["additionalProperties"], values.mapping != nil else { break }
            return [TypePart(text: PageTexts.english("reference", "map_of") + " ")] + self.type(of: values)
        case "string":
            if let format = node["format"]?.string { return [TypePart(text: "string (\(format))")] }
        default: break
        }
        return [TypePart(text: type)]
    }

    /// Whether a part of a combination says what a value is, and not only what else holds of it.
    private static func isType(_ node: Node) -> Bool { node["$ref"] != nil || node["type"] != nil }

    static func types(of node: Node) -> [String] {
        if let list = node["type"]?.sequence { return list.compactMap(\.string) }
        if let type = node["type"]?.string { return [type] }
        if node["properties"] != nil { return ["object"] }
        return node["enum"] != nil || node["const"] != nil ? ["string"] : ["any"]
    }

    // MARK: Fields

    /// The fields of an object, those of objects in it under dotted names.
    func fields(of node: Node, prefix: String = "") -> [FieldRow] {
        var rows: [FieldRow] = []
        for part in node["allOf"]?.array() ?? [] {
            rows +=
                name(of: part) == nil ? fields(of: part, prefix: prefix) : fields(of: resolved(part), prefix: prefix)
        }
        let required = Set(node["required"]?.array().compactMap(\.string) ?? [])
        for (key, value) in node["properties"]?.mapping.map(Array.init) ?? [] {
            guard let name = key.string, value.mapping != nil else { continue }
            rows.append(row(prefix + name, value, isRequired: required.contains(name)))
            rows += inner(value, prefix: prefix + name)
        }
        return rows
    }

    /// The fields of what is described where it is used.
    private func inner(_ node: Node, prefix: String) -> [FieldRow] {
        if let items = node["items"], name(of: items) == nil { return inner(items, prefix: "\(prefix)[]") }
        if let values = node["additionalProperties"], values.mapping != nil, name(of: values) == nil {
            return inner(values, prefix: "\(prefix).*")
        }
        return node["properties"] == nil ? [] : fields(of: node, prefix: "\(prefix).")
    }

    /// A field or a parameter of a schema.
    func row(_ name: String, _ schema: Node, isRequired: Bool, description: String? = nil) -> FieldRow {
        let values = (schema["enum"] ?? schema["items"]?["enum"])?.array().compactMap(\.string) ?? []
        let text = description ?? schema["description"]?.string
        return FieldRow(
            name: name, isRequired: isRequired, type: type(of: schema), description: ProsePart.parts(of: text),
            values: values, hasValues: !values.isEmpty, limits: limits(of: schema))
    }

    /// As `1 … 200, default 50`; nil where nothing is limited.
    private func limits(of schema: Node) -> String? {
        func range(_ least: String, _ most: String) -> String? {
            switch (schema[least]?.string, schema[most]?.string) {
            case (let least?, let most?): "\(least) … \(most)"
            case (let least?, nil): "≥ \(least)"
            case (nil, let most?): "≤ \(most)"
            case (nil, nil): nil
            }
        }
        func text(_ name: String, _ value: String?) -> String? {
            value.map { PageTexts.english("reference", name, ["value": $0]) }
        }
        let parts = [
            range("minimum", "maximum"), text("characters", range("minLength", "maxLength")),
            text("items", range("minItems", "maxItems")), text("default", schema["default"]?.string),
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}
