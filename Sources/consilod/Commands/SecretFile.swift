import Foundation
import Glibc

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

    /// Writes a file that is not there yet, with mode 0600 from its first instant. Throws ``CommandError`` or an error of the
    /// file system.
    static func write(_ secret: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw CommandError(String(cString: strerror(errno))) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data("\(secret)\n".utf8))
        try file.close()
    }
}

/// A secret file that holds no secret.
struct SecretFileError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
