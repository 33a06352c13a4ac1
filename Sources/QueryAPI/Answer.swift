import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A JSON answer. Keys are the views' property names in snake case, sorted: `issueURL` is `issue_url`.
struct Answer<Body: Encodable & Sendable>: ResponseGenerator {
    var body: Body
    var status: HTTPResponse.Status
    var headers: HTTPFields

    init(_ body: Body, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        self.body = body
        self.status = status
        self.headers = headers
    }

    func response() throws -> Response {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        let bytes = ByteBuffer(bytes: try encoder.encode(body))
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }

    func response(from request: Request, context: some RequestContext) throws -> Response { try response() }
}
