/// The value of a field as a door received it, before anything is known of the field: from JSON, a query or a form.
public enum FieldValue: Hashable, Sendable {
    /// Given, and nothing.
    case null
    /// True or false.
    case bool(Bool)
    /// Any number.
    case number(Double)
    /// A text. Queries and forms have nothing else.
    case string(String)
    /// A list.
    case array([FieldValue])
    /// Fields by their names.
    case object([String: FieldValue])
}
