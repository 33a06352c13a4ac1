/// A value of something that was changed: any JSON.
public enum AuditValue: Sendable, Hashable, Codable {
    case null
    case flag(Bool)
    case whole(Int64)
    case number(Double)
    case text(String)
    case list([AuditValue])
    case object([String: AuditValue])

    /// A text, or null for nil.
    public static func optional(_ text: String?) -> AuditValue { text.map { .text($0) } ?? .null }
    /// A whole number, or null for nil.
    public static func optional(_ number: Int?) -> AuditValue { number.map { .whole(Int64($0)) } ?? .null }
    /// A whole number.
    public static func count(_ number: Int) -> AuditValue { .whole(Int64(number)) }
    /// An instant, as ISO 8601; null for nil.
    public static func instant(_ at: Timestamp?) -> AuditValue { .optional(at?.description) }

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let whole = try? value.decode(Int64.self) {
            self = .whole(whole)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([AuditValue].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: AuditValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .flag(let flag): try value.encode(flag)
        case .whole(let whole): try value.encode(whole)
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .object(let members): try value.encode(members)
        }
    }
}

extension AuditValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral text: String) { self = .text(text) }
    public init(booleanLiteral flag: Bool) { self = .flag(flag) }
    public init(integerLiteral number: Int64) { self = .whole(number) }
}
