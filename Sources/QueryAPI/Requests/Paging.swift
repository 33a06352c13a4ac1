import Domain
import Foundation
import HTTPServer
import HTTPTypes
import Hummingbird
import Queries

/// Where a list is to be read: `limit` (1–200) and the `cursor` that the link of the page before named.
struct PageRequest {
    private let request: Request
    private let cursor: String?
    private let limit: Int
    private let format: AnswerFormat

    /// Reads both from `fields`. Throws ``RequestError/invalid(_:)`` with everything noted in `fields` so far.
    ///
    /// - Parameter offersFile: whether the list is also available as a file (``AnswerFormat``), which has no limit.
    init(
        _ request: Request, fields: inout RequestFields, defaultLimit: Int = 50, offersFile: Bool = false
    ) throws {
        let limit = fields.optional("limit", .integer(1...200))
        let cursor = fields.optional("cursor", .text(1...1000))
        let format = offersFile ? AnswerFormat.asked(by: request, &fields) : .json
        if format == .csv { fields.rejectPresent(["limit"], "is not for a file, which has all rows") }
        try fields.check()
        self.request = request
        self.format = format
        self.limit = limit ?? defaultLimit
        self.cursor = cursor
    }

    /// Answers with a bare array of views; the next page, if any, is a `Link` header (RFC 8288).
    func answer<Element, View: Encodable & Sendable>(
        _ load: (_ cursor: String?, _ limit: Int) async throws -> Page<Element>,
        view: (Element) throws -> View
    ) async throws -> Answer<[View]> {
        let page = try await firstPage(load, limit: limit)
        var headers: HTTPFields = [:]
        if let next = page.nextCursor, let link = HTTPField.Name("Link") {
            headers[link] = "<\(target(cursor: next))>; rel=\"next\""
        }
        return Answer(try page.items.map(view), headers: headers)
    }

    /// As ``answer(_:view:)``, or, where the request asks for that, with a file of the whole list from the cursor on.
    func answer<Element, View: Encodable & Sendable>(
        _ load: @escaping @Sendable (_ cursor: String?, _ limit: Int) async throws -> Page<Element>,
        view: (Element) throws -> View, file table: CSVTable<Element>
    ) async throws -> Response {
        guard format == .csv else { return try await answer(load, view: view).response().varyingByAccept() }
        // Before the answer begins, so that what is wrong with the request has an answer of its own.
        let first = try await firstPage(load, limit: table.pageSize)
        return Response.csv(table, first: first, next: { try await load($0, table.pageSize) }).varyingByAccept()
    }

    private func firstPage<Element>(
        _ load: (_ cursor: String?, _ limit: Int) async throws -> Page<Element>, limit: Int
    ) async throws -> Page<Element> {
        do {
            return try await load(cursor, limit)
        } catch let error as StorageError where error.code == .malformed {
            throw APIError.invalid([FieldError(field: "cursor", message: "must come from the previous page")])
        }
    }

    /// This request's own target with another cursor; relative, so that it holds behind any proxy.
    private func target(cursor: String) -> String {
        var items = FormText.pairs(request.uri.query ?? "").filter { $0.name != "cursor" }
            .map { URLQueryItem(name: $0.name, value: $0.value) }
        items.append(URLQueryItem(name: "cursor", value: cursor))
        var parts = URLComponents()
        parts.path = request.uri.path
        parts.queryItems = items
        // URLComponents leaves "+" alone, which many readers of queries take for a space.
        return (parts.string ?? request.uri.path).replacingOccurrences(of: "+", with: "%2B")
    }
}
