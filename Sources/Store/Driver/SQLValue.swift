import Domain
import Foundation

/// A value of a statement or a result, in the types both engines know. Each driver maps them to its own.
enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob(Data)
    case flag(Bool)
    case timestamp(Timestamp)
    case uuid(UUID)
    /// A list to look a column's value up in, see ``SQLDialect/isAny(_:)``. No column holds one.
    case array([SQLValue])

    static func integer(_ value: Int) -> SQLValue { .integer(Int64(value)) }
    static func integer(_ value: Int?) -> SQLValue { value.map { .integer(Int64($0)) } ?? .null }
    static func real(_ value: Double?) -> SQLValue { value.map { .real($0) } ?? .null }
    static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
    static func timestamp(_ value: Timestamp?) -> SQLValue { value.map { .timestamp($0) } ?? .null }
    static func ids(_ ids: some Sequence<some StringIdentifier>) -> SQLValue { .array(ids.map { .text($0.rawValue) }) }
    static func tenant(_ id: TenantID) -> SQLValue { .uuid(id.uuid) }
    static func id(_ id: some StringIdentifier) -> SQLValue { .text(id.rawValue) }
}

/// One row of a result: its only value, or values by position; by name through ``SQLRecord``. Every accessor throws
/// `StorageError(.corrupt)` when the column does not hold what the query expects.
struct SQLRow: Sendable {
    let values: [SQLValue]

    func text(_ column: Int = 0) throws -> String { try required(optionalText(column), column) }
    func optionalText(_ column: Int = 0) throws -> String? {
        switch values[column] {
        case .null: nil
        case .text(let value): value
        case .uuid(let value): value.canonicalText
        default: throw mismatch(column, "text")
        }
    }

    func integer(_ column: Int = 0) throws -> Int { try required(optionalInteger(column), column) }
    func optionalInteger(_ column: Int = 0) throws -> Int? {
        switch values[column] {
        case .null: nil
        case .integer(let value): Int(value)
        default: throw mismatch(column, "an integer")
        }
    }

    func real(_ column: Int = 0) throws -> Double { try required(optionalReal(column), column) }
    func optionalReal(_ column: Int = 0) throws -> Double? {
        switch values[column] {
        case .null: nil
        case .real(let value): value
        case .integer(let value): Double(value)
        default: throw mismatch(column, "a number")
        }
    }

    func flag(_ column: Int = 0) throws -> Bool {
        switch values[column] {
        case .flag(let value): value
        case .integer(let value): value != 0
        default: throw mismatch(column, "a truth value")
        }
    }

    func blob(_ column: Int = 0) throws -> Data {
        switch values[column] {
        case .blob(let value): value
        // SQLite gives an empty blob back as null.
        case .null: Data()
        default: throw mismatch(column, "bytes")
        }
    }

    func timestamp(_ column: Int = 0) throws -> Timestamp { try required(optionalTimestamp(column), column) }
    func optionalTimestamp(_ column: Int = 0) throws -> Timestamp? {
        switch values[column] {
        case .null: return nil
        case .timestamp(let value): return value
        case .text(let value):
            guard let timestamp = Timestamp(value) else { throw mismatch(column, "an instant") }
            return timestamp
        default: throw mismatch(column, "an instant")
        }
    }

    func uuid(_ column: Int = 0) throws -> UUID {
        switch values[column] {
        case .uuid(let value): return value
        case .text(let value):
            guard let uuid = UUID(uuidString: value) else { throw mismatch(column, "a UUID") }
            return uuid
        default: throw mismatch(column, "a UUID")
        }
    }

    func optionalUUID(_ column: Int = 0) throws -> UUID? {
        if case .null = values[column] { return nil }
        return try uuid(column)
    }

    func tenantID(_ column: Int = 0) throws -> TenantID { TenantID(try uuid(column)) }

    /// A text column that holds one of an enumeration's raw values.
    func choice<Value: RawRepresentable<String>>(_ column: Int, of type: Value.Type) throws -> Value {
        guard let value = Value(rawValue: try text(column)) else { throw mismatch(column, "a \(type)") }
        return value
    }

    private func required<Value>(_ value: Value?, _ column: Int) throws -> Value {
        guard let value else { throw mismatch(column, "a value") }
        return value
    }

    private func mismatch(_ column: Int, _ expected: String) -> StorageError {
        StorageError(.corrupt, "column \(column) of a result does not hold \(expected)")
    }
}
