import Foundation
import Testing

@testable import QueryAPI

/// What is returned is what `openapi.yaml` describes.
@Suite struct ViewSchemaTests {
    @Test(arguments: ViewSamples.all) func encodesExactlyWhatItsSchemaDescribes(_ samples: ViewSamples) throws {
        let schemas = try OpenAPISchemas()
        let schema = try #require(schemas.named[samples.schema])
        #expect(schemas.mismatches(between: samples.values, and: schema, at: samples.schema) == [])
    }

    @Test func everySchemaOfAResponseIsCompared() throws {
        let schemas = try OpenAPISchemas()
        #expect(schemas.inResponses == Set(ViewSamples.all.map(\.schema)))
    }
}

/// The schemas of the OpenAPI document.
struct OpenAPISchemas {
    private static let prefix = "#/components/schemas/"

    let named: [String: JSONValue]
    private let document: JSONValue

    init() throws {
        document = try JSONDecoder().decode(
            JSONValue.self, from: Data(try OpenAPIDocument(version: "1.2.3").json.utf8))
        named = document["components"]?["schemas"]?.members ?? [:]
    }

    /// The named schemas that are a response's body, or the items of one.
    var inResponses: Set<String> {
        var names: Set<String> = []
        func look(in value: JSONValue) {
            for (key, member) in value.members {
                if ["requestBody", "parameters", "schemas"].contains(key) { continue }
                if key == "schema" {
                    let schema = member["items"] ?? member
                    if let reference = schema["$ref"]?.text, reference.hasPrefix(Self.prefix) {
                        names.insert(String(reference.dropFirst(Self.prefix.count)))
                    }
                } else {
                    look(in: member)
                }
            }
        }
        look(in: document)
        return names
    }

    /// Where encoded samples and their schema disagree. The samples together must show every type that the schema
    /// allows, a null included; a required property is one that every sample has.
    func mismatches(between samples: [JSONValue], and schema: JSONValue, at path: String) -> [String] {
        let schema = merged(schema)
        var found: [String] = []
        let (described, encoded) = (types(of: schema), Set(samples.map(\.typeName)))
        if described != encoded { found.append("\(path): described as \(described), encoded as \(encoded)") }
        if schema["type"]?.text == "integer", !samples.allSatisfy({ $0.number?.rounded() == $0.number }) {
            found.append("\(path): not an integer")
        }
        if let choices = schema["enum"]?.items {
            for sample in samples where !choices.contains(sample) { found.append("\(path): \(sample) is no choice") }
        }
        let objects = samples.filter { $0.typeName == "object" }.map(\.members)
        if !objects.isEmpty { found += mismatches(between: objects, and: schema, at: path) }
        // What holds items of its own kind, as a tree does, is compared where it begins.
        let begins = Self.prefix + path.prefix { $0 != "." && $0 != "[" }
        if let itemSchema = schema["items"], itemSchema["$ref"]?.text != begins {
            found += mismatches(between: samples.flatMap(\.items), and: itemSchema, at: "\(path)[]")
        }
        return found
    }

    private func mismatches(
        between objects: [[String: JSONValue]], and schema: JSONValue, at path: String
    ) -> [String] {
        if let valueSchema = schema["additionalProperties"] {
            return mismatches(between: objects.flatMap(\.values), and: valueSchema, at: "\(path){}")
        }
        var found: [String] = []
        let properties = schema["properties"]?.members ?? [:]
        let keys = objects.map { Set($0.keys) }
        let all = keys.reduce(into: Set<String>()) { $0.formUnion($1) }
        if all != Set(properties.keys) {
            found.append("\(path): properties differ by \(all.symmetricDifference(properties.keys).sorted())")
        }
        let always = all.filter { key in keys.allSatisfy { $0.contains(key) } }
        let required = Set(schema["required"]?.items.compactMap(\.text) ?? [])
        if always != required {
            found.append("\(path): required differs by \(always.symmetricDifference(required).sorted())")
        }
        for (name, property) in properties where all.contains(name) {
            found += mismatches(between: objects.compactMap { $0[name] }, and: property, at: "\(path).\(name)")
        }
        return found
    }

    /// A schema without `$ref` and `allOf`.
    private func merged(_ schema: JSONValue) -> JSONValue {
        if let reference = schema["$ref"]?.text, let target = named[String(reference.dropFirst(Self.prefix.count))] {
            return merged(target)
        }
        guard let parts = schema["allOf"]?.items.map(merged) else { return schema }
        let properties = parts.reduce(into: [:]) { $0.merge($1["properties"]?.members ?? [:]) { $1 } }
        return .object([
            "type": .string("object"), "properties": .object(properties),
            "required": .array(parts.flatMap { $0["required"]?.items ?? [] }),
        ])
    }

    private func types(of schema: JSONValue) -> Set<String> {
        let type = schema["type"]
        let names = type?.text.map { [$0] } ?? type?.items.compactMap(\.text) ?? []
        return Set(names.map { $0 == "integer" ? "number" : $0 })
    }
}

extension JSONValue {
    fileprivate var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    /// The type's name in JSON Schema.
    fileprivate var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
