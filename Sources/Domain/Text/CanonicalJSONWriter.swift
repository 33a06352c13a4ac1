import Foundation

/// An encoder that writes canonical JSON as it is told the values: Foundation's makes a tree of all values and their names
/// first, which takes several times as long. What it gives is the same, byte for byte.
///
/// The members of an object are written in the order in which they are told; when the object ends, they are put in the order
/// of their names. Errors have no coding path.
final class CanonicalJSONWriter: Encoder {
    /// A value that is told in parts, while others of the value around it are told.
    private struct Nested {
        /// Of an object; nil for an element of an array.
        var name: String?
        /// Where it belongs in the text; of a member not used.
        var place: Int
        var writer: CanonicalJSONWriter
        /// How many values are being encoded around it.
        var depth: Int
    }

    /// Behind a pointer, which only this object and its containers have: for a property of a class Swift checks at each of
    /// the thousands of accesses that no other one overlaps with it, which takes a third of the time.
    let text: UnsafeMutablePointer<CanonicalJSONText>
    private var nested: [Nested] = []

    private init(capacity: Int = 0) {
        text = .allocate(capacity: 1)
        text.initialize(to: CanonicalJSONText(capacity: capacity))
    }

    deinit {
        text.deinitialize(count: 1)
        text.deallocate()
    }

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The UTF-8 bytes of `value`. Throws what the value's `encode(to:)` throws, and `EncodingError` for numbers that are not
    /// finite and for a value that encodes nothing.
    static func bytes<Value: Encodable>(of value: Value) throws -> [UInt8] {
        let writer = CanonicalJSONWriter(capacity: 4096)
        try writer.encode(value)
        return writer.text.pointee.bytes
    }

    // MARK: Containers

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        text.pointee.beginObject()
        return KeyedEncodingContainer(CanonicalJSONObject<Key>(writer: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        text.pointee.beginArray()
        return CanonicalJSONArray(writer: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { CanonicalJSONValue(writer: self) }

    // MARK: Values

    /// Encodes a value in the place that has been reached.
    func encode<Value: Encodable>(_ value: Value) throws {
        if CanonicalJSON.isFoundations(Value.self) { return try encodeByFoundation(value) }
        text.pointee.begin()
        try value.encode(to: self)
        if text.pointee.shape == .unknown, text.pointee.depth == 1 {
            throw EncodingError.invalidValue(
                value, EncodingError.Context(codingPath: [], debugDescription: "\(Value.self) encodes nothing"))
        }
        end()
    }

    private func end() {
        if nested.last?.depth == text.pointee.depth { takeNested() }
        text.pointee.end()
    }

    private func encodeByFoundation(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        text.pointee.append(try encoder.encode(value))
    }

    // MARK: Values that are told in parts

    /// The writer of a value that is told while other members are, or other elements.
    ///
    /// - Parameter name: the member's; nil for the next element.
    func nestedWriter(_ name: String?) -> CanonicalJSONWriter {
        let writer = CanonicalJSONWriter()
        if name == nil { text.pointee.beginElement() }
        nested.append(
            Nested(name: name, place: text.pointee.bytes.count, writer: writer, depth: text.pointee.depth))
        return writer
    }

    /// Takes in the values that were told in parts, when the one around them ends.
    private func takeNested() {
        let depth = text.pointee.depth
        let first = (nested.lastIndex { $0.depth != depth } ?? -1) + 1
        let own = Array(nested[first...])
        nested.removeLast(own.count)
        for value in own {
            value.writer.end()
            guard let name = value.name else { continue }
            text.pointee.beginMember(name)
            text.pointee.append(value.writer.text.pointee.bytes)
        }
        // From the last on, so that the places of the others stay what they are.
        for value in own.reversed() where value.name == nil {
            text.pointee.insert(value.writer.text.pointee.bytes, at: value.place)
        }
    }
}
