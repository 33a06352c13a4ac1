import Foundation
import HTTPTypes
import Hummingbird
import Testing
import Yams

@testable import QueryAPI

/// An operation of the OpenAPI document.
struct OpenAPIOperation: Sendable, CustomStringConvertible {
    private struct Document: Decodable {
        /// An item of a path: an operation, or the parameters of all its operations.
        enum Item: Decodable {
            struct Operation: Decodable {
                var summary: String
                /// Nil for that of the document.
                var security: [[String: [String]]]?
                var requiredRole: String?

                enum CodingKeys: String, CodingKey {
                    case summary, security
                    case requiredRole = "x-required-role"
                }
            }
            case operation(Operation)
            case parameters

            init(from decoder: any Decoder) throws {
                if decoder.codingPath.last?.stringValue == "parameters" {
                    self = .parameters
                } else {
                    self = .operation(try Operation(from: decoder))
                }
            }
        }
        var openapi: String
        var security: [[String: [String]]]
        var paths: [String: [String: Item]]
    }

    var method: HTTPRequest.Method
    var template: String
    var needsCredentials: Bool
    /// The lowest role that may use it; nil where none is needed.
    var requiredRole: String?

    var description: String { "\(method) \(template)" }

    static var all: [OpenAPIOperation] {
        get throws {
            let json = try OpenAPIDocument(version: "1.2.3").json
            let document = try JSONDecoder().decode(Document.self, from: Data(json.utf8))
            // The door for Jira is described here too, but is another module's.
            let own = document.paths.filter { !$0.key.hasPrefix("/webhooks/") }
            return try own.sorted { $0.key < $1.key }.flatMap { path, items in
                try items.sorted { $0.key < $1.key }.compactMap { name, item in
                    guard case .operation(let operation) = item else { return nil }
                    return OpenAPIOperation(
                        method: try #require(HTTPRequest.Method(name.uppercased())), template: path,
                        needsCredentials: !(operation.security ?? document.security).isEmpty,
                        requiredRole: operation.requiredRole)
                }
            }
        }
    }

    func path(id: String, secretID: String = "\(UUID())", key: String = "ENG-1") -> String {
        template.replacingOccurrences(of: "{id}", with: id)
            .replacingOccurrences(of: "{secret-id}", with: secretID)
            .replacingOccurrences(of: "{token-id}", with: secretID)
            .replacingOccurrences(of: "{backfill-id}", with: secretID).replacingOccurrences(of: "{key}", with: key)
            .replacingOccurrences(of: "{token}", with: "none")
    }
}

@Suite struct OpenAPITests {
    /// Every path, with every method, is either described or refused with 405.
    @Test func describesEveryRouteAndNoOther() async throws {
        let api = try await APIHarness()
        let described = try OpenAPIOperation.all
        let routed = Set(api.makeRouter().routes.map { "/" + $0.path.description.drop { $0 == "/" } })
        #expect(routed == Set(described.map(\.template)))

        try await api.run { client in
            for template in routed {
                for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete, .trace] {
                    let operation = OpenAPIOperation(method: method, template: template, needsCredentials: true)
                    let answer = try await client.call(method, operation.path(id: "\(UUID())"))
                    let isDescribed = described.contains { $0.method == method && $0.template == template }
                    #expect((answer.code != "method_not_allowed") == isDescribed, "\(operation)")
                    #expect(answer.code != "not_found", "\(operation)")
                }
            }
        }
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        let json = try OpenAPIDocument(version: "1.2.3").json
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        func references(in value: JSONValue) -> [String] {
            switch value {
            case .object(let object):
                object.flatMap { key, value in
                    if key == "$ref", let text = value.text { [text] } else { references(in: value) }
                }
            case .array(let items): items.flatMap(references)
            default: []
            }
        }
        let found = references(in: document)
        #expect(found.count > 50)
        for reference in Set(found) {
            let target = reference.split(separator: "/").dropFirst()
                .reduce(Optional(document)) { $0?[String($1)] }
            #expect(target != nil, "\(reference)")
        }
    }

    @Test func theDocumentIsServedToAnybody() async throws {
        try await APIHarness().run { client in
            let document = try await client.call(.get, "/openapi.json")
            #expect(document.json["openapi"]?.text == "3.1.0")
            #expect(document.json["info"]?["version"]?.text == "1.2.3")
            #expect(document.headers[.contentType] == "application/json; charset=utf-8")

            let source = try await client.call(.get, "/openapi.yaml")
            #expect(source.headers[.contentType] == "application/yaml")
            let root = try #require(try Yams.compose(yaml: source.text))
            #expect(try JSONValue(root) == document.json)
        }
    }

    @Test func everyOperationBelongsToAGroupThatIsDescribed() throws {
        let json = try OpenAPIDocument(version: "1.2.3").json
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        let tags = Set(document["tags"]?.items.compactMap { $0["name"]?.text } ?? [])
        #expect(tags.count > 5)
        for operation in try OpenAPIOperation.all {
            let node = document["paths"]?[operation.template]?[operation.method.rawValue.lowercased()]
            let own = node?["tags"]?.items.compactMap(\.text) ?? []
            #expect(own.count == 1 && tags.isSuperset(of: own), "\(operation)")
        }
    }

    @Test func aBrowserIsSentFromTheRootToTheDashboard() async throws {
        try await APIHarness().run { client in
            let program = try await client.call(.get, "/")
            #expect(program.json["name"]?.text == "consilod" && program.headers[.vary] == "Accept")
            let browser = try await client.call(
                .get, "/", headers: [.accept: "text/html,application/xhtml+xml,*/*;q=0.8"])
            #expect(browser.status == .seeOther && browser.headers[.location] == "/dashboard")
        }
    }
}
