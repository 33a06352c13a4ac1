import Foundation

/// Jira Automation renders a smart value without a value as an empty text: what is empty in a custom body was not told, but
/// for the fields of an issue that may be empty, which are then told to be.
enum BlankValues {
    /// The fields that an empty text empties.
    private static let canBeEmpty: Set<String> = ["assignee", "duedate", "priority", "resolution", "resolutiondate"]

    /// The same JSON object without its empty texts, and without the objects in which nothing else is. Throws for what is no
    /// object.
    static func removed(from json: Data) throws -> Data {
        let object = filled(try JSONSerialization.jsonObject(with: json), named: "")
        return try JSONSerialization.data(withJSONObject: object as? [String: Any] ?? [:])
    }

    private static func filled(_ value: Any, named name: String) -> Any? {
        if let text = value as? String, text.isEmpty { return emptied(name) }
        if let members = value as? [String: Any] {
            var kept: [String: Any] = [:]
            for (name, member) in members { kept[name] = filled(member, named: name) }
            return kept.isEmpty ? emptied(name) : kept
        }
        // A list keeps its places: they are part of the ids of changes.
        if let elements = value as? [Any] { return elements.map { filled($0, named: "") ?? [String: Any]() } }
        return value
    }

    private static func emptied(_ name: String) -> Any? { canBeEmpty.contains(name) ? NSNull() : nil }
}
