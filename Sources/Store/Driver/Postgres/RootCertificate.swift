import CPostgres
import Domain
import Foundation
import Glibc

/// The certificates of the authorities that sign a server's, where they are given as a text: managed databases hand them out
/// as an environment variable, and libpq takes none but a file (`sslrootcert`). The file is in memory, so that a container
/// needs no place to write it to; gone with the value.
final class RootCertificate: Sendable {
    private let descriptor: CInt

    /// What libpq opens, again for each connection.
    var path: String { "/proc/self/fd/\(descriptor)" }

    /// Throws `StorageError(.malformed)` for a text that holds no certificate.
    ///
    /// - Parameter text: certificates in PEM (RFC 7468); `\n` in two characters stands for a line break, as platforms write it
    ///   that have variables of one line only.
    init(_ text: String) throws {
        let lines = text.replacing("\\n", with: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
        guard lines.hasPrefix("-----BEGIN CERTIFICATE-----"), lines.hasSuffix("-----END CERTIFICATE-----") else {
            throw StorageError(.malformed, "the root certificate is not one in PEM (-----BEGIN CERTIFICATE-----)")
        }
        descriptor = consilod_memory_file("root-certificate")
        guard descriptor >= 0 else {
            throw StorageError(
                .unavailable,
                "cannot make a file in memory for the root certificate: \(String(cString: strerror(errno)))")
        }
        do {
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data("\(lines)\n".utf8))
        } catch {
            throw StorageError(.unavailable, "cannot keep the root certificate: \(error)", cause: error)
        }
    }

    deinit { close(descriptor) }
}
