import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries
import Vault

/// Admits requests of a session. What changes something must have the session's form token besides.
struct SignedInOnly<Parent: RequestContext>: RouterMiddleware {
    var store: any DashboardStore
    var now: @Sendable () -> Timestamp

    func handle(
        _ request: Request, context: DashboardContext<Parent>,
        next: (Request, DashboardContext<Parent>) async throws -> Response
    ) async throws -> Response {
        guard let token = SessionCookie.token(of: request),
            let session = try await store.session(tokenHash: token.hash, now: now()),
            let tenant = try await store.tenant(session.tenantID)
        else { throw PageError.signedOut }
        switch tenant.status {
        case .trial, .active: break
        case .suspended, .cancelled: throw PageError.inactive(tenant.status.rawValue)
        }
        var context = context
        context.visit = Visit(
            principal: .apiKey(hash: session.apiKeyHash, of: tenant), tenant: tenant, formToken: token.formToken)
        return try await next(request, context)
    }
}

/// A form that was posted (`application/x-www-form-urlencoded`).
struct PostedForm: Sendable {
    private static let limit = 16 << 10
    private let values: [String: String]

    /// Throws ``PageError/badForm(_:)``.
    init(_ request: Request) async throws {
        // A browser says where a form comes from; one that does not is an old one, which the token protects.
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }), site != "same-origin",
            site != "none"
        {
            throw PageError.badForm("It was sent by another site.")
        }
        let body: String
        do { body = String(buffer: try await request.body.collect(upTo: Self.limit)) } catch {
            throw PageError.badForm("It is too long, or was not sent whole.")
        }
        var values: [String: String] = [:]
        for pair in body.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                String($0).replacing("+", with: " ").removingPercentEncoding ?? ""
            }
            values[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        self.values = values
    }

    /// As the other, and checks that the form is one of the session's pages.
    init(_ request: Request, of visit: Visit) async throws {
        try await self.init(request)
        guard ConstantTime.equal(self["form_token"] ?? "", visit.formToken) else {
            throw PageError.badForm("It is not a form of this session. Go back, load the page again and repeat it.")
        }
    }

    subscript(name: String) -> String? {
        values[name].map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
