import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// A page of a link: a few words, what they are about, and buttons. It runs no script and loads nothing.
struct LinkPage: ResponseGenerator {
    /// A form with one button, which posts to the page's own address: the token in it is all that is needed.
    struct Button {
        var label: String
        /// What is chosen; nil where there is no choice.
        var choice: String?
    }

    /// The only style, which the policy names by its hash.
    static let style = """
        body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem; color: #1d2733; }
        h1 { font-size: 1.4rem; }
        form { display: inline; }
        button { font: inherit; margin: .3rem .3rem .3rem 0; padding: .4rem 1rem; }
        footer { color: #5f6b7a; font-size: .8rem; margin-top: 2rem; }
        """
    /// SHA-256 of ``style`` in base64.
    static let styleHash = "udWqW7UtFgBrcQUV3u60ueHkGzPZNHp6lIGGlC+DGgo="

    var status = HTTPResponse.Status.ok
    var title: String
    /// In plain text.
    var paragraphs: [String] = []
    /// What it is about, in plain text, one line each.
    var items: [String] = []
    var buttons: [Button] = []

    private static var headers: HTTPFields {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            .contentSecurityPolicy: """
            default-src 'none'; style-src 'sha256-\(styleHash)'; form-action 'self'; frame-ancestors 'none'; \
            base-uri 'none'
            """,
        ]
        // The address is a credential: no other site is told it, and no index keeps it.
        for (name, value) in [("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex, nofollow")] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }

    var html: String {
        let escaped = HTMLText.escaped
        var body = ["<h1>\(escaped(title))</h1>"] + paragraphs.map { "<p>\(escaped($0))</p>" }
        if !items.isEmpty {
            body.append("<ul>\n\(items.map { "<li>\(escaped($0))</li>" }.joined(separator: "\n"))\n</ul>")
        }
        body += buttons.map { button in
            let name = button.choice.map { " name=\"choice\" value=\"\(escaped($0))\"" } ?? ""
            return "<form method=\"post\"><button\(name)>\(escaped(button.label))</button></form>"
        }
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(escaped(title))</title>
            <style>\(Self.style)</style>
            \(body.joined(separator: "\n"))
            <footer>consilod</footer>
            </html>

            """
    }

    func response(from request: Request, context: some RequestContext) -> Response {
        Response(status: status, headers: Self.headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}
