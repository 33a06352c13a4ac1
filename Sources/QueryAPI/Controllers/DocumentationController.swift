import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// The description of this API, for programs. The dashboard makes pages of it (`/docs`).
struct DocumentationController: Sendable {
    private let document: ParsedDocument

    /// - Parameter version: The daemon's version.
    init(version: String) { document = ParsedDocument(version: version) }

    func addRoutes(to group: RouterGroup<some RequestContext>) {
        group.get("/openapi.json") { _, _ in
            answer(try document.get().json, [.contentType: "application/json; charset=utf-8"])
        }
        // RFC 9512.
        group.get("/openapi.yaml") { _, _ in
            answer(try document.get().yaml, [.contentType: "application/yaml"])
        }
    }

    private func answer(_ text: String, _ headers: HTTPFields) -> Response {
        Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// The document, parsed once, by the first request for it: that takes some 50 ms, which the start of the daemon need not
/// wait for.
private final class ParsedDocument: Sendable {
    private let version: String
    private let parsed = Mutex<OpenAPIDocument?>(nil)

    init(version: String) { self.version = version }

    /// Throws as ``OpenAPIDocument/init(version:)`` does.
    func get() throws -> OpenAPIDocument {
        try parsed.withLock { parsed in
            if let parsed { return parsed }
            let document = try OpenAPIDocument(version: version)
            parsed = document
            return document
        }
    }
}
