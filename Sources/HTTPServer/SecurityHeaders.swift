import HTTPTypes
public import Hummingbird

/// Headers that every answer carries: no content sniffing, and no caching unless the route says otherwise. Every door adds
/// them to its own routes.
public struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    public init() {}

    /// Adds the headers to what `next` answers; an error that it throws passes through.
    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
