import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// What is shown to who is not signed in: the front page, and the reference of the API.
@Suite struct ReferencePagesTests {
    private struct Description: Decodable {
        struct Operation: Decodable {
            var tags: [String]
            var summary: String
        }
        /// An operation, or the parameters of all operations of a path.
        enum Item: Decodable {
            case operation(Operation)
            case other

            init(from decoder: any Decoder) throws {
                self =
                    decoder.codingPath.last?.stringValue == "parameters"
                    ? .other : .operation(try Operation(from: decoder))
            }
        }
        struct Components: Decodable {
            struct Schema: Decodable {}
            var schemas: [String: Schema]
        }
        var paths: [String: [String: Item]]
        var components: Components
    }

    private func started() async throws -> DaemonProcess {
        let daemon = try DaemonProcess()
        try await daemon.start()
        return daemon
    }

    @Test func aBrowserFindsTheFrontPageAndTheSignIn() async throws {
        let daemon = try await started()
        let visitor = Visitor(daemon)
        let root = try await visitor.get("/", headers: ["accept": "text/html,*/*;q=0.8"])
        #expect(root.status == 303 && root.location == "/dashboard")
        #expect(try await visitor.get("/dashboard").location == "/dashboard/sign-in")
        let front = try await visitor.get("/dashboard/sign-in")
        #expect(
            front.status == 200 && front.text.contains("<svg class=\"picture\"")
                && front.text.contains("href=\"/docs\""))
        #expect(front.headers.first(name: "content-security-policy")?.contains("script-src") == false)
        #expect(!front.text.contains("{{"))
    }

    @Test func everyOperationAndSchemaHasItsPlaceInTheReference() async throws {
        let daemon = try await started()
        let visitor = Visitor(daemon)
        let json = try await daemon.request(.get, "/openapi.json")
        let description = try JSONDecoder().decode(Description.self, from: json.body)
        let index = try await visitor.get("/docs")
        #expect(index.status == 200)
        let policy = try #require(index.headers.first(name: "content-security-policy"))
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        var groups: [String: String] = [:]
        var count = 0
        for (path, items) in description.paths {
            for (method, item) in items {
                guard case .operation(let operation) = item, let tag = operation.tags.first?.lowercased() else {
                    continue
                }
                if groups[tag] == nil { groups[tag] = try await visitor.get("/docs/\(tag)").text }
                let link = try #require(
                    index.text.firstMatch(
                        of: try Regex(
                            #"<td>\#(method.uppercased())</td><th scope="row"><a href="/docs/\#(tag)#([a-z0-9A-Z-]+)"><code>"#
                                + NSRegularExpression.escapedPattern(for: path) + "</code>")),
                    "\(method) \(path)")
                let anchor = try #require(link.output[1].substring)
                #expect(groups[tag]?.contains("<h2 id=\"\(anchor)\">") == true, "\(method) \(path)")
                #expect(groups[tag]?.components(separatedBy: "id=\"\(anchor)\"").count == 2, "\(method) \(path)")
                count += 1
            }
        }
        #expect(count > 60)
        let schemas = try await visitor.get("/docs/schemas")
        var pages = groups.values + [index.text, schemas.text]
        for name in description.components.schemas.keys {
            #expect(schemas.text.contains("href=\"/docs/schemas/\(name)\""), "\(name)")
            let page = try await visitor.get("/docs/schemas/\(name)")
            #expect(page.status == 200 && page.text.contains("<h1 id=\"name\">\(name)</h1>"), "\(name)")
            pages.append(page.text)
        }
        for text in pages {
            #expect(!text.contains("{{") && !text.contains(" style="))
            #expect(text.utf8.count <= 100_000, "\(text.utf8.count)")
            // No link of theirs leads nowhere.
            for match in text.matches(of: /href="\/docs\/schemas\/([A-Za-z]+)"/) {
                #expect(description.components.schemas.keys.contains(String(match.output.1)))
            }
        }
        // What is no schema leads nowhere.
        #expect(try await visitor.get("/docs/schemas/Tenant").text.contains("<td>string (uuid)</td>"))
        #expect(try await visitor.get("/docs/schemas/Nothing").status == 404)
        #expect(try await visitor.get("/docs/nothing").status == 404)
    }

    @Test func anOperationShowsItsFieldsValuesAndACommandThatWorks() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        let visitor = Visitor(daemon)
        let issues = try await visitor.get("/docs/issues").text
        #expect(issues.contains("<code>limit (query)</code>") && issues.contains("1 … 200, default 50"))
        #expect(issues.contains("href=\"/docs/schemas/"))
        let rules = try await visitor.get("/docs/rules").text
        #expect(rules.contains("<code>threshold</code>") && rules.contains("&quot;kind&quot;: &quot;threshold&quot;"))
        let command = try #require(issues.firstMatch(of: /<pre>(curl [^<]*\/api\/issues&quot;)<\/pre>/)).output.1
            .replacing("&quot;", with: "\"")
        let file = daemon.folder.appendingPathComponent("command.sh")
        try "\(command)\n".write(to: file, atomically: true, encoding: .utf8)
        let output = try TestSupport.run([
            "/usr/bin/env", "API_KEY=\(tenant.api_key)", "CONSILOD_URL=http://127.0.0.1:\(daemon.port)", "/bin/sh",
            file.path,
        ])
        #expect(output.trimmingCharacters(in: .whitespacesAndNewlines) == "[]")
    }
}
