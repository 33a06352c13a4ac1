/// Why a webhook's body could not be used. The message names fields, never what they hold.
public struct JiraPayloadError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Sendable, Hashable {
        /// The body is not JSON at all.
        case notJSON
        /// JSON, but not such that says anything about the issue asked for.
        case notUnderstood
    }

    /// What kind of failure it is.
    public var code: Code
    /// One line for people.
    public var message: String

    /// An error of a kind, with one line for people that names fields only.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
