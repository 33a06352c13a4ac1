import Foundation
import Glibc

/// The folder that a model goes to, the folder beside it in which the model is gathered, and how one takes the place
/// of the other.
struct ModelPlacement: Sendable {
    /// Where the model goes.
    let folder: String
    /// Where it is gathered.
    let gathering: String
    /// Where the earlier model is for the moment in which the new one takes its place.
    private let aside: String
    private let replacesUnmanaged: Bool

    init(folder: URL, replacesUnmanaged: Bool) {
        // A link stays a link: the folder behind it is the one that is replaced.
        let folder = folder.standardizedFileURL.resolvingSymlinksInPath()
        let parent = folder.deletingLastPathComponent().path
        self.folder = folder.path
        gathering = folder.path + ".partial"
        aside = (parent == "/" ? "" : parent) + "/.\(folder.lastPathComponent).consilod-replaced"
        self.replacesUnmanaged = replacesUnmanaged
    }

    // MARK: gathering

    /// Makes the folder for gathering and keeps other downloads out of it for as long as the descriptor, which is the
    /// caller's to end with ``leave(_:)``, is open. Puts right what a killed run left.
    ///
    /// Throws ``ModelDownloadError``: `.occupied` when another download is using the folder, or the folder may not be replaced.
    func enter() throws -> Int32 {
        do {
            try FileManager.default.createDirectory(atPath: gathering, withIntermediateDirectories: true)
        } catch {
            throw ModelDownloadError(.storage, "cannot make \(gathering): \(error.localizedDescription)")
        }
        // Root may gather in the folder of the daemon. What was laid there by somebody else, a link or a folder with links in
        // it, is not written to, and nothing is deleted behind it.
        let descriptor = open(gathering, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw ModelDownloadError.system("cannot open \(gathering)") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid() else {
            close(descriptor)
            throw ModelDownloadError(.occupied, "\(gathering) is another user's: remove it, or fetch as that user")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ModelDownloadError(.occupied, "another download is using \(folder)")
        }
        do {
            try recover()
            try requireReplaceable()
        } catch {
            leave(descriptor)
            throw error
        }
        return descriptor
    }

    /// Lets other downloads in. What was gathered and not placed stays for the next one.
    func leave(_ descriptor: Int32) {
        // Deletes an empty folder only; one that is gone already, or holds something, is left alone.
        rmdir(gathering)
        close(descriptor)
    }

    /// Where a file is gathered.
    func path(of file: PublishedFile) -> String { "\(gathering)/\(file.rawValue)" }

    // MARK: placing

    /// Makes what was gathered the model: from one moment to the next, and so that it survives a power cut.
    ///
    /// Throws ``ModelDownloadError``; the earlier model is then in its place as before, unless the text says otherwise.
    func place(_ manifest: ModelManifest) throws {
        try requireReplaceable()
        try write(manifest)
        let belongs = Set(manifest.files.map(\.name) + [ModelManifest.fileName])
        for name in try content(of: gathering) where !belongs.contains(name) { try remove("\(gathering)/\(name)") }
        try synchronize(folder: gathering)
        if exists(folder) {
            try move(folder, to: aside)
            do {
                try move(gathering, to: folder)
            } catch {
                try move(aside, to: folder)
                throw error
            }
        } else {
            try move(gathering, to: folder)
        }
        try synchronize(folder: URL(fileURLWithPath: folder).deletingLastPathComponent().path)
        if exists(aside) {
            do { try remove(aside) } catch {
                throw ModelDownloadError(.storage, "the new model is in \(folder), but of the earlier one: \(error)")
            }
        }
    }

    /// After a run that was killed between two steps of ``place(_:)``.
    private func recover() throws {
        guard exists(aside) else { return }
        if exists(folder) { try remove(aside) } else { try move(aside, to: folder) }
    }

    /// A model that was placed by hand is not ours to delete; an empty folder may be used.
    private func requireReplaceable() throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue else { throw ModelDownloadError(.occupied, "\(folder) is not a folder") }
        let names = try content(of: folder)
        guard replacesUnmanaged || names.isEmpty || names.contains(ModelManifest.fileName) else {
            throw ModelDownloadError(
                .occupied,
                "\(folder) was not placed by consilod: it has no \(ModelManifest.fileName); --force replaces it")
        }
    }

    private func write(_ manifest: ModelManifest) throws {
        let file = URL(fileURLWithPath: gathering).appendingPathComponent(ModelManifest.fileName)
        if unlink(file.path) != 0 && errno != ENOENT { throw ModelDownloadError.system("cannot replace \(file.path)") }
        do {
            try manifest.encoded().write(to: file, options: .withoutOverwriting)
            let handle = try FileHandle(forWritingTo: file)
            try handle.synchronize()
            try handle.close()
        } catch {
            throw ModelDownloadError(.storage, "cannot write \(file.path): \(error.localizedDescription)")
        }
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func content(of path: String) throws -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw ModelDownloadError(.storage, "cannot read \(path): \(error.localizedDescription)")
        }
    }

    private func move(_ path: String, to destination: String) throws {
        guard rename(path, destination) == 0 else {
            throw ModelDownloadError.system("cannot rename \(path) to \(destination)")
        }
    }

    private func remove(_ path: String) throws {
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw ModelDownloadError(.storage, "cannot delete \(path): \(error.localizedDescription)")
        }
    }

    private func synchronize(folder path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ModelDownloadError.system("cannot open \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw ModelDownloadError.system("cannot write \(path) to the disk") }
    }
}
