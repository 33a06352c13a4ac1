import Foundation
import HTTPTypes
import Hummingbird
import Testing

@testable import QueryAPI

/// A route of the API's own router.
struct Route: Hashable, Sendable, CustomStringConvertible {
    var method: HTTPRequest.Method
    /// `/api/issues/parked/{id}/retry`.
    var template: String

    var description: String { "\(method) \(template)" }

    /// The path with its parameters filled in.
    func path(id: String, secondID: String, key: String) -> String {
        template.replacingOccurrences(of: "{id}", with: id)
            .replacingOccurrences(of: "{secret-id}", with: secondID)
            .replacingOccurrences(of: "{token-id}", with: secondID)
            .replacingOccurrences(of: "{mail-id}", with: secondID)
            .replacingOccurrences(of: "{backfill-id}", with: secondID)
            .replacingOccurrences(of: "{key}", with: key)
            .replacingOccurrences(of: "{account_id}", with: "5b10a2844c20165700ede21g")
            .replacingOccurrences(of: "{token}", with: "none")
            .replacingOccurrences(of: "{name}", with: "growth")
    }

    /// All routes of a router, the refusals of other methods among them.
    static func all(of router: Router<BasicRequestContext>) -> [Route] {
        router.routes.map {
            Route(method: $0.method, template: "/" + $0.path.description.drop { $0 == "/" })
        }
    }

    /// Those of `routes` that need credentials: they answer 401 without any. What answers 405 is no route but a refusal.
    static func needingCredentials(among routes: [Route], _ client: APIClient) async throws -> [Route] {
        var found: [Route] = []
        for route in routes {
            let path = route.path(id: "\(UUID())", secondID: "\(UUID())", key: "ENG-1")
            try #require(!path.contains("{"), "a parameter that the tests do not know: \(route)")
            if try await client.call(route.method, path).status == .unauthorized { found.append(route) }
        }
        return found.sorted { $0.description < $1.description }
    }
}
