/// The members of an object of a ``CanonicalJSONWriter``.
struct CanonicalJSONObject<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let writer: CanonicalJSONWriter

    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) throws {
        writer.text.pointee.beginMember(key.stringValue)
        writer.text.pointee.writeNull()
    }

    func encode(_ value: Bool, forKey key: Key) throws {
        writer.text.pointee.beginMember(key.stringValue)
        writer.text.pointee.write(value)
    }

    func encode(_ value: String, forKey key: Key) throws {
        writer.text.pointee.beginMember(key.stringValue)
        writer.text.pointee.write(value)
    }

    func encode(_ value: Int, forKey key: Key) throws {
        writer.text.pointee.beginMember(key.stringValue)
        writer.text.pointee.writeNumber(value)
    }

    func encode(_ value: Int64, forKey key: Key) throws {
        writer.text.pointee.beginMember(key.stringValue)
        writer.text.pointee.writeNumber(value)
    }

    func encode(_ value: Double, forKey key: Key) throws {
        writer.text.pointee.beginMember(key.stringValue)
        try writer.text.pointee.writeNumber(value)
    }

    /// Values of all other types, the rarer numbers among them.
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        writer.text.pointee.beginMember(key.stringValue)
        try writer.encode(value)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        writer.nestedWriter(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        writer.nestedWriter(key.stringValue).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { writer.nestedWriter("super") }

    func superEncoder(forKey key: Key) -> any Encoder { writer.nestedWriter(key.stringValue) }
}

/// The elements of an array of a ``CanonicalJSONWriter``.
struct CanonicalJSONArray: UnkeyedEncodingContainer {
    let writer: CanonicalJSONWriter

    var codingPath: [any CodingKey] { [] }
    var count: Int { writer.text.pointee.elementCount }

    func encodeNil() throws {
        writer.text.pointee.beginElement()
        writer.text.pointee.writeNull()
    }

    /// Values of all types.
    func encode<Value: Encodable>(_ value: Value) throws {
        writer.text.pointee.beginElement()
        try writer.encode(value)
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        writer.nestedWriter(nil).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { writer.nestedWriter(nil).unkeyedContainer() }

    func superEncoder() -> any Encoder { writer.nestedWriter(nil) }
}

/// A value of a ``CanonicalJSONWriter`` that has no parts, or that is another value.
struct CanonicalJSONValue: SingleValueEncodingContainer {
    let writer: CanonicalJSONWriter

    var codingPath: [any CodingKey] { [] }

    func encodeNil() throws {
        writer.text.pointee.beginPlain()
        writer.text.pointee.writeNull()
    }

    func encode(_ value: Bool) throws {
        writer.text.pointee.beginPlain()
        writer.text.pointee.write(value)
    }

    func encode(_ value: String) throws {
        writer.text.pointee.beginPlain()
        writer.text.pointee.write(value)
    }

    func encode(_ value: Double) throws {
        writer.text.pointee.beginPlain()
        try writer.text.pointee.writeNumber(value)
    }

    func encode(_ value: Float) throws {
        writer.text.pointee.beginPlain()
        try writer.text.pointee.writeNumber(value)
    }

    func encode(_ value: Int) throws { number(value) }
    func encode(_ value: Int8) throws { number(value) }
    func encode(_ value: Int16) throws { number(value) }
    func encode(_ value: Int32) throws { number(value) }
    func encode(_ value: Int64) throws { number(value) }
    func encode(_ value: UInt) throws { number(value) }
    func encode(_ value: UInt8) throws { number(value) }
    func encode(_ value: UInt16) throws { number(value) }
    func encode(_ value: UInt32) throws { number(value) }
    func encode(_ value: UInt64) throws { number(value) }

    func encode<Value: Encodable>(_ value: Value) throws {
        writer.text.pointee.beginPlain()
        try writer.encode(value)
    }

    private func number(_ value: some FixedWidthInteger) {
        writer.text.pointee.beginPlain()
        writer.text.pointee.writeNumber(value)
    }
}
