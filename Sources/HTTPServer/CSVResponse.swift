public import Domain
import HTTPTypes
public import Hummingbird
import NIOCore

extension Response {
    /// A file of comma-separated values.
    ///
    /// - Parameters:
    ///   - name: of the file, of letters, digits and hyphens, without an ending.
    ///   - rows: as many cells each as there are columns.
    public static func csv(_ name: String, columns: [String], rows: [[String?]]) -> Response {
        var text = CSVText.row(columns)
        for row in rows { CSVText.append(row, to: &text) }
        return csv(name, ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// A file of all pages of a list, of which two at a time are held.
    ///
    /// - Parameters:
    ///   - first: the first page. Where a later one cannot be read the answer ends early, so that no part is taken for the
    ///     whole.
    ///   - next: the page that begins at a cursor.
    public static func csv<Element>(
        _ table: CSVTable<Element>, first: Page<Element>,
        next: @escaping @Sendable (String) async throws -> Page<Element>
    ) -> Response {
        csv(
            table.name,
            ResponseBody { writer in
                var (page, head) = (first, CSVText.row(table.columns))
                while let place = page.nextCursor {
                    // Read while this one is sent.
                    async let following = next(place)
                    try await writer.write(ByteBuffer(string: table.text(of: page.items, after: head)))
                    (page, head) = (try await following, "")
                }
                try await writer.write(ByteBuffer(string: table.text(of: page.items, after: head)))
                try await writer.finish(nil)
            })
    }

    private static func csv(_ name: String, _ body: ResponseBody) -> Response {
        var headers: HTTPFields = [
            .contentType: CSVText.mediaType, .cacheControl: "no-store",
            .contentDisposition: "attachment; filename=\"\(name).csv\"",
        ]
        headers[.contentSecurityPolicy] = "default-src 'none'"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: body)
    }
}
