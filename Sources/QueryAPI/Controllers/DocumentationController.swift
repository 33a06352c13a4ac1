import HTTPTypes
import Hummingbird
import NIOCore

/// The description of this API, for machines and for people.
struct DocumentationController: Sendable {
    func addRoutes(to group: RouterGroup<some RequestContext>) {
        group.get("/openapi.json") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: OpenAPIDocument.json)))
        }
        group.get("/docs") { _, _ in
            Response(
                status: .ok,
                headers: [
                    .contentType: "text/html; charset=utf-8",
                    .contentSecurityPolicy:
                        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
                ],
                body: ResponseBody(byteBuffer: ByteBuffer(string: try DocumentationPage.html())))
        }
    }
}
