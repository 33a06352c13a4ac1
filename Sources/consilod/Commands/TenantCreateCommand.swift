import ArgumentParser
import Foundation

/// Makes a tenant, and writes what the next commands need into a folder.
struct TenantCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a tenant, and write its keys to a folder that only you can read.",
        discussion: """
            The folder gets api-key, webhook-secret, auth-header (for curl -H @auth-header) and tenant.env, which sets \
            URL, ID, AUTH and WEBHOOK_URL in a shell. The two secrets are shown only this once. Requires the admin \
            token.
            """)

    @Option(help: "Address of the daemon.")
    var url = "http://127.0.0.1:8080"

    @Option(help: "File that holds the admin token.")
    var keyFile: String

    @Option(help: "Address of the Jira site, such as https://acme.atlassian.net.")
    var jiraUrl: String

    @Option(help: "Mail address of the Jira account that consilod uses.")
    var jiraEmail: String

    @Option(help: "File that holds that account's API token.")
    var jiraTokenFile: String

    @Option(help: "Folder for the keys; created if missing; must not contain keys yet.")
    var output = "."

    @Argument(help: "Name of the company or team.")
    var name: String

    private struct Request: Encodable {
        var companyName: String
        var jiraUrl: String
        var jiraEmail: String
        var jiraToken: String
    }

    fileprivate struct Created: Decodable, Sendable {
        var id: String
        var apiKey: String
        var webhookSecret: String
        var webhookUrl: String
    }

    func run() async throws {
        let folder = try TenantFolder(at: output)
        let request = Request(
            companyName: name, jiraUrl: jiraUrl, jiraEmail: jiraEmail, jiraToken: try SecretFile.read(jiraTokenFile))
        let daemon = DaemonClient(url: url, key: try SecretFile.read(keyFile))
        let tenant: Created = try await daemon.post("/api/tenants", object: request)
        do {
            try folder.write(tenant, url: url)
        } catch {
            // The tenant exists, and its keys are never shown again.
            print("id              \(LogText.safe(tenant.id, limit: 100))")
            print("API key         \(LogText.safe(tenant.apiKey, limit: 1000))")
            print("webhook secret  \(LogText.safe(tenant.webhookSecret, limit: 1000))")
            throw CommandError("cannot write to \(output) (\(error)); the keys are printed above")
        }
        print("tenant       \(LogText.safe(tenant.id, limit: 100)) \"\(LogText.safe(name, limit: 255))\"")
        print("webhook URL  \(LogText.safe(tenant.webhookUrl, limit: 1000))")
        print("keys         in \(folder.url.path); for the next commands: source \(folder.environment.path)")
    }
}

/// The folder that holds one tenant's keys.
private struct TenantFolder {
    let url: URL

    var environment: URL { file("tenant.env") }

    /// Creates it where it is not there. Throws where it holds a tenant's keys already, before a tenant is made.
    init(at path: String) throws {
        url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in ["api-key", "webhook-secret", "auth-header", "tenant.env"]
        where FileManager.default.fileExists(atPath: file(name).path) {
            throw CommandError("\(file(name).path) exists already; choose another folder with --output")
        }
        guard FileManager.default.isWritableFile(atPath: url.path) else {
            throw CommandError("the folder \(url.path) is not writable")
        }
    }

    func write(_ tenant: TenantCreateCommand.Created, url daemon: String) throws {
        try SecretFile.write(tenant.apiKey, to: file("api-key").path)
        try SecretFile.write(tenant.webhookSecret, to: file("webhook-secret").path)
        try SecretFile.write("Authorization: Bearer \(tenant.apiKey)", to: file("auth-header").path)
        // curl reads the header from the file, so that the key stands in no argument list.
        try SecretFile.write(
            """
            URL=\(Self.quoted(daemon))
            ID=\(Self.quoted(tenant.id))
            AUTH=\(Self.quoted("@" + file("auth-header").path))
            WEBHOOK_URL=\(Self.quoted(tenant.webhookUrl))
            """, to: environment.path)
    }

    private func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// As one word of a POSIX shell.
    private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: #"'\''"#))'" }
}
