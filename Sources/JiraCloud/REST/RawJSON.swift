import Foundation

/// A value inside a JSON document, as the bytes it was sent in.
///
/// What consilod keeps of an issue must be what Jira sent. A decoder would round large numbers and lose fields that it
/// does not know; here values are cut out and put together again, never encoded a second time.
struct RawJSON: Sendable {
    /// The whole document, shared by all its values.
    private let document: [UInt8]
    private let range: Range<Int>

    /// The value of a document. Throws `.malformedAnswer` for what is not JSON.
    init(_ document: [UInt8]) throws(JiraError) {
        guard JSONSyntax.isJSON(document) else { throw .malformedAnswer(reason: "it is not JSON") }
        self.document = document
        var start = 0
        var end = document.count
        while start < end, Self.isSpace(document[start]) { start += 1 }
        while end > start, Self.isSpace(document[end - 1]) { end -= 1 }
        range = start..<end
    }

    private init(_ document: [UInt8], _ range: Range<Int>) {
        self.document = document
        self.range = range
    }

    /// The value as it was sent.
    var bytes: ArraySlice<UInt8> { document[range] }

    /// A member of an object: its name read, and as it was sent.
    struct Member {
        let name: String
        let rawName: RawJSON
        let value: RawJSON
    }

    /// The members of an object in order; nil for anything else.
    var members: [Member]? {
        guard document[range.lowerBound] == UInt8(ascii: "{") else { return nil }
        return document.withUnsafeBufferPointer { bytes in
            var members: [Member] = []
            var index = Self.skipSpace(bytes, range.lowerBound + 1)
            while index < range.upperBound, bytes[index] != UInt8(ascii: "}") {
                let nameEnd = Self.end(of: bytes, at: index)
                let rawName = RawJSON(document, index..<nameEnd)
                index = Self.skipSpace(bytes, nameEnd)
                index = Self.skipSpace(bytes, index + 1)
                let end = Self.end(of: bytes, at: index)
                let value = RawJSON(document, index..<end)
                members.append(Member(name: rawName.text ?? "", rawName: rawName, value: value))
                index = Self.skipSpace(bytes, end)
                if bytes[index] == UInt8(ascii: ",") { index = Self.skipSpace(bytes, index + 1) }
            }
            return members
        }
    }

    /// The elements of an array in order; nil for anything else.
    var elements: [RawJSON]? {
        guard document[range.lowerBound] == UInt8(ascii: "[") else { return nil }
        return document.withUnsafeBufferPointer { bytes in
            var elements: [RawJSON] = []
            var index = Self.skipSpace(bytes, range.lowerBound + 1)
            while index < range.upperBound, bytes[index] != UInt8(ascii: "]") {
                let end = Self.end(of: bytes, at: index)
                elements.append(RawJSON(document, index..<end))
                index = Self.skipSpace(bytes, end)
                if bytes[index] == UInt8(ascii: ",") { index = Self.skipSpace(bytes, index + 1) }
            }
            return elements
        }
    }

    /// The first member of that name; nil where it is missing, or this is not an object.
    subscript(name: String) -> RawJSON? { members?.first { $0.name == name }?.value }

    /// The text of a string; nil for anything else.
    var text: String? {
        guard document[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        let inside = document[range.lowerBound + 1..<range.upperBound - 1]
        guard inside.contains(UInt8(ascii: "\\")) else { return String(decoding: inside, as: UTF8.self) }
        return try? JSONDecoder().decode(String.self, from: Data(bytes))
    }

    /// A whole number; nil for anything else.
    var number: Int64? { Int64(String(decoding: bytes, as: UTF8.self)) }

    /// An id, which Jira writes as a string in most places and as a number in some; never empty or overlong.
    var id: String? {
        let id = text ?? number.map { String($0) }
        return id.flatMap { (1...JiraID.longest).contains($0.utf8.count) ? $0 : nil }
    }

    /// Whether it is `null`.
    var isNull: Bool { document[range.lowerBound] == UInt8(ascii: "n") }

    // The document was checked as a whole, so that what follows may take its syntax for granted.

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func skipSpace(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < bytes.count, isSpace(bytes[index]) { index += 1 }
        return index
    }

    /// The index behind the value that begins at an index.
    private static func end(of bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Int {
        var index = start
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): index = endOfString(bytes, from: index + 1)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
                continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                index += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09...0x0D:
                index += 1
                continue
            default:
                while index < bytes.count, !isEnd(bytes[index]) { index += 1 }
            }
            if depth == 0 { return index }
        }
        return index
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || isSpace(byte)
    }

    private static func endOfString(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\"") { return index + 1 }
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index
    }
}
