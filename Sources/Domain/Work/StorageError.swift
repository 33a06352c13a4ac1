/// A failure of the store, in the terms its callers can act on. The description never holds row contents.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    /// What a caller can do about it.
    public enum Code: Sendable, Hashable {
        /// Cannot commit now (disk full, read-only, locked, overloaded): the caller may try again later.
        case unavailable
        /// A uniqueness rule was violated; `message` names it.
        case conflict
        /// The row the caller leased or named is gone or belongs to somebody else now.
        case stale
        /// An argument made by a client (a page cursor) cannot be read.
        case malformed
        /// The database or a value in it cannot be read.
        case corrupt
        /// The tenant has as many of this kind as it may.
        case limitReached(TenantLimits.Kind, limit: Int)
    }

    /// What a caller can do about it.
    public var code: Code
    /// One line for people, without row contents.
    public var message: String
    /// The driver's error; nil where the store itself found the failure.
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message alone.
    public var description: String { message }
}
