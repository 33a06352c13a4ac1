import Domain
import Hummingbird

/// The fields of a page's address, as a browser sends the fields of a form.
struct PageQuery: Sendable {
    /// Of a value, in characters; what is longer is cut.
    private static let length = 255
    private let values: [String: String]

    init(_ request: Request) {
        values = FormText.pairs(request.uri.query ?? "").reduce(into: [:]) { values, field in
            let text = String(field.value.prefix(2000)).trimmingSpaces
            values[field.name] = field.name == "cursor" ? text : String(text.prefix(Self.length))
        }
    }

    /// Nil for one that is missing or empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }
}

extension String {
    fileprivate var trimmingSpaces: String {
        let end = reversed().drop { $0.isWhitespace }
        return String(String(end.reversed()).drop { $0.isWhitespace })
    }
}
