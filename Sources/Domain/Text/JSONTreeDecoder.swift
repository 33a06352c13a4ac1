/// Decodes a value of a ``JSONTree``, several times as fast as Foundation's decoder.
///
/// It reads what ``CanonicalJSONWriter`` writes and what PostgreSQL makes of that. Whatever else there may be is an error, which
/// says nothing of what is wrong: Foundation's decoder reads that, or says what is wrong.
struct JSONTreeDecoder: Decoder {
    let tree: JSONTree
    let node: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func value<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        guard !CanonicalJSON.isFoundations(type) else { throw JSONTree.Unexpected() }
        return try Value(from: self)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard tree.nodes[node].kind == .object else { throw JSONTree.Unexpected() }
        return KeyedDecodingContainer(JSONTreeObject<Key>(tree: tree, node: node))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard tree.nodes[node].kind == .array else { throw JSONTree.Unexpected() }
        return JSONTreeArray(tree: tree, node: node)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { JSONTreeValue(tree: tree, node: node) }
}

/// The members of an object.
private struct JSONTreeObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let tree: JSONTree
    let node: Int

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] {
        tree.names(of: node).compactMap { name in (try? tree.string(name)).flatMap { Key(stringValue: $0) } }
    }

    private func member(_ key: Key) throws -> Int {
        guard let member = tree.member(key.stringValue, of: node) else { throw JSONTree.Unexpected() }
        return member
    }

    /// Nil for a member that is missing or null.
    private func present(_ key: Key) -> Int? {
        tree.member(key.stringValue, of: node).flatMap { tree.isNull($0) ? nil : $0 }
    }

    func contains(_ key: Key) -> Bool { tree.member(key.stringValue, of: node) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { tree.isNull(try member(key)) }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try tree.bool(member(key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try tree.string(member(key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try tree.double(member(key)) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try tree.integer(member(key)) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try tree.integer(member(key)) }

    /// Values of all other types, the rarer numbers among them.
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try JSONTreeDecoder(tree: tree, node: member(key)).value()
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(key).map(tree.bool) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try present(key).map(tree.string) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try present(key).map { try tree.integer($0) }
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try present(key).map { try JSONTreeDecoder(tree: tree, node: $0).value() }
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try JSONTreeDecoder(tree: tree, node: member(key)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try JSONTreeDecoder(tree: tree, node: member(key)).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { throw JSONTree.Unexpected() }
    func superDecoder(forKey key: Key) throws -> any Decoder { JSONTreeDecoder(tree: tree, node: try member(key)) }
}

/// The elements of an array.
private struct JSONTreeArray: UnkeyedDecodingContainer {
    let tree: JSONTree
    private let end: Int
    private var place: Int
    private(set) var currentIndex = 0

    init(tree: JSONTree, node: Int) {
        self.tree = tree
        end = tree.nodes[node].end
        place = node + 1
    }

    var codingPath: [any CodingKey] { [] }
    /// Not known before they are gone through.
    var count: Int? { nil }
    var isAtEnd: Bool { place >= end }

    private mutating func next() throws -> JSONTreeDecoder {
        guard !isAtEnd else { throw JSONTree.Unexpected() }
        defer { (place, currentIndex) = (tree.nodes[place].end, currentIndex + 1) }
        return JSONTreeDecoder(tree: tree, node: place)
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, tree.isNull(place) else { return false }
        _ = try next()
        return true
    }

    /// Values of all types.
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().value() }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> { try next().container(keyedBy: type) }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}

/// A value that has no parts, or that is another value.
private struct JSONTreeValue: SingleValueDecodingContainer {
    let tree: JSONTree
    let node: Int

    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { tree.isNull(node) }
    func decode(_ type: Bool.Type) throws -> Bool { try tree.bool(node) }
    func decode(_ type: String.Type) throws -> String { try tree.string(node) }
    func decode(_ type: Double.Type) throws -> Double { try tree.double(node) }
    /// No row has numbers of this type.
    func decode(_ type: Float.Type) throws -> Float { throw JSONTree.Unexpected() }
    func decode(_ type: Int.Type) throws -> Int { try tree.integer(node) }
    func decode(_ type: Int8.Type) throws -> Int8 { try tree.integer(node) }
    func decode(_ type: Int16.Type) throws -> Int16 { try tree.integer(node) }
    func decode(_ type: Int32.Type) throws -> Int32 { try tree.integer(node) }
    func decode(_ type: Int64.Type) throws -> Int64 { try tree.integer(node) }
    func decode(_ type: UInt.Type) throws -> UInt { try tree.integer(node) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try tree.integer(node) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try tree.integer(node) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try tree.integer(node) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try tree.integer(node) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONTreeDecoder(tree: tree, node: node).value()
    }
}
