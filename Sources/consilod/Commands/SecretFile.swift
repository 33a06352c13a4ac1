import Foundation

/// A file that holds one secret, so that none stands in an argument list.
enum SecretFile {
    /// Reads it, without the white space around. Throws ``ConfigurationError`` for a file that cannot be read or is empty.
    static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError("cannot read the secret file \(path)")
        }
        let secret = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty else { throw ConfigurationError("the secret file \(path) is empty") }
        return secret
    }
}
