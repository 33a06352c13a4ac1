import Domain
import Foundation

/// A value in the form in which rows hold it (decision 0018).
///
/// Its keys belong to the rows: they are spelled out here and stay as they are, whatever a property of the value or a field
/// of an API answer is named. A change of a form is a new version of the row it is part of.
protocol StoredForm: Codable {
    associatedtype Value

    var value: Value { get }
    init(_ value: Value)
}

/// A form that fills a JSON column, and names its version under `v`. Rows written before there were versions name none,
/// and are version 0.
protocol StoredRow: StoredForm {
    /// The version that is written, the newest that can be read.
    static var version: Int { get }
}

/// A row was written by a newer consilod.
struct UnknownStoredVersion: Error, CustomStringConvertible {
    var version: Int
    var newest: Int

    var description: String { "its format has version \(version); this consilod reads versions up to \(newest)" }
}

extension StoredRow {
    /// The version of a row that is being read. Throws ``UnknownStoredVersion`` for one that cannot be.
    static func version<Key>(of row: KeyedDecodingContainer<Key>, _ key: Key) throws -> Int {
        let version = try row.decodeIfPresent(Int.self, forKey: key) ?? 0
        guard (0...Self.version).contains(version) else {
            throw UnknownStoredVersion(version: version, newest: Self.version)
        }
        return version
    }
}

extension SQLValue {
    /// A value in its stored form, as canonical JSON.
    static func stored<Form: StoredRow>(_ value: Form.Value, as form: Form.Type) throws -> SQLValue {
        .text(try CanonicalJSON.text(of: Form(value)))
    }
}

extension SQLRow {
    /// The value of a column that holds its stored form.
    ///
    /// Throws `StorageError(.corrupt)` where it does not, or a newer consilod wrote it.
    func stored<Form: StoredRow>(_ column: Int, as form: Form.Type) throws -> Form.Value {
        guard let value = try optionalStored(column, as: form) else {
            throw StorageError(.corrupt, "column \(column) of a result does not hold a value")
        }
        return value
    }

    /// As ``stored(_:as:)``, nil where the column is null.
    func optionalStored<Form: StoredRow>(_ column: Int, as form: Form.Type) throws -> Form.Value? {
        guard let text = try optionalText(column) else { return nil }
        do {
            return try CanonicalJSON.read(form, from: text).value
        } catch let error as UnknownStoredVersion {
            throw StorageError(.corrupt, "column \(column) holds a newer \(Form.Value.self): \(error)", cause: error)
        } catch {
            throw StorageError(.corrupt, "column \(column) does not hold the JSON of \(Form.Value.self)", cause: error)
        }
    }
}

// What forms read and write their members with. The coders treat the four plain types apart, and several times as fast as a
// type that they know nothing of.

extension KeyedDecodingContainer {
    func read(_ key: Key) throws -> String { try decode(String.self, forKey: key) }
    func read(_ key: Key) throws -> Int { try decode(Int.self, forKey: key) }
    func read(_ key: Key) throws -> Double { try decode(Double.self, forKey: key) }
    func read(_ key: Key) throws -> Bool { try decode(Bool.self, forKey: key) }
    func readIfPresent(_ key: Key) throws -> String? { try decodeIfPresent(String.self, forKey: key) }
    func readIfPresent(_ key: Key) throws -> Int? { try decodeIfPresent(Int.self, forKey: key) }

    func read<Member: Decodable>(_ key: Key) throws -> Member { try decode(Member.self, forKey: key) }

    func readIfPresent<Member: Decodable>(_ key: Key) throws -> Member? {
        try decodeIfPresent(Member.self, forKey: key)
    }

    func read<Form: StoredForm>(_ key: Key, as form: Form.Type) throws -> Form.Value {
        try decode(form, forKey: key).value
    }

    func readIfPresent<Form: StoredForm>(_ key: Key, as form: Form.Type) throws -> Form.Value? {
        try decodeIfPresent(form, forKey: key)?.value
    }

    func readList<Form: StoredForm>(_ key: Key, of form: Form.Type) throws -> [Form.Value] {
        try decode([Form].self, forKey: key).map(\.value)
    }
}

extension KeyedEncodingContainer {
    mutating func write(_ member: String, _ key: Key) throws { try encode(member, forKey: key) }
    mutating func write(_ member: Int, _ key: Key) throws { try encode(member, forKey: key) }
    mutating func write(_ member: Double, _ key: Key) throws { try encode(member, forKey: key) }
    mutating func write(_ member: Bool, _ key: Key) throws { try encode(member, forKey: key) }
    /// Writes nothing for nil.
    mutating func writeIfPresent(_ member: String?, _ key: Key) throws { try encodeIfPresent(member, forKey: key) }
    /// Writes nothing for nil.
    mutating func writeIfPresent(_ member: Int?, _ key: Key) throws { try encodeIfPresent(member, forKey: key) }

    mutating func write(_ member: some Encodable, _ key: Key) throws { try encode(member, forKey: key) }

    /// Writes nothing for nil.
    mutating func writeIfPresent(_ member: (some Encodable)?, _ key: Key) throws {
        try encodeIfPresent(member, forKey: key)
    }

    /// Writes nothing for false, which rows of before the member's time mean, too.
    mutating func writeFlag(_ member: Bool, _ key: Key) throws {
        if member { try encode(true, forKey: key) }
    }

    mutating func write<Form: StoredForm>(_ member: Form.Value, _ key: Key, as form: Form.Type) throws {
        try encode(Form(member), forKey: key)
    }

    /// Writes nothing for nil.
    mutating func writeIfPresent<Form: StoredForm>(_ member: Form.Value?, _ key: Key, as form: Form.Type) throws {
        try encodeIfPresent(member.map(Form.init), forKey: key)
    }

    mutating func writeList<Form: StoredForm>(_ members: [Form.Value], _ key: Key, of form: Form.Type) throws {
        try encode(members.map(Form.init), forKey: key)
    }
}
