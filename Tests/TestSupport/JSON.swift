/// A JSON value of which nothing is lost: numbers keep their digits, objects their order.
public enum JSON: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    case null
    case bool(Bool)
    /// As written.
    case number(String)
    case string(String)
    case array([JSON])
    case object([(String, JSON)])

    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number("\(value)") }
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// Reads a document. Throws ``Unexpected`` for what is not JSON.
    public init(parsing text: some Sequence<UInt8>) throws {
        var parser = Parser(bytes: Array(text))
        self = try parser.document()
    }

    /// Reads a document. Throws ``Unexpected`` for what is not JSON.
    public init(parsing text: String) throws { try self.init(parsing: text.utf8) }

    public var text: String? { if case .string(let text) = self { text } else { nil } }
    public var int: Int? { if case .number(let digits) = self { Int(digits) } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var isNull: Bool { if case .null = self { true } else { false } }
    public var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
    public var members: [(String, JSON)] { if case .object(let members) = self { members } else { [] } }

    /// The member of an object; setting nil removes it, and setting on anything but an object makes one.
    public subscript(name: String) -> JSON? {
        get { members.first { $0.0 == name }?.1 }
        set {
            var members = members
            if let index = members.firstIndex(where: { $0.0 == name }) {
                if let newValue { members[index].1 = newValue } else { members.remove(at: index) }
            } else if let newValue {
                members.append((name, newValue))
            }
            self = .object(members)
        }
    }

    /// The value as JSON without white space.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .number(let digits): bytes += digits.utf8
        case .string(let text): Self.write(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.0, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.1.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: bytes += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSON: Equatable {
    /// The order of an object's members does not count; the digits of a number do.
    public static func == (a: JSON, b: JSON) -> Bool {
        switch (a, b) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.number(let a), .number(let b)), (.string(let a), .string(let b)): return a == b
        case (.array(let a), .array(let b)): return a == b
        case (.object(let a), .object(let b)):
            guard a.count == b.count else { return false }
            let other = Dictionary(b, uniquingKeysWith: { first, _ in first })
            return a.allSatisfy { other[$0.0] == $0.1 }
        default: return false
        }
    }
}

private struct Parser {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws -> JSON {
        let value = try value()
        skipSpace()
        guard index == bytes.count else { throw fault }
        return value
    }

    private var fault: Unexpected { Unexpected("not JSON at byte \(index)") }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") || isSpace(byte)
    }

    private mutating func skipSpace() {
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func value() throws -> JSON {
        skipSpace()
        guard index < bytes.count else { throw fault }
        switch bytes[index] {
        case UInt8(ascii: "{"):
            index += 1
            var members: [(String, JSON)] = []
            if skip("}") { return .object(members) }
            repeat {
                skipSpace()
                let name = try string()
                guard skip(":") else { throw fault }
                members.append((name, try value()))
            } while skip(",")
            guard skip("}") else { throw fault }
            return .object(members)
        case UInt8(ascii: "["):
            index += 1
            var elements: [JSON] = []
            if skip("]") { return .array(elements) }
            repeat { elements.append(try value()) } while skip(",")
            guard skip("]") else { throw fault }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try string())
        default:
            let start = index
            while index < bytes.count, !Self.isEnd(bytes[index]) { index += 1 }
            switch String(decoding: bytes[start..<index], as: UTF8.self) {
            case "null": return .null
            case "true": return .bool(true)
            case "false": return .bool(false)
            case let digits where Double(digits) != nil: return .number(digits)
            default: throw fault
            }
        }
    }

    private mutating func string() throws -> String {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw fault }
        index += 1
        var units: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: units, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                units.append(byte)
                continue
            }
            guard index < bytes.count else { throw fault }
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "u"):
                var code = [try hexUnit()]
                if (0xD800..<0xDC00).contains(code[0]) {
                    guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u") else { throw fault }
                    index += 2
                    code.append(try hexUnit())
                }
                units += Array(String(decoding: code, as: UTF16.self).utf8)
            default: units.append(escape)
            }
        }
        throw fault
    }

    private mutating func hexUnit() throws -> UInt16 {
        guard index + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw fault }
        index += 4
        return unit
    }
}
