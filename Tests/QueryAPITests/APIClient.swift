import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import QueryAPI

/// A tenant made through the API, with the secrets shown once.
struct TestTenant: Sendable {
    var id: TenantID
    var apiKey: String
    var webhookSecret: String
    var jiraToken: String
}

struct APIAnswer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var text: String
    var json: JSONValue

    var code: String? { json["code"]?.text }

    /// The fields named in `errors`.
    var invalidFields: [String] { json["errors"]?.items.compactMap { $0["field"]?.text } ?? [] }

    /// The target of the link to the next page.
    var nextPage: String? {
        guard let link = headers.first(where: { $0.name.canonicalName == "link" })?.value, link.hasPrefix("<"),
            link.hasSuffix(">; rel=\"next\"")
        else { return nil }
        return String(link.dropFirst().prefix { $0 != ">" })
    }
}

struct APIClient: Sendable {
    let client: any TestClientProtocol

    func call(
        _ method: HTTPRequest.Method, _ path: String, as token: String? = nil, for tenantID: String? = nil,
        headers: HTTPFields = [:], body: String? = nil
    ) async throws -> APIAnswer {
        var headers = headers
        if let token { headers[.authorization] = "Bearer \(token)" }
        if let tenantID { headers[try #require(HTTPField.Name("X-Tenant-ID"))] = tenantID }
        let response = try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        let text = String(buffer: response.body)
        let json =
            text.hasPrefix("{") || text.hasPrefix("[")
            ? try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) : .null
        return APIAnswer(status: response.status, headers: response.headers, text: text, json: json)
    }

    /// A key of a role, made with an owner's.
    func makeKey(_ role: Role, as owner: String, name: String = "test") async throws -> String {
        let answer = try await call(
            .post, "/api/api-keys", as: owner, body: #"{"name": "\#(name)", "role": "\#(role.rawValue)"}"#)
        return try #require(answer.json["api_key"]?.text, "\(answer.text)")
    }

    func createTenant(_ name: String) async throws -> TestTenant {
        let token = "jira-token-of-\(name)"
        let answer = try await call(
            .post, "/api/tenants", as: APIHarness.adminToken,
            body: """
                {"company_name": "\(name)", "jira_url": "https://\(name).example/", "jira_email": "it@\(name).example",
                 "jira_token": "\(token)"}
                """)
        try #require(answer.status == .created, "\(answer.text)")
        return TestTenant(
            id: try #require(TenantID(answer.json["id"]?.text ?? "")),
            apiKey: try #require(answer.json["api_key"]?.text),
            webhookSecret: try #require(answer.json["webhook_secret"]?.text), jiraToken: token)
    }
}

extension JSONValue {
    subscript(key: String) -> JSONValue? {
        if case .object(let object) = self { object[key] } else { nil }
    }
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
    var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }
    var flag: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }
    var isNull: Bool {
        if case .null = self { true } else { false }
    }
    var items: [JSONValue] {
        if case .array(let items) = self { items } else { [] }
    }
    var keys: Set<String> {
        if case .object(let object) = self { Set(object.keys) } else { [] }
    }
}
