import Crypto
import Domain
import Glibc

/// The size and the SHA-256 of a file.
struct FileChecksum: Equatable {
    /// In bytes.
    var size: Int
    /// Lower-case hexadecimal.
    var sha256: String

    init(size: Int, sha256: String) {
        self.size = size
        self.sha256 = sha256
    }

    /// Reads a file in pieces; nil where there is no such file. Throws ``ModelDownloadError(.storage)``.
    init?(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno != ENOENT else { return nil }
            throw ModelDownloadError.system("cannot open \(path)")
        }
        defer { close(descriptor) }
        var hash = SHA256()
        size = try Self.add(contentOf: descriptor, path: path, to: &hash)
        sha256 = hash.finalize().hexadecimal
    }

    /// Hashes what is left to read, and returns its size in bytes. Throws ``ModelDownloadError(.storage)``.
    static func add(contentOf descriptor: Int32, path: String, to hash: inout SHA256) throws -> Int {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var size = 0
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return size }
            if count < 0 {
                guard errno == EINTR else { throw ModelDownloadError.system("cannot read \(path)") }
                continue
            }
            buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            size += count
        }
    }
}
