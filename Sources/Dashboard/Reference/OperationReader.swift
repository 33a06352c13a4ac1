import Yams

/// Reads the operations of an OpenAPI document.
struct OperationReader {
    private static let methods = ["get", "post", "put", "patch", "delete"]

    private let root: Node
    private let site: String
    private let schemas: APISchemas
    private let example: APIExample

    init(root: Node, site: String) {
        self.root = root
        self.site = site
        schemas = APISchemas(root: root)
        example = APIExample(schemas)
    }

    /// By tag, in the document's order.
    var operations: [String: [APIReference.Operation]] {
        var found: [String: [APIReference.Operation]] = [:]
        for (path, item) in root["paths"]?.pairs ?? [] {
            for (method, node) in item.pairs where Self.methods.contains(method) {
                guard let tag = node["tags"]?.array().first?.string else { continue }
                let shared = item["parameters"]?.array() ?? []
                found[tag, default: []].append(operation(method, path, node, shared: shared, tag: tag))
            }
        }
        return found
    }

    private func operation(
        _ method: String, _ path: String, _ node: Node, shared: [Node], tag: String
    ) -> APIReference.Operation {
        let anchor = "\(method)\(path)".filter { $0.isLetter || $0.isNumber || "/-".contains($0) }
            .replacing("/", with: "-")
        let parameters = (shared + (node["parameters"]?.array() ?? [])).map(schemas.resolved)
        let body = node["requestBody"]?["content"].flatMap(schema)
        let answers = node["responses"]?.pairs ?? []
        let success = answers.first { $0.name.hasPrefix("2") }.map { schemas.resolved($0.value) }
        let credentials = credentials(of: node)
        let bodyExample = body.flatMap { example.text(of: $0, onlyRequired: true) }
        let fields = body.map { schemas.fields(of: schemas.resolved($0)) } ?? []
        return APIReference.Operation(
            address: "/docs/\(tag.lowercased())#\(anchor)", anchor: anchor, method: method.uppercased(), template: path,
            summary: node["summary"]?.string ?? "", details: ProsePart.parts(of: node["description"]?.string),
            credentials: credentials.isEmpty
                ? PageTexts.english("reference", "no_credentials")
                : (credentials + role(of: node)).joined(separator: ", "),
            parameters: parameters.map(row), hasParameters: !parameters.isEmpty,
            bodyType: body.map(schemas.type) ?? [], bodyFields: fields, hasBody: body != nil, bodyExample: bodyExample,
            answers: answers.map { answer($0.name, schemas.resolved($0.value)) },
            answerExample: success?["content"].flatMap(schema).flatMap { example.text(of: $0) },
            command: command(method, path, parameters, needsKey: !credentials.isEmpty, body: bodyExample),
            trial: method == "get" ? trial(path, parameters, anchor: anchor, needsKey: !credentials.isEmpty) : nil)
    }

    /// The names of the schemes of which one is needed; empty where none is.
    private func credentials(of node: Node) -> [String] {
        (node["security"] ?? root["security"])?.array().flatMap { $0.pairs.map(\.name) } ?? []
    }

    /// Which role those must have at least, in words.
    private func role(of node: Node) -> [String] {
        node["x-required-role"]?.string.map { [PageTexts.english("reference", "role", ["role": $0])] } ?? []
    }

    private func row(_ parameter: Node) -> FieldRow {
        let name = parameter["name"]?.string ?? ""
        var row = schemas.row(
            name, parameter["schema"] ?? Node(""), isRequired: parameter["required"]?.bool == true,
            description: parameter["description"]?.string)
        row.name = "\(name) (\(parameter["in"]?.string ?? ""))"
        return row
    }

    private func answer(_ status: String, _ node: Node) -> APIReference.Answer {
        APIReference.Answer(
            status: status, description: ProsePart.parts(of: node["description"]?.string),
            type: node["content"].flatMap(schema).map(schemas.type) ?? [])
    }

    /// The schema of the first kind of content that has one.
    private func schema(of content: Node) -> Node? { content.pairs.lazy.compactMap { $0.value["schema"] }.first }

    private func command(
        _ method: String, _ path: String, _ parameters: [Node], needsKey: Bool, body: String?
    ) -> String {
        var words = ["curl"]
        if method != "get", !(method == "post" && body != nil) { words.append("-X \(method.uppercased())") }
        if needsKey { words.append("-H \"Authorization: Bearer $API_KEY\"") }
        // Names in braces are those of the shell's variables.
        let filled = path.replacing("{", with: "${")
        let query = parameters.filter { $0["in"]?.string == "query" && $0["required"]?.bool == true }
            .compactMap { $0["name"]?.string }.map { "\($0)=…" }.joined(separator: "&")
        let address = Self.shellNames(filled) + (query.isEmpty ? "" : "?\(query)")
        if let body {
            words.append("-H 'Content-Type: application/json'")
            words.append("\"\(site)\(address)\"")
            return words.joined(separator: " ") + " \\\n  -d '\(body.replacing("'", with: "'\\''"))'"
        }
        return (words + ["\"\(site)\(address)\""]).joined(separator: " ")
    }

    /// `${tenant-id}` as `$TENANT_ID`.
    private static func shellNames(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { part in
            guard part.hasPrefix("${"), part.hasSuffix("}") else { return String(part) }
            return "$" + part.dropFirst(2).dropLast().uppercased().replacing("-", with: "_")
        }.joined(separator: "/")
    }

    private func trial(_ path: String, _ parameters: [Node], anchor: String, needsKey: Bool) -> APIReference.Trial {
        let inputs = parameters.compactMap { parameter -> APIReference.Trial.Input? in
            guard let name = parameter["name"]?.string, let place = parameter["in"]?.string,
                ["path", "query"].contains(place)
            else { return nil }
            return .init(
                id: "\(anchor)-\(name)", name: name, place: place, isRequired: parameter["required"]?.bool == true)
        }
        return APIReference.Trial(
            template: path, inputs: inputs, keyID: needsKey ? "\(anchor)-api-key" : nil, label: "GET \(path)")
    }
}
