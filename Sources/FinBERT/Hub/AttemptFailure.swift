/// Why one attempt at a request came to nothing that a later one may get.
struct AttemptFailure: Error {
    enum Kind {
        /// A name cannot be resolved.
        case unresolved
        /// No connection was made.
        case unreachable
        /// A connection was made and broke, or the server asks for patience.
        case interrupted
    }

    var kind: Kind
    /// In words, without a capital letter or a full stop.
    var reason: String
    /// How long the server asks to wait.
    var retryAfter: Duration?
}
