import Foundation
import TestSupport
import Testing

/// Renders the texts that `docs/jira-automation.md` says to paste, as Atlassian documents smart values to be rendered: what has no
/// value is an empty text, a section is there for each change of its field.
struct SmartValues {
    /// By the names of the smart values, without functions.
    var values: [String: String]
    /// The changes of the trigger, by their fields: `from`, `fromString`, `to`, `toString`.
    var changes: [String: [String: String]] = [:]

    /// A text to paste, by the `webhookEvent` in it.
    static func template(_ event: String) throws -> String {
        let page = Repository.folder.appendingPathComponent("docs/jira-automation.md")
        let parts = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```")
        return try #require(parts.first { $0.contains("\"webhookEvent\": \"\(event)\"") })
    }

    func rendered(_ template: String) -> String {
        let section = /\{\{#changelog\.([A-Za-z]+)\}\}(.*?)\{\{\/\}\}/.dotMatchesNewlines()
        let text = template.replacing(section) { match in
            changes[String(match.output.1)].map { Self.filled(String(match.output.2), $0) } ?? ""
        }
        return Self.filled(text, values)
    }

    private static func filled(_ template: String, _ values: [String: String]) -> String {
        template.replacing(/\{\{([A-Za-z.]+)\}\}/) { match in
            let words = match.output.1.split(separator: ".")
            let functions = words.filter { ["jsonEncode", "jiraDate"].contains($0) }
            let name = words.dropLast(functions.count).joined(separator: ".")
            let value = values[name] ?? ""
            return functions.contains("jsonEncode") ? encoded(value) : value
        }
    }

    /// The text as it stands within a JSON string.
    private static func encoded(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
