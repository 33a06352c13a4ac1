public import Foundation

/// JSON with sorted keys and unescaped slashes: equal values are equal bytes (P4), which are those that Foundation's encoder
/// gives with these options.
public enum CanonicalJSON {
    /// The UTF-8 bytes of `value`. Throws what the value's `encode(to:)` throws, and for non-finite numbers.
    public static func encode(_ value: some Encodable) throws -> Data {
        Data(try CanonicalJSONWriter.bytes(of: value))
    }

    /// As ``encode(_:)``, as a text.
    public static func text(of value: some Encodable) throws -> String {
        String(decoding: try CanonicalJSONWriter.bytes(of: value), as: UTF8.self)
    }

    /// Reads a value back. Throws `DecodingError`.
    public static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        try JSONDecoder().decode(type, from: data)
    }

    /// As ``decode(_:from:)``, several times as fast for what ``text(of:)`` gives, or a database has made of that. The type's
    /// `init(from:)` must not turn the failure of a part into another value.
    public static func read<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        do {
            return try JSONTreeDecoder(tree: try JSONTree(text), node: 0).value()
        } catch {
            // It takes more than what is written here, and says what is wrong with the rest.
            return try decode(type, from: Data(text.utf8))
        }
    }

    /// Whether Foundation's encoder and decoder treat a type specially, so that its values are left to them.
    static func isFoundations(_ type: Any.Type) -> Bool {
        type == Date.self || type == Data.self || type == URL.self || type == Decimal.self
    }
}
