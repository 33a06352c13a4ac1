import Foundation
import Yams

/// The description of the API, ready to be shown.
struct APIReference: Sendable {
    /// The operations that belong together.
    struct Group: Sendable {
        /// The last part of the page's path.
        var slug: String
        var path: String
        var name: String
        var description: String
        var operations: [Operation]
    }

    struct Operation: Sendable {
        /// The path of its page with its place there.
        var address: String
        var anchor: String
        var method: String
        var template: String
        var summary: String
        var details: [ProsePart]
        var credentials: String
        var parameters: [FieldRow]
        var hasParameters: Bool
        var bodyType: [TypePart]
        var bodyFields: [FieldRow]
        var hasBody: Bool
        var bodyExample: String?
        var answers: [Answer]
        var answerExample: String?
        var command: String
        var trial: Trial?
    }

    /// What is needed to run an operation from its page.
    struct Trial: Sendable {
        struct Input: Sendable {
            var id: String
            var name: String
            var place: String
            var isRequired: Bool
        }
        var template: String
        var inputs: [Input]
        /// The identifier of the field for a key; nil where none is needed.
        var keyID: String?
        var label: String
    }

    struct Answer: Sendable {
        var status: String
        var description: [ProsePart]
        var type: [TypePart]
    }

    struct Schema: Sendable {
        var name: String
        /// The path of its page. Not by that name: templates look for a name in what is around, too, and a type has a path only
        /// where it leads somewhere.
        var address: String
        var description: [ProsePart]
        var type: [TypePart]
        var fields: [FieldRow]
        var hasFields: Bool
        var values: [String]
        var hasValues: Bool
    }

    struct Scheme: Sendable {
        var name: String
        var description: String
    }

    var description: [ProsePart]
    var schemes: [Scheme]
    var groups: [Group]
    var schemas: [Schema]

    /// - Parameters:
    ///   - yaml: an OpenAPI 3.1 document.
    ///   - site: what stands before the paths in commands.
    /// - Throws: `YamlError`.
    init(yaml: String, site: String) throws {
        let root = try Yams.compose(yaml: yaml) ?? Node("")
        let reader = OperationReader(root: root, site: site)
        description = ProsePart.parts(of: root["info"]?["description"]?.string)
        schemes = (root["components"]?["securitySchemes"]?.pairs ?? []).map {
            Scheme(name: $0.name, description: $0.value["description"]?.string ?? "")
        }
        let operations = reader.operations
        groups = (root["tags"]?.array() ?? []).compactMap { tag in
            guard let name = tag["name"]?.string else { return nil }
            let slug = name.lowercased()
            return Group(
                slug: slug, path: "/docs/\(slug)", name: name, description: tag["description"]?.string ?? "",
                operations: operations[name] ?? [])
        }
        let reading = APISchemas(root: root)
        schemas = (root["components"]?["schemas"]?.pairs ?? []).map { name, node in
            let fields = reading.fields(of: node)
            let values = node["enum"]?.array().compactMap(\.string) ?? []
            return Schema(
                name: name, address: "\(APISchemas.path)/\(name)",
                description: ProsePart.parts(of: node["description"]?.string),
                type: fields.isEmpty ? reading.type(of: node) : [], fields: fields, hasFields: !fields.isEmpty,
                values: values, hasValues: !values.isEmpty)
        }
    }
}

extension Node {
    /// The pairs of a mapping, in their order.
    var pairs: [(name: String, value: Node)] {
        (mapping.map(Array.init) ?? []).compactMap { key, value in key.string.map { ($0, value) } }
    }
}
