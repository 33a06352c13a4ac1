import Domain
import Yams

/// The description of the API as a page for people, self-contained.
struct DocumentationPage {
    private struct Document: Decodable {
        struct Info: Decodable {
            var title: String
            var description: String
        }
        struct PathItem: Decodable {
            var get: Operation?
            var post: Operation?
            var put: Operation?
            var patch: Operation?
            var delete: Operation?

            var operations: [(method: String, operation: Operation)] {
                [("DELETE", delete), ("GET", get), ("PATCH", patch), ("POST", post), ("PUT", put)]
                    .compactMap { method, operation in operation.map { (method, $0) } }
            }
        }
        struct Operation: Decodable {
            var summary: String
        }
        var info: Info
        var paths: [String: PathItem]
    }

    private let document: Document

    /// Throws `DecodingError` when `root` is not an OpenAPI document with summaries.
    init(_ root: Node) throws {
        document = try YAMLDecoder().decode(from: root)
    }

    var html: String {
        let rows = document.paths.sorted { $0.key < $1.key }.flatMap { path, item in
            item.operations.map { method, operation in
                "<tr><td>\(method)</td><td><code>\(HTMLText.escaped(path))</code></td>"
                    + "<td>\(HTMLText.escaped(operation.summary))</td></tr>"
            }
        }
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(HTMLText.escaped(document.info.title))</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
            table { border-collapse: collapse; width: 100%; }
            td { border-top: 1px solid #8884; padding: .3rem .6rem; vertical-align: top; }
            </style>
            <h1>\(HTMLText.escaped(document.info.title))</h1>
            <p>\(HTMLText.escaped(document.info.description))</p>
            <p>All fields: <a href="/openapi.yaml">openapi.yaml</a>, <a href="/openapi.json">openapi.json</a></p>
            <table>
            \(rows.joined(separator: "\n"))
            </table>
            </html>
            """
    }
}
