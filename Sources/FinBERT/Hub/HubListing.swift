import Foundation

/// What a repository holds at a revision, as far as a model needs it.
///
/// Source: https://huggingface.co/docs/hub/api, `GET /api/models/{repository}/revision/{revision}?blobs=true`
struct HubListing: Sendable, Equatable {
    struct File: Sendable, Equatable {
        var name: PublishedFile
        /// In bytes.
        var size: Int
        /// Lower-case hexadecimal; nil for the small files that the hub keeps in git itself and states none for.
        var sha256: String?
    }

    /// The commit that the revision is now.
    var commit: String
    /// The files to fetch, in the order of ``PublishedFile``'s cases.
    var files: [File]

    var totalSize: Int { files.reduce(0) { $0 + $1.size } }

    private struct Document: Decodable {
        struct Sibling: Decodable {
            struct LargeFile: Decodable {
                var sha256: String
                var size: Int
            }
            var rfilename: String
            var size: Int?
            var lfs: LargeFile?
        }
        var sha: String
        var siblings: [Sibling]
    }

    /// Reads the hub's answer. Throws ``ModelDownloadError(.unusable)`` when it is no such answer or lacks something
    /// that a model needs.
    init(answer: Data, repository: String) throws {
        let document: Document
        do {
            document = try ModelFiles.decode(Document.self, from: answer, name: "the hub's answer")
        } catch let error as ModelError {
            throw ModelDownloadError(.unusable, "\(error)")
        }
        // It becomes part of addresses, so it must be what git calls a commit (SHA-1 or SHA-256).
        guard [40, 64].contains(document.sha.utf8.count), Self.isHexadecimal(document.sha) else {
            throw ModelDownloadError(.unusable, "the hub's answer: sha is not a commit")
        }
        commit = document.sha
        var held: [PublishedFile: File] = [:]
        for sibling in document.siblings {
            guard let name = PublishedFile(rawValue: sibling.rfilename) else { continue }
            let sha256 = sibling.lfs?.sha256.lowercased()
            guard let size = sibling.lfs?.size ?? sibling.size, size >= 0, size < 1 << 40,
                sha256.map({ $0.utf8.count == 64 && Self.isHexadecimal($0) }) ?? true
            else {
                throw ModelDownloadError(
                    .unusable, "the hub's answer: \(name.rawValue) has no usable size or checksum")
            }
            held[name] = File(name: name, size: size, sha256: sha256)
        }
        files = try PublishedFile.needed(of: Set(held.keys), in: repository).compactMap { held[$0] }
    }

    private static func isHexadecimal(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
