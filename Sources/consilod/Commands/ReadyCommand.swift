import ArgumentParser
import Foundation

/// Asks a daemon whether it can work: the health check of a container, whose image has neither a shell nor curl.
struct ReadyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready",
        abstract: "Check whether the daemon can serve requests; exits with status 1 if not.",
        discussion: """
            Needs no key. For health checks of containers; 'consilod doctor' checks more.
            """)

    @Option(name: .shortAndLong, help: "The daemon's YAML configuration file. Default: /etc/consilod/consilod.yaml.")
    var config: String?

    @Option(help: "Address of the daemon. Default: the address in the configuration.")
    var url: String?

    /// What `/ready` answers, as far as it matters here.
    private struct Health: Decodable {
        var status: String
    }

    func run() async throws {
        let health: Health = try await DaemonClient(url: try await address(), key: "").get("/ready")
        print(health.status)
    }

    private func address() async throws -> String {
        if let url { return url }
        let environment = InstalledFiles.environment(ProcessInfo.processInfo.environment)
        let configuration = try DaemonConfiguration(
            try await Settings(file: config ?? InstalledFiles.configuration, environment: environment),
            environment: environment, missingSecrets: .noted)
        guard let address = configuration.http.localURL else {
            throw ValidationError("the configuration lets the daemon choose its port: name its address with --url")
        }
        return address
    }
}
