import Foundation

/// Where an installed consilod is configured, for the commands that are run beside it: systemd gives credentials and the
/// state directory to the service alone.
enum InstalledFiles {
    /// Nil where there is no file that can be read.
    static var configuration: String? { readable("/etc/consilod/consilod.yaml") }

    /// The environment as the service has it, as far as that is known here. Variables that are set stay, but for those that
    /// the service of an installed consilod has not, and that in a shell are another program's (``CommonVariable``).
    static func environment(_ environment: [String: String]) -> [String: String] {
        let common = configuration == nil ? [] : Set(CommonVariable.allCases.map(\.rawValue))
        let environment = environment.filter { !common.contains($0.key) }
        var service = ["STATE_DIRECTORY": StateDirectory.path(environment: environment)]
        service["CREDENTIALS_DIRECTORY"] = readable(credentials)
        return environment.merging(service) { given, _ in given }
    }

    /// Whether there is a service here which has secrets of its own, and this is not it.
    static func isBesideService(_ environment: [String: String]) -> Bool {
        environment["CREDENTIALS_DIRECTORY"] == nil && FileManager.default.fileExists(atPath: credentials)
    }

    private static let credentials = "/etc/consilod/credentials"

    private static func readable(_ path: String) -> String? {
        FileManager.default.isReadableFile(atPath: path) ? path : nil
    }
}
