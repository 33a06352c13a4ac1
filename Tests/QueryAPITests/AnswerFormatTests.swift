import Domain
import Foundation
import HTTPTypes
import StoreTestSupport
import Testing

@testable import QueryAPI

/// Which answers are files, and who gets none.
@Suite struct AnswerFormatTests {
    @Test(
        arguments: [
            (nil, "", false), ("text/csv", "", true), ("*/*", "", false), ("TEXT/CSV; charset=utf-8", "", true),
            ("text/*", "", true), ("text/csv;q=0", "", false), ("*/csv", "", false), ("text", "", false),
            ("", "", false),
            // As much as each other: JSON, unless CSV is named and JSON is not.
            ("text/csv, application/json", "", false), ("text/csv, */*", "", true), ("text/csv;q=0.1, */*", "", false),
            ("text/csv;q=0.5, application/json;q=0.4", "", true),
            ("text/csv ; Q=0.4,application/json;q=0.5", "", false),
            ("text/*;q=0.9, text/csv;q=0.1, application/json;q=0.5", "", false),
            ("text/csv;q=2, application/json;q=0.1", "", false), ("text/csv;q=x", "", false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", false),
            // The query has the last word.
            ("application/json", "format=csv", true), ("text/csv", "format=json", false), (nil, "format=csv", true),
        ] as [(String?, String, Bool)])
    func theQueryOrTheHeaderDecides(accept: String?, query: String, isFile: Bool) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            var headers = HTTPFields()
            if let accept { headers[.accept] = accept }
            for path in ["/api/issues", "/api/tenants/\(tenant.id)/usage"] {
                let answer = try await client.call(.get, "\(path)?\(query)", as: tenant.apiKey, headers: headers)
                #expect(answer.status == .ok && answer.headers[values: .vary].contains("Accept"))
                #expect(answer.headers[.contentType]?.hasPrefix(isFile ? "text/csv" : "application/json") == true)
            }
        }
    }

    @Test func severalHeadersAreOneList() {
        #expect(AnswerFormat.preferred(by: ["application/json;q=0.2", "text/csv;q=0.3"]) == .csv)
        #expect(AnswerFormat.preferred(by: []) == .json)
    }

    @Test func whatIsWrongWithARequestIsAnsweredAsJSON() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let usage = "/api/tenants/\(tenant.id)/usage"
            for (path, fields) in [
                ("/api/issues?format=xml", ["format"]), ("/api/issues?format=", ["format"]),
                ("/api/issues?format=csv&limit=5", ["limit"]), ("/api/issues?format=csv&cursor=x", ["cursor"]),
                ("/api/issues?format=csv&band=x&limit=5", ["band", "limit"]),
                ("/api/alerts?format=csv&state=lost", ["state"]), ("\(usage)?format=CSV", ["format"]),
                ("/api/alert-scorecards?format=csv&last_days=0", ["last_days"]),
                ("/api/analyze/history?from=yesterday&to=2026", ["from", "to"]),
                ("/api/analyze/history?format=csv&from=2026-11-24T13:00:00Z&to=2026-11-24T13:00:00Z", ["to"]),
                ("/api/analyze/history/ENG-1?format=csv&limit=5", ["limit"]),
            ] {
                let answer = try await client.call(.get, path, as: tenant.apiKey)
                #expect(answer.status == .unprocessableContent && answer.invalidFields == fields, "\(path)")
                #expect(answer.headers[.contentType]?.hasPrefix("application/json") == true)
            }
            for what in ["sprint", "portfolio"] {
                let answer = try await client.call(
                    .post, "/api/analyze/\(what)?format=xml", as: tenant.apiKey, body: #"{"project_key": "ENG"}"#)
                #expect(answer.invalidFields == ["format"])
            }
            #expect(try await api.uses(of: tenant.id).total == 0)
            let unknown = try await client.call(
                .post, "/api/analyze/sprint", as: tenant.apiKey, headers: [.accept: "text/csv"],
                body: #"{"project_key": "NO"}"#)
            #expect(unknown.code == "project_not_found")
        }
    }

    @Test func anotherTenantsRowsAreInNoFile() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let (a, b) = try await api.populate(client)
            for path in ["/api/issues", "/api/alerts", "/api/analyze/history", "/api/analyze/history/BEE-1"] {
                let own = try await client.call(.get, "\(path)?format=csv", as: b.apiKey)
                #expect(own.text.contains("BEE-1,BEE,") && own.status == .ok, "\(path)")
                let others = try await client.call(.get, "\(path)?format=csv", as: a.apiKey)
                #expect(others.status == .ok && !others.text.contains("BEE"), "\(path)")
            }
            // Nor by a place in another's list.
            let page = try await client.call(.get, "/api/issues?limit=1", as: b.apiKey)
            let next = try #require(page.nextPage).replacingOccurrences(of: "limit=1&", with: "")
            let others = try await client.call(.get, "\(next)&format=csv", as: a.apiKey)
            #expect(others.status == .ok && !others.text.contains("BEE"))
        }
    }

    @Test func aKeyThatHasEndedGetsNoFileAndAViewersDoes() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let (_, b) = try await api.populate(client)
            let viewer = try await client.makeKey(.viewer, as: b.apiKey)
            let paths = ["/api/issues", "/api/alerts", "/api/analyze/history", "/api/tenants/\(b.id)/usage"]
            for path in paths {
                #expect(try await client.call(.get, "\(path)?format=csv", as: viewer).status == .ok)
            }
            let sprint = try await client.call(
                .post, "/api/analyze/sprint?format=csv", as: viewer, body: #"{"project_key": "BEE"}"#)
            #expect(sprint.code == "permission_missing")
            let keys = try await client.call(.get, "/api/api-keys", as: b.apiKey).json.items
            let id = try #require(keys.first { $0["role"]?.text == "viewer" }?["id"]?.text)
            #expect(try await client.call(.delete, "/api/api-keys/\(id)", as: b.apiKey).status == .noContent)
            for path in paths {
                let answer = try await client.call(.get, "\(path)?format=csv", as: viewer)
                #expect(answer.status == .unauthorized && answer.code == "unauthorized", "\(path)")
            }
        }
    }
}
