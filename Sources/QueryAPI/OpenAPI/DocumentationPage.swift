import Foundation

/// The description of the API as a page for people, self-contained.
enum DocumentationPage {
    private struct Document: Decodable {
        struct Info: Decodable {
            var title: String
            var description: String
        }
        struct Operation: Decodable {
            var summary: String
        }
        var info: Info
        var paths: [String: [String: Operation]]
    }

    /// Throws `DecodingError` when the document is not what it should be, which the tests rule out.
    static func html() throws -> String {
        let document = try JSONDecoder().decode(Document.self, from: Data(OpenAPIDocument.json.utf8))
        let rows = document.paths.sorted { $0.key < $1.key }.flatMap { path, operations in
            operations.sorted { $0.key < $1.key }.map { method, operation in
                "<tr><td>\(method.uppercased())</td><td><code>\(escaped(path))</code></td>"
                    + "<td>\(escaped(operation.summary))</td></tr>"
            }
        }
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(escaped(document.info.title))</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
            table { border-collapse: collapse; width: 100%; }
            td { border-top: 1px solid #8884; padding: .3rem .6rem; vertical-align: top; }
            </style>
            <h1>\(escaped(document.info.title))</h1>
            <p>\(escaped(document.info.description))</p>
            <p>All fields: <a href="/openapi.json">openapi.json</a></p>
            <table>
            \(rows.joined(separator: "\n"))
            </table>
            </html>
            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }
}
