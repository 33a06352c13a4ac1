import ArgumentParser
import Foundation

/// Lists, shows, suspends and resumes tenants.
struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "List, show, suspend and resume tenants.",
        discussion: "Needs a running daemon. Listing, suspending and resuming take the admin token.",
        subcommands: [
            TenantListCommand.self, TenantShowCommand.self, TenantSuspendCommand.self, TenantResumeCommand.self,
        ])
}

/// A tenant as the daemon's API shows it.
private struct ShownTenant: Decodable, Sendable {
    var id: String
    var companyName: String
    var jiraUrl: String
    var plan: String
    var status: String
    var createdAt: String

    /// Names come from outside: none may forge a line.
    private var name: String { LogText.safe(companyName, limit: 255) }

    var line: String { "\(id)  \(status)  \(plan)  \(name)" }

    func show() {
        print("tenant     \(id) \"\(name)\", created \(createdAt)")
        print("site       \(jiraUrl)")
        print("status     \(status), plan \(plan)")
    }
}

struct TenantListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all tenants: id, status, plan and name.")

    @Option(help: "Address of the daemon.")
    var url = "http://127.0.0.1:8080"

    @Option(help: "File that holds the admin token.")
    var keyFile: String

    func run() async throws {
        let daemon = DaemonClient(url: url, key: try SecretFile.read(keyFile))
        for tenant in try await daemon.pages("/api/tenants", of: ShownTenant.self) { print(tenant.line) }
    }
}

struct TenantShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one tenant.")

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        let tenant: ShownTenant = try await arguments.daemon().get(arguments.path)
        tenant.show()
    }
}

struct TenantSuspendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend",
        abstract: "Suspend a tenant: the API refuses it until it is resumed.",
        discussion: """
            Nothing is deleted. Its webhooks are still stored and scored and its alerts delivered, so that nothing is \
            missing afterwards. Takes the admin token.
            """)

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        let tenant: ShownTenant = try await arguments.daemon().put(arguments.path, ["status": "suspended"])
        tenant.show()
    }
}

struct TenantResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Make a suspended tenant active again.",
        discussion: "Takes the admin token.")

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        let tenant: ShownTenant = try await arguments.daemon().put(arguments.path, ["status": "active"])
        tenant.show()
    }
}
