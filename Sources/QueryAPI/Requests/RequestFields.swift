import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The fields of a JSON body or of a query, read one by one. Errors are collected and reported together.
struct RequestFields {
    /// The largest body accepted, in bytes.
    static let bodyLimit = 1 << 20

    private let values: [String: JSONValue]
    /// What the names of these fields begin with, in a body's inner objects.
    private var prefix = ""
    private(set) var errors: [FieldError] = []
    /// The names of all fields that were asked for.
    private var readNames: Set<String> = []

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
            self.values = [:]
            return
        }
        do {
            self.values = try JSONDecoder().decode([String: JSONValue].self, from: Data(body.readableBytesView))
        } catch is DecodingError {
            throw APIError(.malformedJSON, "The body is not a JSON object.")
        }
    }

    /// Reads the query.
    init(queryOf request: Request) {
        self.values = request.uri.queryParameters.reduce(into: [:]) { values, parameter in
            values[String(parameter.key)] = .string(String(parameter.value))
        }
    }

    /// The value of a field, or nil when it is absent or null; also nil, with an error noted, when it is invalid. A flag
    /// that is null is invalid: what it would stand for is not what its default is.
    mutating func optional<Value>(_ name: String, _ parser: FieldParser<Value>) -> Value? {
        readNames.insert(name)
        switch values[name] {
        case nil: return nil
        case .null where Value.self != Bool.self: return nil
        case .some(let value):
            do throws(Mismatch) {
                return try parser.parse(value)
            } catch {
                reject(name, error.message)
                return nil
            }
        }
    }

    /// As ``optional(_:_:)``, but an absent field is an error.
    mutating func required<Value>(_ name: String, _ parser: FieldParser<Value>) -> Value? {
        switch values[name] {
        case nil, .null: reject(name, "is required")
        default: break
        }
        return optional(name, parser)
    }

    /// The values of several required fields. Throws `validation_failed` (422) with every error noted so far.
    mutating func required<each Value>(
        _ field: repeat (name: String, parser: FieldParser<each Value>)
    ) throws -> (repeat each Value) {
        let values = (repeat required((each field).name, (each field).parser))
        try check()
        return (repeat try present(each values))
    }

    /// Notes an error for each of these fields that the request has.
    mutating func rejectPresent(_ names: [String], _ message: String) {
        for name in names {
            switch values[name] {
            case nil, .null: break
            case .some: reject(name, message)
            }
        }
    }

    /// Notes an error for each field of the request that was not asked for, null or not.
    mutating func rejectUnread(_ message: String) {
        for name in values.keys.sorted() where !readNames.contains(name) { reject(name, message) }
    }

    /// Notes an error that only several fields together show.
    mutating func reject(_ name: String, _ message: String) {
        errors.append(FieldError(field: prefix + name, message: message))
    }

    /// The objects of a list, read by `read` each, or nil when the list is absent or null. Their fields are named
    /// `slices[0].jql`. Nil, with the errors noted, when anything in it is invalid.
    mutating func objects<Value>(
        _ name: String, limit: Int, _ read: (inout RequestFields) -> Value?
    ) -> [Value]? {
        readNames.insert(name)
        let items: [JSONValue]
        switch values[name] {
        case nil, .null: return nil
        case .array(let list) where list.count <= limit: items = list
        case .some:
            reject(name, "must be a list of at most \(limit) objects")
            return nil
        }
        let before = errors.count
        let read = items.enumerated().compactMap { index, item -> Value? in
            guard case .object(let object) = item else {
                reject("\(name)[\(index)]", "must be an object")
                return nil
            }
            var fields = RequestFields(object, prefix: "\(prefix)\(name)[\(index)].")
            let value = read(&fields)
            errors += fields.errors
            return value
        }
        return errors.count == before ? read : nil
    }

    /// An object, read by `read`, or nil when it is absent or null, or invalid. Its fields are named `quiet_hours.spans`.
    mutating func object<Value>(_ name: String, _ read: (inout RequestFields) -> Value?) -> Value? {
        readNames.insert(name)
        switch values[name] {
        case nil, .null: return nil
        case .object(let object):
            var fields = RequestFields(object, prefix: "\(prefix)\(name).")
            let value = read(&fields)
            errors += fields.errors
            return fields.errors.isEmpty ? value : nil
        case .some:
            reject(name, "must be an object")
            return nil
        }
    }

    private init(_ values: [String: JSONValue], prefix: String) {
        self.values = values
        self.prefix = prefix
    }

    /// Throws `validation_failed` (422) when any error was noted.
    func check() throws {
        guard errors.isEmpty else { throw APIError.invalid(errors) }
    }

    /// A value that is nil only when an error was noted. Throws `validation_failed` (422) then.
    func present<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw APIError.invalid(errors) }
        return value
    }
}
