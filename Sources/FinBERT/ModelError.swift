/// Why a model cannot be loaded or cannot answer, in one line for people that names the file and what is wrong with it.
public struct ModelError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// A file that must be there is not.
        case missing
        /// A file is truncated, or does not hold what its format says.
        case malformed
        /// A sound file of a kind that consilod does not run.
        case unsupported
        /// The inference engine is not built in or refused.
        case engine
        /// The model was shut down; nothing more is read.
        case closed
    }

    public let code: Code
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
