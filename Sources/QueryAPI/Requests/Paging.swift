import Domain
import Foundation
import HTTPTypes
import Hummingbird

/// Where a list is to be read: `limit` (1–200) and the `cursor` that the link of the page before named.
struct PageRequest {
    private let request: Request
    private let cursor: String?
    private let limit: Int

    /// Reads both from `fields`. Throws `validation_failed` (422) with everything noted in `fields` so far.
    init(_ request: Request, fields: inout RequestFields, defaultLimit: Int = 50) throws {
        let limit = fields.optional("limit", .integer(1...200))
        let cursor = fields.optional("cursor", .text(1...1000))
        try fields.check()
        self.request = request
        self.limit = limit ?? defaultLimit
        self.cursor = cursor
    }

    /// Answers with a bare array of views; the next page, if any, is a `Link` header (RFC 8288).
    func answer<Element, View: Encodable & Sendable>(
        _ load: (_ cursor: String?, _ limit: Int) async throws -> Page<Element>,
        view: (Element) throws -> View
    ) async throws -> Answer<[View]> {
        let page: Page<Element>
        do {
            page = try await load(cursor, limit)
        } catch let error as StorageError where error.code == .malformed {
            throw APIError.invalid([FieldError(field: "cursor", message: "must come from the previous page")])
        }
        var headers: HTTPFields = [:]
        if let next = page.nextCursor, let link = HTTPField.Name("Link") {
            headers[link] = "<\(target(cursor: next))>; rel=\"next\""
        }
        return Answer(try page.items.map(view), headers: headers)
    }

    /// This request's own target with another cursor; relative, so that it holds behind any proxy.
    private func target(cursor: String) -> String {
        var items = request.uri.queryParameters.filter { $0.key != "cursor" }
            .map { URLQueryItem(name: String($0.key), value: String($0.value)) }
        items.append(URLQueryItem(name: "cursor", value: cursor))
        var parts = URLComponents()
        parts.path = request.uri.path
        parts.queryItems = items
        // URLComponents leaves "+" alone, which many readers of queries take for a space.
        return (parts.string ?? request.uri.path).replacingOccurrences(of: "+", with: "%2B")
    }
}
