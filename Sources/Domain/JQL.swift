/// JQL put together safely.
public enum JQL {
    /// A text as JQL writes it: in quotes, so that nothing in it is read as anything else.
    public static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// The issues of these projects.
    public static func projects(_ keys: [String]) -> String {
        "project in (\(keys.map(quoted).joined(separator: ", ")))"
    }
}
