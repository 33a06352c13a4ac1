import Foundation

/// Where the daemon keeps its files by default.
enum StateDirectory {
    /// systemd's state directory (`StateDirectory=` of the unit), else `/var/lib/consilod` where that is there, so that
    /// commands of an installed consilod find what its daemon uses, else the working directory.
    static func path(environment: [String: String]) -> String {
        let installed = "/var/lib/consilod"
        return environment["STATE_DIRECTORY"] ?? (FileManager.default.fileExists(atPath: installed) ? installed : ".")
    }
}
