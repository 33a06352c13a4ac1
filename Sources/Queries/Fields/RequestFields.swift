/// The fields of a request, read one by one. Errors are collected and reported together, by the names of their fields.
public struct RequestFields: Sendable {
    private let values: [String: FieldValue]
    /// What the names of these fields begin with, in a body's inner objects.
    private var prefix = ""
    /// What is wrong with the fields that were read so far.
    public private(set) var errors: [FieldError] = []
    /// The names of all fields that were asked for.
    private var readNames: Set<String> = []

    /// - Parameter values: the fields by their names.
    public init(_ values: [String: FieldValue]) { self.values = values }

    /// The value of a field, or nil when it is absent or null; also nil, with an error noted, when it is invalid. A flag
    /// that is null is invalid: what it would stand for is not what its default is.
    public mutating func optional<Value>(_ name: String, _ parser: FieldParser<Value>) -> Value? {
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
    public mutating func required<Value>(_ name: String, _ parser: FieldParser<Value>) -> Value? {
        switch values[name] {
        case nil, .null: reject(name, "is required")
        default: break
        }
        return optional(name, parser)
    }

    /// As ``required(_:_:)``, for a field that says something by being null: nil inside then. Nil, with an error noted, when it is
    /// absent or invalid.
    public mutating func nullable<Value>(_ name: String, _ parser: FieldParser<Value>) -> Value?? {
        readNames.insert(name)
        switch values[name] {
        case nil:
            reject(name, "is required; it may be null")
            return nil
        case .null:
            return .some(nil)
        case .some:
            guard let value = optional(name, parser) else { return nil }
            return .some(value)
        }
    }

    /// The values of several required fields. Throws ``RequestError/invalid(_:)`` with every error noted so far.
    public mutating func required<each Value>(
        _ field: repeat (name: String, parser: FieldParser<each Value>)
    ) throws -> (repeat each Value) {
        let values = (repeat required((each field).name, (each field).parser))
        try check()
        return (repeat try present(each values))
    }

    /// Those of some fields that the request has, null or not, in this order.
    public func named(among names: [String]) -> [String] { names.filter { values[$0] != nil } }

    /// The value of a field that says something by being null: nil inside then. Nil when it is absent, or, with an error
    /// noted, invalid.
    public mutating func change<Value>(_ name: String, _ parser: FieldParser<Value>) -> Value?? {
        values[name] == nil ? nil : nullable(name, parser)
    }

    /// Notes an error for each of these fields that the request has.
    public mutating func rejectPresent(_ names: [String], _ message: String) {
        for name in names {
            switch values[name] {
            case nil, .null: break
            case .some: reject(name, message)
            }
        }
    }

    /// Notes an error for each field of the request that was not asked for, null or not.
    public mutating func rejectUnread(_ message: String) {
        for name in values.keys.sorted() where !readNames.contains(name) { reject(name, message) }
    }

    /// Notes an error that only several fields together show.
    public mutating func reject(_ name: String, _ message: String) {
        errors.append(FieldError(field: prefix + name, message: message))
    }

    /// The objects of a list, read by `read` each, or nil when the list is absent or null. Their fields are named
    /// `slices[0].jql`. Nil, with the errors noted, when anything in it is invalid.
    public mutating func objects<Value>(
        _ name: String, limit: Int, _ read: (inout RequestFields) -> Value?
    ) -> [Value]? {
        readNames.insert(name)
        let items: [FieldValue]
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
    public mutating func object<Value>(_ name: String, _ read: (inout RequestFields) -> Value?) -> Value? {
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

    private init(_ values: [String: FieldValue], prefix: String) {
        self.values = values
        self.prefix = prefix
    }

    /// Throws ``RequestError/invalid(_:)`` when any error was noted.
    public func check() throws {
        guard errors.isEmpty else { throw RequestError.invalid(errors) }
    }

    /// A value that is nil only when an error was noted. Throws ``RequestError/invalid(_:)`` then.
    public func present<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw RequestError.invalid(errors) }
        return value
    }
}
