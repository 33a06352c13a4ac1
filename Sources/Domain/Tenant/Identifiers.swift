public import Foundation

/// A string that names one kind of thing, so that one kind cannot be passed for another.
public protocol StringIdentifier: Sendable, Hashable, Comparable, Codable, CustomStringConvertible,
    ExpressibleByStringLiteral, CodingKeyRepresentable
{
    var rawValue: String { get }
    init(_ rawValue: String)
}

extension StringIdentifier {
    /// The plain text, as Jira has it.
    public var description: String { rawValue }
    public init(stringLiteral value: String) { self.init(value) }
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    public init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    /// For dictionaries, which are encoded as JSON objects.
    public var codingKey: any CodingKey { AnyStringKey(stringValue: rawValue) }
    public init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}

private struct AnyStringKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

/// Jira's numeric issue id, as a string. It survives renames and moves, unlike the key.
public struct IssueID: StringIdentifier {
    /// Decimal digits.
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
}

/// A human issue key such as `ENG-123`.
public struct IssueKey: StringIdentifier {
    /// As Jira shows it.
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// The part before the last hyphen: `ENG` for `ENG-123`; the whole text where there is no hyphen.
    public var projectKey: String {
        guard let hyphen = rawValue.lastIndex(of: "-") else { return rawValue }
        return String(rawValue[..<hyphen])
    }
}

/// Jira's numeric comment id, as a string.
public struct CommentID: StringIdentifier {
    /// Decimal digits.
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
}

/// One item of one changelog entry: `<changelog id>/<position of the item>`.
public struct ChangeID: StringIdentifier {
    /// The id in the form above.
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
}

/// Jira's numeric issue-link id, as a string.
public struct LinkID: StringIdentifier {
    /// Decimal digits.
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
}

/// A customer of this host: one Jira site with its rules, secrets and history.
public struct TenantID: Sendable, Hashable, Comparable, Codable, LosslessStringConvertible {
    /// A random UUID.
    public let uuid: UUID

    public init(_ uuid: UUID) { self.uuid = uuid }
    /// Reads the canonical form of a UUID; nil for anything else.
    public init?(_ text: String) {
        guard let uuid = UUID(uuidString: text) else { return nil }
        self.uuid = uuid
    }

    /// The lower-case canonical form, as PostgreSQL prints it.
    public var description: String { uuid.canonicalText }
    public static func < (a: TenantID, b: TenantID) -> Bool { a.uuid < b.uuid }

    public init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(UUID.self)) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
