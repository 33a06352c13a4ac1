/// JQL put together safely.
public enum JQL {
    /// A text as JQL writes it: in quotes, so that nothing in it is read as anything else.
    public static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// All issues of a project, finished ones included, as a backfill of it lists them: the newest first, because most of
    /// those that are open are among them. By the creation, which never changes: of what is listed page by page nothing
    /// moves from a page that is still to come to one that was read.
    public static func wholeProject(_ key: String) -> String { "\(projects([key])) ORDER BY created DESC" }

    /// As ``wholeProject(_:)``, in the words of backfills of versions up to 0.1, which listed the oldest first.
    public static func wholeProjectOldestFirst(_ key: String) -> String { "\(projects([key])) ORDER BY created ASC" }

    /// The issues of a project that are in its open sprints, or in the sprint of this name.
    public static func sprint(named name: String?, of projectKey: String) -> String {
        "\(projects([projectKey])) AND sprint \(name.map { "= \(quoted($0))" } ?? "in openSprints()")"
    }

    /// The issues of these projects.
    public static func projects(_ keys: [String]) -> String {
        "project in (\(keys.map(quoted).joined(separator: ", ")))"
    }
}
