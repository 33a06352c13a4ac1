public import Domain
public import Foundation

/// Why a value is invalid, to be read after the field's name: "must be …".
public struct Mismatch: Error {
    /// What must be.
    public var message: String

    public init(message: String) { self.message = message }
}

/// How a field is written and what it may hold.
public struct FieldParser<Value: Sendable>: Sendable {
    /// The value that a field holds, or why it is invalid.
    public let parse: @Sendable (FieldValue) throws(Mismatch) -> Value

    public init(_ parse: @escaping @Sendable (FieldValue) throws(Mismatch) -> Value) { self.parse = parse }
}

extension FieldParser where Value == String {
    /// One line of text; surrounding white space is not part of it. One character may be any number of bytes: there is a
    /// limit of those, too.
    public static func text(_ length: ClosedRange<Int>) -> FieldParser {
        FieldParser { value throws(Mismatch) in
            guard case .string(let raw) = value else { throw Mismatch(message: "must be a string") }
            let text = raw.trimmingCharacters(in: .whitespacesAndNewlines)
            guard text.utf8.count <= length.upperBound * Self.bytesPerCharacter, length.contains(text.count) else {
                throw Mismatch(message: "must have \(length.lowerBound) to \(length.upperBound) characters")
            }
            guard !text.unicodeScalars.contains(where: { CharacterSet.controlCharacters.contains($0) }) else {
                throw Mismatch(message: "must not contain control characters")
            }
            return text
        }
    }

    /// More than any character of a name takes on average.
    private static var bytesPerCharacter: Int { 8 }

    /// A secret: kept exactly as sent.
    public static func secret(_ length: ClosedRange<Int>) -> FieldParser {
        FieldParser { value throws(Mismatch) in
            guard case .string(let text) = value, length.contains(text.utf8.count) else {
                throw Mismatch(message: "must be a string of \(length.lowerBound) to \(length.upperBound) characters")
            }
            return text
        }
    }

    /// The address of a site: http or https, a host, no credentials, no query; a trailing slash is dropped.
    public static var siteURL: FieldParser {
        FieldParser { value throws(Mismatch) in
            let text = try FieldParser.text(1...500).parse(value)
            guard var parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
                ["http", "https"].contains(scheme), let host = parts.host?.lowercased(), !host.isEmpty
            else { throw Mismatch(message: "must be an http or https URL with a host") }
            guard parts.user == nil, parts.password == nil else {
                throw Mismatch(message: "must not contain a user name or a password")
            }
            guard parts.query == nil, parts.fragment == nil else {
                throw Mismatch(message: "must not contain a query or a fragment")
            }
            parts.scheme = scheme
            parts.host = host
            while parts.path.hasSuffix("/") { parts.path.removeLast() }
            guard let url = parts.string else { throw Mismatch(message: "must be an http or https URL with a host") }
            return url
        }
    }

    /// A plausible mail address; whether it exists only a delivery shows.
    public static var email: FieldParser {
        FieldParser { value throws(Mismatch) in
            let text = try FieldParser.text(3...254).parse(value)
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
                !text.contains(where: { $0.isWhitespace || ",;:<>()[]\\\"".contains($0) })
            else { throw Mismatch(message: "must be an email address") }
            return text
        }
    }
}

extension FieldParser where Value == IssueKey {
    /// The key of an issue, in any case; Jira's are in capital letters.
    public static var issueKey: FieldParser {
        FieldParser { value throws(Mismatch) in
            IssueKey(try FieldParser<String>.text(1...255).parse(value).uppercased())
        }
    }
}

extension FieldParser where Value == String {
    /// The key of a project, in any case; Jira's are in capital letters.
    public static var projectKey: FieldParser {
        FieldParser { value throws(Mismatch) in try FieldParser.text(1...255).parse(value).uppercased() }
    }
}

extension FieldParser where Value == Double {
    /// A number within a range.
    public static func number(_ range: ClosedRange<Double>) -> FieldParser {
        FieldParser { value throws(Mismatch) in
            guard case .number(let number) = value, range.contains(number) else {
                throw Mismatch(message: "must be a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }
}

extension FieldParser where Value == Int {
    /// A whole number, in a query also as text.
    public static func integer(_ range: ClosedRange<Int>) -> FieldParser {
        FieldParser { value throws(Mismatch) in
            let number: Int? =
                switch value {
                case .number(let number): Int(exactly: number)
                case .string(let text): Int(text)
                default: nil
                }
            guard let number, range.contains(number) else {
                throw Mismatch(message: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }
}

extension FieldParser where Value == Bool {
    /// True or false, in a query also as text.
    public static var bool: FieldParser {
        FieldParser { value throws(Mismatch) in
            switch value {
            case .bool(let value): return value
            case .string("true"), .string("1"): return true
            case .string("false"), .string("0"): return false
            default: throw Mismatch(message: "must be true or false")
            }
        }
    }
}

extension FieldParser where Value: RawRepresentable, Value.RawValue == String {
    /// One of a type's names.
    public static func choice(_ choices: [Value]) -> FieldParser {
        FieldParser { value throws(Mismatch) in
            guard case .string(let text) = value, let choice = choices.first(where: { $0.rawValue == text }) else {
                throw Mismatch(message: "must be one of: \(choices.map(\.rawValue).joined(separator: ", "))")
            }
            return choice
        }
    }
}

extension FieldParser {
    /// A list of at most 100 values of one kind.
    public static func list<Element>(_ element: FieldParser<Element>) -> FieldParser<[Element]> {
        FieldParser<[Element]> { value throws(Mismatch) in
            guard case .array(let values) = value, values.count <= 100 else {
                throw Mismatch(message: "must be a list of at most 100 values")
            }
            var elements: [Element] = []
            for value in values {
                do throws(Mismatch) {
                    elements.append(try element.parse(value))
                } catch {
                    throw Mismatch(message: "each value \(error.message)")
                }
            }
            return elements
        }
    }
}

extension FieldParser where Value == Timestamp {
    /// An instant in ISO 8601, with its offset from UTC.
    public static var timestamp: FieldParser {
        FieldParser { value throws(Mismatch) in
            guard case .string(let text) = value, let instant = Timestamp(text) else {
                throw Mismatch(message: "must be an instant such as 2026-11-24T13:00:00Z")
            }
            return instant
        }
    }
}

extension FieldParser where Value == CalendarDay {
    /// A date.
    public static var date: FieldParser {
        FieldParser { value throws(Mismatch) in
            guard case .string(let text) = value, let day = CalendarDay(text) else {
                throw Mismatch(message: "must be a date such as 2026-11-24")
            }
            return day
        }
    }
}

extension FieldParser where Value == UUID {
    /// A UUID in its canonical form.
    public static var uuid: FieldParser {
        FieldParser { value throws(Mismatch) in
            guard case .string(let text) = value, let id = UUID(uuidString: text) else {
                throw Mismatch(message: "must be a UUID")
            }
            return id
        }
    }
}
