import Domain
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
        guard let range = JSONScanner.value(in: document) else { throw .malformedAnswer(reason: "it is not JSON") }
        self.init(document, range)
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
        parts(of: .object)?.map { part in
            let rawName = RawJSON(document, part.name)
            return Member(name: rawName.text ?? "", rawName: rawName, value: RawJSON(document, part.value))
        }
    }

    /// The elements of an array in order; nil for anything else.
    var elements: [RawJSON]? { parts(of: .array)?.map { RawJSON(document, $0.value) } }

    /// Where the values stand that are directly in an object, with their names, or in an array; nil for anything else.
    private func parts(of container: JSONScanner.Token) -> [(name: Range<Int>, value: Range<Int>)]? {
        // The document was checked as a whole: nothing throws.
        try? document.withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(bytes, at: range.lowerBound)
            guard try scanner.next() == container else { return nil }
            var parts: [(name: Range<Int>, value: Range<Int>)] = []
            var name = range
            while let token = try scanner.next(), token != .end {
                if token == .name {
                    name = scanner.range
                } else {
                    try scanner.skipRest()
                    parts.append((name, scanner.range))
                }
            }
            return parts
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
}
