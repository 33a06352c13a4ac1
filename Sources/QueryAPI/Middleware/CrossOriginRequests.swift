import HTTPTypes
import Hummingbird

/// Lets pages of other origins call the API from a browser (CORS, <https://fetch.spec.whatwg.org/#http-cors-protocol>).
///
/// The API's credentials are in a header that a page sets itself, so none are allowed that a browser adds by itself.
struct CrossOriginRequests<Context: RequestContext>: RouterMiddleware {
    private let origins: Set<String>
    private let cors: CORSMiddleware<Context>

    /// - Parameter origins: as browsers send them; `*` is any.
    init(origins: [String]) {
        self.origins = Set(origins)
        let headers = [.authorization, .contentType, .accept] + [HTTPField.Name("X-Tenant-ID")].compactMap { $0 }
        cors = CORSMiddleware(
            allowOrigin: origins.contains("*") ? .all : .originBased, allowHeaders: headers,
            allowMethods: [.get, .post, .put, .delete], allowCredentials: false,
            exposedHeaders: Self.exposedHeaders, maxAge: .minutes(10))
    }

    private static var exposedHeaders: [String] { ["Link", "Location", "Retry-After"] }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard Self.isForBrowsers(request.uri.path) else { return try await next(request, context) }
        let isPreflight = request.method == .options && request.headers[.accessControlRequestMethod] != nil
        guard isAllowed(request.headers[.origin]), isPreflight || request.method != .options else {
            var response = try await next(request, context)
            // What a cache keeps must not be given to an allowed origin.
            if !origins.contains("*") { response.headers[values: .vary].append("Origin") }
            return response
        }
        var response = try await cors.handle(request, context: context, next: next)
        // Hummingbird names them in the answer to the preflight only, where browsers do not look for them.
        response.headers[.accessControlExposeHeaders] = isPreflight ? nil : Self.exposedHeaders.joined(separator: ", ")
        return response
    }

    private func isAllowed(_ origin: String?) -> Bool {
        guard let origin else { return false }
        return origins.contains("*") || origins.contains(origin)
    }

    private static func isForBrowsers(_ path: String) -> Bool {
        path.hasPrefix("/api/") || ["/health", "/openapi.json", "/openapi.yaml"].contains(path)
    }
}
