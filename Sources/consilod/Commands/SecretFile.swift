import Foundation

/// A file that holds one secret, so that none stands in an argument list.
enum SecretFile {
    /// Reads it, without the white space around. Throws ``SecretFileError`` for a file that cannot be read or is empty.
    static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SecretFileError("cannot read the secret file \(path)")
        }
        let secret = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty else { throw SecretFileError("the secret file \(path) is empty") }
        return secret
    }
}

/// A secret file that holds no secret.
struct SecretFileError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
