import Crypto
import Domain
import Foundation
import Glibc
import NIOCore

/// A file while it arrives: its bytes so far, their running checksum, and a note beside it of what they are the
/// beginning of, so that a later run can go on where this one stops.
struct PartialFile: ~Copyable {
    private struct Origin: Codable {
        /// What the file will be: its checksum, or the commit it is of where the hub states none.
        var content: String
        /// The entity tag of the answer that the bytes came with, where it is a strong one.
        var etag: String?
    }

    let path: String
    /// In bytes.
    private(set) var size: Int
    /// The strong entity tag that the bytes so far came with, for `If-Range`.
    private(set) var etag: String?
    private let content: String
    private let descriptor: Int32
    private var hash: SHA256

    private static func notePath(_ path: String) -> String { path + ".origin" }

    /// Opens what an earlier run left of the file, or an empty file. What is left is kept where it is the beginning of
    /// the same content and this can be found out: by the checksum in the end, or by the server from the entity tag.
    ///
    /// Throws ``ModelDownloadError(.storage)``.
    init(path: String, of file: HubListing.File, commit: String) throws {
        let content = file.sha256.map { "sha256:\($0)" } ?? "commit:\(commit)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw ModelDownloadError.system("cannot open \(path)") }
        let origin = Self.origin(of: path)
        var (size, hash) = (0, SHA256())
        do {
            if origin?.content == content, origin?.etag != nil || file.sha256 != nil {
                size = try FileChecksum.add(contentOf: descriptor, path: path, to: &hash)
            }
            // Whole without a checksum to tell whether it is sound, or too long: worth nothing.
            let isUseful = file.sha256 == nil ? size < file.size : size <= file.size
            if size == 0 || !isUseful {
                (size, hash) = (0, SHA256())
                try Self.empty(descriptor, path: path)
            }
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.size = size
        self.etag = size > 0 ? origin?.etag : nil
        self.content = content
        self.descriptor = descriptor
        self.hash = hash
    }

    deinit { close(descriptor) }

    /// The checksum of the bytes so far.
    var sha256: String { hash.finalize().hexadecimal }

    /// Forgets the bytes so far. Those that follow come with an answer that has this `ETag`.
    ///
    /// Throws ``ModelDownloadError(.storage)``.
    mutating func restart(etag: String?) throws {
        try Self.empty(descriptor, path: path)
        size = 0
        hash = SHA256()
        // A weak tag does not promise the same bytes, so RFC 9110, 13.1.5 forbids it in If-Range.
        self.etag = etag?.hasPrefix("\"") == true ? etag : nil
        do {
            let note = try JSONEncoder().encode(Origin(content: content, etag: self.etag))
            try note.write(to: URL(fileURLWithPath: Self.notePath(path)), options: .atomic)
        } catch {
            throw ModelDownloadError(.storage, "cannot write \(Self.notePath(path)): \(error.localizedDescription)")
        }
    }

    /// Throws ``ModelDownloadError(.storage)``.
    mutating func append(_ bytes: ByteBuffer) throws {
        let (descriptor, path) = (descriptor, path)
        var hash = hash
        try bytes.withUnsafeReadableBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    guard errno == EINTR else { throw ModelDownloadError.system("cannot write \(path)") }
                    continue
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            hash.update(bufferPointer: bytes)
        }
        self.hash = hash
        size += bytes.readableBytes
    }

    /// Returns once the bytes are on the disk. Throws ``ModelDownloadError(.storage)``.
    func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw ModelDownloadError.system("cannot write \(path) to the disk") }
    }

    /// Deletes the file and the note. Throws ``ModelDownloadError(.storage)``.
    func discard() throws {
        for path in [path, Self.notePath(path)] where unlink(path) != 0 && errno != ENOENT {
            throw ModelDownloadError.system("cannot delete \(path)")
        }
    }

    private static func empty(_ descriptor: Int32, path: String) throws {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw ModelDownloadError.system("cannot empty \(path)")
        }
    }

    /// The note of an earlier run; nil where it is missing or unreadable, which costs no more than a new start.
    private static func origin(of path: String) -> Origin? {
        guard let data = FileManager.default.contents(atPath: notePath(path)) else { return nil }
        return try? JSONDecoder().decode(Origin.self, from: data)
    }
}
