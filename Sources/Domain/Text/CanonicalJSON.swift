public import Foundation

/// JSON with sorted keys and unescaped slashes: equal values are equal bytes (P4).
public enum CanonicalJSON {
    /// The UTF-8 bytes of `value`. Throws what the value's `encode(to:)` throws, and for non-finite numbers.
    public static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// Reads a value back. Throws `DecodingError`.
    public static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        try JSONDecoder().decode(type, from: data)
    }
}
