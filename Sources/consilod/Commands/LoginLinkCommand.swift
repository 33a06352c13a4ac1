import ArgumentParser
import Foundation

/// Makes a link that signs in to the dashboard once.
struct LoginLinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login-link", abstract: "Create a link that signs in to the dashboard once, within ten minutes.",
        discussion: "For a person who should see the dashboard but not have the API key. Needs a running daemon.")

    @Option(help: "Address of the daemon.")
    var url = "http://127.0.0.1:8080"

    @Option(help: "Id of the tenant.")
    var tenant: String?

    @Flag(name: .customLong("operator"), help: "Open the operator's pages instead of a tenant's.")
    var isForOperator = false

    @Option(help: "Role of the session: viewer, manager or owner, at most that of the key. Default: that of the key.")
    var role: String?

    @Option(help: "File that holds the tenant's API key, or the admin token.")
    var keyFile: String

    private struct Request: Encodable {
        var role: String?
    }

    private struct Link: Decodable, Sendable {
        var url: String
    }

    func validate() throws {
        if isForOperator {
            guard tenant == nil else { throw ValidationError("give --tenant or --operator, not both") }
            guard role == nil else { throw ValidationError("--role goes with --tenant") }
        } else if tenant.flatMap(UUID.init(uuidString:)) == nil {
            throw ValidationError("--tenant must be the id of a tenant; or give --operator")
        }
    }

    func run() async throws {
        let daemon = DaemonClient(url: url, key: try SecretFile.read(keyFile))
        let path = isForOperator ? "/api/operator/login-links" : "/api/login-links"
        let link: Link = try await daemon.post(path, object: Request(role: role), tenant: tenant)
        print(LogText.safe(link.url, limit: 1000))
    }
}
