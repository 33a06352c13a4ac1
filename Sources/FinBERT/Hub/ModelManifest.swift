public import Domain
public import Foundation

/// What `consilod model fetch` placed in a folder: the file `consilod-model.json` in it.
///
/// A folder without it was placed by hand.
public struct ModelManifest: Sendable, Hashable, Codable {
    /// One file of the model, as it was verified.
    public struct File: Sendable, Hashable, Codable {
        /// Its name in the folder, without a path.
        public var name: String
        /// In bytes.
        public var size: Int
        /// Lower-case hexadecimal.
        public var sha256: String

        public init(name: String, size: Int, sha256: String) {
            self.name = name
            self.size = size
            self.sha256 = sha256
        }
    }

    /// The manifest's name in the folder.
    public static let fileName = "consilod-model.json"

    /// `owner/name` on the hub.
    public var repository: String
    /// The branch, tag or commit that was asked for.
    public var revision: String
    /// What the revision was at the time.
    public var commit: String
    /// When the download was complete.
    public var fetchedAt: Timestamp
    /// In the order of ``PublishedFile``'s cases: configuration, tokenizer, weights.
    public var files: [File]

    public init(repository: String, revision: String, commit: String, fetchedAt: Timestamp, files: [File]) {
        self.repository = repository
        self.revision = revision
        self.commit = commit
        self.fetchedAt = fetchedAt
        self.files = files
    }

    /// The file that holds the weights; nil in a manifest that names none.
    public var weights: File? {
        files.first { [.safetensors, .torchWeights].contains(PublishedFile(rawValue: $0.name)) }
    }

    /// The manifest of a folder; nil where it is missing. Throws ``ModelError`` for one that cannot be read or is not
    /// a manifest.
    public static func read(from folder: URL) throws -> ModelManifest? {
        guard let data = try ModelFiles.read(fileName, in: folder) else { return nil }
        let manifest = try ModelFiles.decode(ModelManifest.self, from: data, name: fileName)
        for file in manifest.files where PublishedFile(rawValue: file.name) == nil {
            throw ModelError(.malformed, "\(fileName): files names one that is no file of a model")
        }
        return manifest
    }

    /// Reads every file again. Returns the names of those that are missing or of another size or checksum than was
    /// placed, in the manifest's order. Throws ``ModelDownloadError`` for a file that is there and cannot be read.
    public func mismatches(in folder: URL) throws -> [String] {
        try files.filter { file in
            let path = folder.appendingPathComponent(file.name).path
            return try FileChecksum(path: path) != FileChecksum(size: file.size, sha256: file.sha256)
        }.map(\.name)
    }

    /// Keys in alphabetical order, one a line, so that the same model gives the same bytes.
    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
