import HTTPTypes
import Testing

@testable import QueryAPI

/// Which pages may call the API from a browser.
@Suite struct CrossOriginTests {
    private let page = "https://app.example"

    private func call(
        _ method: HTTPRequest.Method, _ path: String, origins: [String], from origin: String? = "https://app.example",
        asksFor wanted: String? = nil
    ) async throws -> APIAnswer {
        var api = try await APIHarness()
        api.allowedOrigins = origins
        return try await api.run { client in
            var headers: HTTPFields = [:]
            headers[.origin] = origin
            headers[.accessControlRequestMethod] = wanted
            return try await client.call(method, path, headers: headers)
        }
    }

    @Test(arguments: ["/api/issues", "/api/analyze/issue", "/api/tenants/x", "/health", "/openapi.json"])
    func anAllowedPreflightIsAnsweredWithoutCredentials(path: String) async throws {
        let answer = try await call(.options, path, origins: ["https://other.example", page], asksFor: "POST")
        #expect(answer.status == .noContent)
        #expect(answer.headers[.accessControlAllowOrigin] == page)
        #expect(answer.headers[.accessControlAllowMethods] == "GET, POST, PUT, DELETE")
        #expect(
            answer.headers[.accessControlAllowHeaders]?.lowercased()
                == "authorization, content-type, accept, x-tenant-id")
        #expect(answer.headers[.accessControlMaxAge] == "600")
        #expect(answer.headers[.vary] == "Origin")
        #expect(answer.headers[.accessControlAllowCredentials] == nil)
    }

    @Test func anyOriginIsAllowedWithoutCredentials() async throws {
        let preflight = try await call(.options, "/api/issues", origins: ["*"], asksFor: "GET")
        #expect(preflight.status == .noContent && preflight.headers[.accessControlAllowOrigin] == "*")
        #expect(preflight.headers[.accessControlAllowCredentials] == nil && preflight.headers[.vary] == nil)
        let answer = try await call(.get, "/health", origins: ["*"])
        #expect(answer.status == .ok && answer.headers[.accessControlAllowOrigin] == "*")
    }

    @Test func failuresMayBeReadToo() async throws {
        let answer = try await call(.get, "/api/issues", origins: [page])
        #expect(answer.status == .unauthorized && answer.code == "unauthorized")
        #expect(answer.headers[.accessControlAllowOrigin] == page)
        #expect(answer.headers[.accessControlExposeHeaders] == "Link, Location, Retry-After")
        #expect(answer.headers[.vary] == "Origin")
    }

    @Test(arguments: ["https://app.example.evil.example", "http://app.example", "https://app.example:8443", "null"])
    func otherOriginsAreNotAllowed(origin: String) async throws {
        let preflight = try await call(.options, "/api/issues", origins: [page], from: origin, asksFor: "GET")
        #expect(preflight.status == .notFound && preflight.headers[.accessControlAllowOrigin] == nil)
        let answer = try await call(.get, "/health", origins: [page], from: origin)
        #expect(answer.status == .ok && answer.headers[.accessControlAllowOrigin] == nil)
        // A cache must not give this to the page that may read it.
        #expect(answer.headers[.vary] == "Origin")
    }

    @Test(arguments: ["/metrics", "/", "/webhooks/jira/x"])
    func nothingElseIsForBrowsers(path: String) async throws {
        let preflight = try await call(.options, path, origins: ["*"], asksFor: "GET")
        #expect(preflight.status == .notFound && preflight.headers[.accessControlAllowOrigin] == nil)
    }

    @Test func byDefaultNoOriginIsAllowed() async throws {
        let preflight = try await call(.options, "/api/issues", origins: [], asksFor: "GET")
        #expect(preflight.status == .notFound && preflight.headers[.accessControlAllowOrigin] == nil)
        #expect(try await call(.get, "/health", origins: []).headers[.accessControlAllowOrigin] == nil)
        // No preflight of a browser.
        #expect(try await call(.options, "/api/issues", origins: ["*"]).status == .notFound)
    }
}
