import ArgumentParser
import Foundation

/// Creates, lists, shows, suspends, resumes, deletes and restores tenants, and changes their plans.
struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Create, list, show, suspend, resume, delete and restore tenants, and change their plans.",
        discussion: """
            Needs a running daemon. Creating, listing, suspending, resuming and changing the plan require the admin token.
            """,
        subcommands: [
            TenantCreateCommand.self, TenantListCommand.self, TenantShowCommand.self, TenantSuspendCommand.self,
            TenantResumeCommand.self, TenantPlanCommand.self, TenantDeleteCommand.self, TenantRestoreCommand.self,
        ])
}

/// A tenant as the daemon's API shows it.
struct ShownTenant: Decodable, Sendable {
    var id: String
    var companyName: String
    var jiraUrl: String
    var plan: String
    var status: String
    var createdAt: String
    var deletesAt: String?
    var trialEndsAt: String?
    var monthlyIssueLimit: Int?
    var monthlySprintLimit: Int?
    var monthlyPortfolioLimit: Int?
    var ownLimits: Bool

    /// Names come from outside: none may forge a line.
    private var name: String { LogText.safe(companyName, limit: 255) }

    var line: String { "\(id)  \(status)  \(plan)  \(name)" }

    func show() {
        print("tenant     \(id) \"\(name)\", created \(createdAt)")
        print("site       \(jiraUrl)")
        print("status     \(status), plan \(plan)")
        let limits = [monthlyIssueLimit, monthlySprintLimit, monthlyPortfolioLimit].map(PlanText.limit)
        print(
            "a month    issues \(limits[0]), sprints \(limits[1]), portfolios \(limits[2])"
                + (ownLimits ? " (limits of its own)" : ""))
        if let trialEndsAt { print("trial      until \(trialEndsAt)") }
        if let deletesAt { print("deletion   after \(deletesAt), unless it is restored") }
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
            missing afterwards. Requires the admin token.
            """)

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        let tenant: ShownTenant = try await arguments.daemon().put(arguments.path, ["status": "suspended"])
        tenant.show()
    }
}

struct TenantResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Resume a suspended tenant.",
        discussion: "Requires the admin token.")

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        let tenant: ShownTenant = try await arguments.daemon().put(arguments.path, ["status": "active"])
        tenant.show()
    }
}

/// When a tenant is deleted, as the daemon's API says it.
private struct Deletion: Decodable, Sendable {
    var message: String
    var deletesAt: String
}

struct TenantDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a tenant with all of its data, after a delay in which it can be restored.",
        discussion: """
            The delay is tenants.deletion_days (default: 7 days). Meanwhile the API and the dashboard refuse the \
            tenant, its webhooks are stored and scored, and nothing is sent to its channels.
            """)

    @OptionGroup var arguments: TenantArguments

    @Option(help: "The tenant's name, exactly as 'tenant show' prints it.")
    var name: String

    func run() async throws {
        let deletion: Deletion = try await arguments.daemon().delete(arguments.path, query: ["company_name": name])
        print("\(deletion.message) (deleted after \(deletion.deletesAt))")
    }
}

struct TenantRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Undo the deletion of a tenant.")

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        let tenant: ShownTenant = try await arguments.daemon().post("\(arguments.path)/restore", [:])
        tenant.show()
    }
}
