import Glibc

/// Why a model could not be downloaded or placed, in one line for people. Never holds a token or a password.
public struct ModelDownloadError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs.
    public enum Code: String, Sendable {
        /// A repository, revision, address, token or proxy that cannot be one.
        case malformedSetting
        /// The hub, or the proxy on the way to it, could not be reached; says how to place the files by hand.
        case unreachable
        /// The hub, or the proxy, answered and will not give what was asked for: it must not be tried again as it is.
        case refused
        /// There is no such repository, revision or file.
        case notFound
        /// The hub was reached and did not manage to answer, or broke off, time and again.
        case unavailable
        /// The hub's answer, or what the repository holds, is not what a model is published as.
        case unusable
        /// A file that arrived is not the one that the hub announced.
        case damaged
        /// The folder holds a model that was placed by hand, or another download is using it.
        case occupied
        /// A file or folder cannot be read or written.
        case storage
    }

    /// What went wrong; ``description`` says it for people.
    public let code: Code
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// What the last system call failed at, with its reason: `cannot write /a/b: No space left on device`.
    static func system(_ what: String) -> ModelDownloadError {
        ModelDownloadError(.storage, "\(what): \(String(cString: strerror(errno)))")
    }
}
