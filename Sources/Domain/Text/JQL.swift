/// JQL put together safely.
public enum JQL {
    /// A text as JQL writes it: in quotes, so that nothing in it is read as anything else.
    public static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// All issues of a project, as a backfill of it lists them.
    public static func wholeProject(_ key: String) -> String { "\(projects([key])) ORDER BY created ASC" }

    /// The issues of a project that are in its open sprints, or in the sprint of this name.
    public static func sprint(named name: String?, of projectKey: String) -> String {
        "\(projects([projectKey])) AND sprint \(name.map { "= \(quoted($0))" } ?? "in openSprints()")"
    }

    /// The issues of these projects.
    public static func projects(_ keys: [String]) -> String {
        "project in (\(keys.map(quoted).joined(separator: ", ")))"
    }
}
