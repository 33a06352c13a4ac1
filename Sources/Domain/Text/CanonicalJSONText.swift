import Foundation
import Glibc

/// Canonical JSON as far as it is written: what has no parts is appended to it, and the members of an object are put in the
/// order of their names when it ends.
struct CanonicalJSONText {
    /// What the value that is being encoded has turned out to be.
    enum Shape { case unknown, plain, object, array }

    /// A value that is being encoded.
    private struct Frame {
        var shape = Shape.unknown
        /// Where it begins in `bytes`.
        var start: Int
        /// Where its members begin in `members`.
        var firstMember: Int
        /// Elements of an array.
        var count = 0
    }

    /// A member of an object that has not ended. It ends where the next one of its object begins.
    private struct Member {
        var name: String
        /// The first eight bytes of the name, as many as there are: names are mostly told apart by them.
        var beginning: UInt64
        /// Where its name begins in `bytes`.
        var start: Int
    }

    private(set) var bytes: [UInt8] = []
    private var frame = Frame(start: 0, firstMember: 0)
    private var outer: [Frame] = []
    private var members: [Member] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    // MARK: Values with parts

    /// How many values are being encoded, each a part of the one before.
    var depth: Int { outer.count }
    var shape: Shape { frame.shape }
    /// How many elements the array has that is being encoded.
    var elementCount: Int { frame.count }

    /// Goes on to a value that is encoded in the place that has been reached.
    mutating func begin() {
        outer.append(frame)
        frame = Frame(start: bytes.count, firstMember: members.count)
    }

    mutating func beginObject() { begin(.object, UInt8(ascii: "{")) }
    mutating func beginArray() { begin(.array, UInt8(ascii: "[")) }

    private mutating func begin(_ shape: Shape, _ bracket: UInt8) {
        // A class and the one that it inherits from encode into one object.
        guard frame.shape != shape else { return }
        precondition(frame.shape == .unknown, "a value is encoded in two ways")
        frame.shape = shape
        bytes.append(bracket)
    }

    /// Notes that what is being encoded is a value without parts, which is written next.
    mutating func beginPlain() {
        precondition(frame.shape == .unknown, "a value is encoded twice")
        frame.shape = .plain
    }

    /// Writes the name of the next member.
    mutating func beginMember(_ name: String) {
        if members.count > frame.firstMember { bytes.append(UInt8(ascii: ",")) }
        members.append(Member(name: name, beginning: Self.beginning(of: name), start: bytes.count))
        write(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Goes on to the next element of an array.
    mutating func beginElement() {
        if frame.count > 0 { bytes.append(UInt8(ascii: ",")) }
        frame.count += 1
    }

    /// Ends the value that is being encoded.
    mutating func end() {
        switch frame.shape {
        case .plain: break
        // As of Foundation: something that encodes nothing is an object.
        case .unknown: bytes.append(contentsOf: "{}".utf8)
        case .object:
            sortMembers()
            bytes.append(UInt8(ascii: "}"))
            members.removeLast(members.count - frame.firstMember)
        case .array: bytes.append(UInt8(ascii: "]"))
        }
        if let last = outer.popLast() { frame = last }
    }

    /// Writes JSON that was made elsewhere.
    mutating func append(_ json: some Sequence<UInt8>) { bytes.append(contentsOf: json) }

    mutating func insert(_ json: [UInt8], at place: Int) { bytes.insert(contentsOf: json, at: place) }

    // MARK: Order

    /// Puts the members of an object in the order of their names; of two with one name the later one stays.
    private mutating func sortMembers() {
        let (first, count) = (frame.firstMember, members.count)
        guard count - first > 1, !(first + 1..<count).allSatisfy({ isBefore($0 - 1, $0) }) else { return }
        // The same value may be told twice, in its order.
        let order = (first..<count).sorted { isBefore($0, $1) || ($0 < $1 && !isBefore($1, $0)) }
        let (start, end) = (frame.start + 1, bytes.count)
        let unsorted = Array(bytes[start...])
        bytes.removeLast(unsorted.count)
        for (place, member) in order.enumerated() {
            if place + 1 < order.count, members[order[place + 1]].name == members[member].name { continue }
            if bytes.count > start { bytes.append(UInt8(ascii: ",")) }
            let next = member + 1 < count ? members[member + 1].start - 1 : end
            bytes.append(contentsOf: unsorted[members[member].start - start..<next - start])
        }
    }

    /// Whether the name of one of `members` comes before that of another.
    private func isBefore(_ a: Int, _ b: Int) -> Bool {
        let (beginning, other) = (members[a].beginning, members[b].beginning)
        return beginning == other ? Self.isBefore(members[a].name, members[b].name) : beginning < other
    }

    private static func beginning(of name: String) -> UInt64 {
        var (beginning, shift) = (UInt64(0), UInt64(56))
        for byte in name.utf8.prefix(8) {
            beginning |= UInt64(byte) << shift
            shift &-= 8
        }
        return beginning
    }

    /// By their bytes, as Foundation's encoder puts them: for Swift an accented letter is the same in both its forms.
    private static func isBefore(_ a: String, _ b: String) -> Bool {
        let order = a.utf8.withContiguousStorageIfAvailable { a in
            b.utf8.withContiguousStorageIfAvailable { b in
                // Contiguous storage has an address, also where it is empty.
                guard let first = a.baseAddress, let second = b.baseAddress else { return a.count < b.count }
                let order = memcmp(first, second, min(a.count, b.count))
                return order == 0 ? a.count < b.count : order < 0
            }
        }
        return (order ?? nil) ?? a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}

// MARK: - Plain values

extension CanonicalJSONText {
    mutating func writeNull() { bytes.append(contentsOf: "null".utf8) }

    mutating func write(_ value: Bool) { bytes.append(contentsOf: value ? "true".utf8 : "false".utf8) }

    mutating func writeNumber(_ value: some FixedWidthInteger) {
        if let digit = UInt8(exactly: value), digit < 10 {
            bytes.append(UInt8(ascii: "0") + digit)
        } else {
            bytes.append(contentsOf: String(value).utf8)
        }
    }

    /// Throws `EncodingError` for what is not finite.
    mutating func writeNumber(_ value: some BinaryFloatingPoint & LosslessStringConvertible) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value, EncodingError.Context(codingPath: [], debugDescription: "JSON has no number \(value)"))
        }
        let text = value.description
        bytes.append(contentsOf: text.utf8.dropLast(text.hasSuffix(".0") ? 2 : 0))
    }

    mutating func write(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { text in
            var start = 0
            for index in text.indices {
                let byte = text[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: text[start..<index])
                writeEscape(of: byte)
                start = index + 1
            }
            bytes.append(contentsOf: text[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func writeEscape(of byte: UInt8) {
        let letter: UInt8
        switch byte {
        case 0x08: letter = UInt8(ascii: "b")
        case 0x09: letter = UInt8(ascii: "t")
        case 0x0A: letter = UInt8(ascii: "n")
        case 0x0C: letter = UInt8(ascii: "f")
        case 0x0D: letter = UInt8(ascii: "r")
        case 0..<0x20:
            bytes.append(contentsOf: byte < 0x10 ? #"\u000"#.utf8 : #"\u001"#.utf8)
            bytes.append(contentsOf: String(byte & 0xF, radix: 16).utf8)
            return
        default: letter = byte
        }
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(letter)
    }
}
