import Domain
import Foundation

/// A JSON value of a token or of a document that a provider publishes.
///
/// It is read strictly: a name that stands twice in an object is an error, because two readers of one token could otherwise
/// see different claims (RFC 8725, section 2.4; RFC 7519, section 4 leaves both ways open).
public enum ClaimValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// Finite.
    case number(Double)
    case string(String)
    case array([ClaimValue])
    case object([String: ClaimValue])

    /// The bytes are not one JSON value, have a name twice, or are nested too deeply.
    public struct Malformed: Error {
        public init() {}
    }

    /// Objects and arrays within each other. The deepest claims in use have four.
    private static let depthLimit = 16

    /// Reads a whole JSON text (RFC 8259) in UTF-8.
    public init(json: [UInt8]) throws(Malformed) {
        let value: ClaimValue?
        do {
            value = try json.withUnsafeBufferPointer { bytes in
                var reader = Reader(bytes: bytes, scanner: JSONScanner(bytes))
                return try reader.document()
            }
        } catch {
            throw Malformed()
        }
        guard let value else { throw Malformed() }
        self = value
    }

    /// The text of a string; nil for any other value.
    public var text: String? { if case .string(let text) = self { text } else { nil } }

    /// The truth value; nil for any other value.
    public var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }

    /// The members of an object; nil for any other value.
    public var members: [String: ClaimValue]? { if case .object(let members) = self { members } else { nil } }

    /// The texts of a string or of an array that holds nothing but strings; nil for any other value.
    public var texts: [String]? {
        switch self {
        case .string(let text): return [text]
        case .array(let values):
            let texts = values.compactMap(\.text)
            return texts.count == values.count ? texts : nil
        default: return nil
        }
    }

    /// An instant in seconds since 1970 (NumericDate, RFC 7519, section 2: it may have a fraction), as milliseconds, rounded
    /// down; nil for any other value, and for one that is not between the years 1970 and 9999.
    var milliseconds: Int64? {
        guard case .number(let seconds) = self, seconds >= 0, seconds < 253_402_300_800 else { return nil }
        return Int64((seconds * 1000).rounded(.down))
    }

    private struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        var scanner: JSONScanner

        mutating func document() throws -> ClaimValue? {
            guard let token = try scanner.next() else { return nil }
            let document = try value(token)
            guard try scanner.next() == nil else { return nil }
            return document
        }

        private mutating func value(_ token: JSONScanner.Token) throws -> ClaimValue {
            switch token {
            case .string: return .string(try text())
            case .number:
                guard let number = Double(String(decoding: bytes[scanner.range], as: UTF8.self)), number.isFinite else {
                    throw Malformed()
                }
                return .number(number)
            case .word:
                switch bytes[scanner.range.lowerBound] {
                case UInt8(ascii: "t"): return .bool(true)
                case UInt8(ascii: "f"): return .bool(false)
                default: return .null
                }
            case .array, .object:
                guard scanner.depth <= ClaimValue.depthLimit else { throw Malformed() }
                return try token == .array ? .array(elements()) : .object(members())
            case .name, .end: throw Malformed()
            }
        }

        private mutating func elements() throws -> [ClaimValue] {
            var elements: [ClaimValue] = []
            while let token = try scanner.next(), token != .end { elements.append(try value(token)) }
            return elements
        }

        private mutating func members() throws -> [String: ClaimValue] {
            var members: [String: ClaimValue] = [:]
            while let token = try scanner.next(), token != .end {
                guard token == .name else { throw Malformed() }
                let name = try text()
                guard members[name] == nil, let start = try scanner.next() else { throw Malformed() }
                members[name] = try value(start)
            }
            return members
        }

        /// The text of the string or name that the scanner stands at.
        private func text() throws -> String {
            let quoted = bytes[scanner.range]
            guard quoted.contains(UInt8(ascii: "\\")) else {
                guard let text = String(validating: quoted.dropFirst().dropLast(), as: UTF8.self) else {
                    throw Malformed()
                }
                return text
            }
            return try JSONDecoder().decode(String.self, from: Data(quoted))
        }
    }
}
