/// Why a model cannot be loaded or cannot answer, in one line for people that names the file and what is wrong with it.
public struct ModelError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// A required file is missing or unreadable.
        case missing
        /// A file is truncated, or violates its format.
        case malformed
        /// A valid file of a kind that consilod does not support.
        case unsupported
        /// The inference engine is not built in, or failed.
        case engine
        /// The model was shut down; nothing more is read.
        case closed
    }

    /// The kind of failure.
    public let code: Code
    /// One line, without a full stop.
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
