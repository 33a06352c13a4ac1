import Domain
public import Hummingbird
import NIOCore

/// The fields of a form that a browser posts: `application/x-www-form-urlencoded` (URL Standard of the WHATWG, 5.1).
public struct URLEncodedForm: Sendable, Hashable {
    private let values: [String: [String]]

    /// The form in a request's body. Throws `NIOTooManyBytesError` for a body of more than `limit` bytes, and what reading it
    /// throws.
    public init(bodyOf request: Request, limit: Int) async throws {
        self.init(String(buffer: try await request.body.collect(upTo: limit)))
    }

    /// See `FormText`.
    public init(_ text: String) {
        values = FormText.pairs(text).reduce(into: [:]) { $0[$1.name, default: []].append($1.value) }
    }

    /// The value of a field as it was sent, of fields of one name the last one; nil where there is no such field.
    public subscript(name: String) -> String? { values[name]?.last }

    /// All values of the fields of a name, in their order.
    public func all(_ name: String) -> [String] { values[name] ?? [] }
}
