public import Foundation

/// The folder of real data that lies beside a checkout on the developers' machines; never part of the project.
public enum SharedData {
    /// `../shared/data` as seen from the package root, or nil where it is not there.
    public static let folder: URL? = {
        let root = ProcessInfo.processInfo.environment["CONSILOD_SHARED_DATA"].map { URL(fileURLWithPath: $0) }
        let folder =
            root
            ?? URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
            .deletingLastPathComponent().appendingPathComponent("shared/data")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    /// Whether the folder is there, for `.enabled(if:)`.
    public static var isAvailable: Bool { folder != nil }

    /// The lines of a gzipped text file below the folder. Throws when `gzip` cannot read it.
    public static func gzippedLines(_ path: String) throws -> [String] {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", folder.appendingPathComponent(path).path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
