import Domain
import Foundation

/// The name of a field in Jira's JSON.
struct WireKey: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringLiteral name: String) { stringValue = name }
    init?(stringValue name: String) { stringValue = name }
    init?(intValue: Int) { return nil }
}

extension KeyedDecodingContainer<WireKey> {
    /// The value of a field; nil where it is absent, null, or of another shape.
    func value<Value: Decodable>(_ key: WireKey, as type: Value.Type = Value.self) -> Value? {
        // `contains` first: an error thrown for every absent field would cost more than the rest of the decoding.
        contains(key) ? try? decodeIfPresent(type, forKey: key) : nil
    }

    /// As ``value(_:as:)``, for the few types that need to know the custom fields of the site.
    func value<Value: DecodableWithConfiguration>(
        _ key: WireKey, as type: Value.Type = Value.self, configuration: Value.DecodingConfiguration
    ) -> Value? {
        contains(key) ? try? decodeIfPresent(type, forKey: key, configuration: configuration) : nil
    }

    /// What the payload says of a field: nil where it says nothing (absent, or of another shape), nil inside where
    /// it says that the field is empty.
    func told<Value: Decodable>(_ key: WireKey, as type: Value.Type = Value.self) -> Value?? {
        guard contains(key) else { return nil }
        if (try? decodeNil(forKey: key)) == true { return .some(nil) }
        return (try? decode(type, forKey: key)).map(Optional.some)
    }

    /// The first of several fields that has a value; empty where they are only told to be empty.
    func told<Value: Decodable>(firstOf names: [String], as type: Value.Type = Value.self) -> Value?? {
        var answer: Value?? = nil
        for name in names {
            guard let told = told(WireKey(name), as: type) else { continue }
            if told != nil { return told }
            answer = .some(nil)
        }
        return answer
    }
}

/// A list of which the elements of an unexpected shape are nil.
struct LossyList<Element: Decodable>: Decodable {
    private(set) var elements: [Element?] = []

    /// The elements that could be read.
    var values: [Element] { elements.compactMap(\.self) }

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        while !container.isAtEnd {
            if let element = try? container.decode(Element.self) {
                elements.append(element)
            } else {
                // A failed attempt stays at the element; reading it as nothing in particular moves on.
                _ = try container.decode(Skipped.self)
                elements.append(nil)
            }
        }
    }

    private struct Skipped: Decodable {
        init(from decoder: any Decoder) {}
    }
}

/// A text that Jira writes as a string in some places and as a number in others: ids, changelog values.
struct NumberOrString: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else {
            text = String(try container.decode(Int64.self))
        }
    }
}

/// The id or key of anything in Jira; never empty, and never longer than ``longest``: ids are what tables are indexed by,
/// and PostgreSQL takes no index entry beyond 2,704 bytes.
struct JiraID: Decodable {
    /// Most bytes in UTF-8. Those of Jira have a few dozen at most.
    static let longest = 255

    let text: String

    init(from decoder: any Decoder) throws {
        text = try NumberOrString(from: decoder).text
        guard (1...Self.longest).contains(text.utf8.count) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "an id that is empty or too long"))
        }
    }
}

extension KeyedDecodingContainer<WireKey> {
    /// Why the id at the end of a path cannot be used, in words for people.
    func fault(ofID path: WireKey...) -> String {
        let name = path.map(\.stringValue).joined(separator: ".")
        return isTooLong(path[...]) ? "\(name) is longer than \(JiraID.longest) bytes" : "\(name) is missing"
    }

    private func isTooLong(_ path: ArraySlice<WireKey>) -> Bool {
        guard let key = path.first else { return false }
        guard path.count == 1 else {
            return (try? nestedContainer(keyedBy: WireKey.self, forKey: key))?.isTooLong(path.dropFirst()) ?? false
        }
        return value(key, as: NumberOrString.self).map { $0.text.utf8.count > JiraID.longest } ?? false
    }
}

/// An instant as ISO 8601, or as milliseconds since the epoch in a number or a string.
struct JiraInstant: Decodable {
    let timestamp: Timestamp

    init(from decoder: any Decoder) throws {
        let text = try NumberOrString(from: decoder).text
        let timestamp = Int64(text).map(Timestamp.init(milliseconds:)) ?? Timestamp(text)
        guard let timestamp, Self.believable.contains(timestamp) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no instant"))
        }
        self.timestamp = timestamp
    }

    /// The years 1970 to 9000. Nothing of Jira's is older, and whatever is reckoned from an instant (when an issue is too
    /// old, say) still has four digits to its year.
    static let believable = Timestamp(milliseconds: 0)...Timestamp(milliseconds: 221_876_927_999_999)
}
