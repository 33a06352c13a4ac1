import Domain
import Foundation
import Hummingbird
import NIOCore
import Queries

extension RequestFields {
    /// The largest body accepted, in bytes.
    static let bodyLimit = 1 << 20

    /// Reads the body as a JSON object; an empty body is one without fields. Throws `malformed_json` (400) for anything
    /// else and `body_too_large` (413) above ``bodyLimit``.
    init(bodyOf request: Request) async throws {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.bodyLimit)
        } catch is NIOTooManyBytesError {
            throw APIError(.bodyTooLarge, "The body is larger than \(Self.bodyLimit) bytes.")
        } catch {
            // The connection broke, or the body is not valid HTTP. It is no failure of the server's, and often the client
            // is gone.
            throw APIError(.malformedJSON, "The request body was truncated.")
        }
        guard body.readableBytes > 0 else {
            self.init([:])
            return
        }
        do {
            let values = try JSONDecoder().decode([String: JSONValue].self, from: Data(body.readableBytesView))
            self.init(values.mapValues(FieldValue.init))
        } catch is DecodingError {
            throw APIError(.malformedJSON, "The body is not a JSON object.")
        }
    }

    /// Reads the query.
    init(queryOf request: Request) {
        self.init(
            FormText.pairs(request.uri.query ?? "").reduce(into: [:]) { values, parameter in
                values[parameter.name] = .string(parameter.value)
            })
    }
}

extension FieldValue {
    fileprivate init(_ json: JSONValue) {
        self =
            switch json {
            case .null: .null
            case .bool(let value): .bool(value)
            case .number(let value): .number(value)
            case .string(let value): .string(value)
            case .array(let values): .array(values.map(FieldValue.init))
            case .object(let values): .object(values.mapValues(FieldValue.init))
            }
    }
}
