import ArgumentParser
import Foundation

/// Administers the webhook by which a tenant's Jira reports its events.
struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Register, list and test the webhook of a Jira site, and rotate its secret or automation token.",
        discussion: """
            The daemon does the work with the tenant's account, which must administer the site (Administer Jira). \
            Set http.public_url in the daemon's configuration to the address at which Jira reaches it.
            """,
        subcommands: [
            WebhookRegisterCommand.self, WebhookListCommand.self, WebhookRotateSecretCommand.self,
            WebhookTestCommand.self, WebhookAutomationTokenCommand.self,
        ])
}

/// A webhook of a Jira site as the daemon's API shows it.
private struct ShownWebhook: Decodable, Sendable {
    var id: String
    var name: String
    var url: String
    var events: [String]
    var jqlFilter: String
    var enabled: Bool
    var faults: [String]

    func show() {
        let issues = jqlFilter.isEmpty ? "all issues" : "issues of the filter \(jqlFilter)"
        print("webhook    \(id) \"\(name)\", \(enabled ? "on" : "off"), \(events.count) events, \(issues)")
        for fault in faults { print("fault      \(fault)") }
    }
}

struct WebhookRegisterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Register the webhook in Jira for all events that consilod understands, or repair the existing one.",
        discussion: """
            A webhook for the tenant's address, on any host, is updated: its address, its events, and the tenant's \
            newest secret. If there is no such webhook, one is created.
            """)

    @OptionGroup var arguments: TenantArguments

    @Option(help: "JQL filter: which issues Jira reports. \"\" is all; left out, an existing filter stays.")
    var jql: String?

    func run() async throws {
        struct Registration: Decodable, Sendable {
            var webhook: ShownWebhook
            var created: Bool
            var doubles: [ShownWebhook]
        }
        let registration: Registration = try await arguments.daemon().post(arguments.webhooksPath, ["jql_filter": jql])
        print("\(registration.created ? "registered" : "updated   ") \(registration.webhook.url)")
        registration.webhook.show()
        for double in registration.doubles {
            print(
                "double     \(double.id) \"\(double.name)\" points here too: remove it in Jira under System › WebHooks")
        }
        guard registration.webhook.faults.isEmpty else { throw ExitCode.failure }
    }
}

struct WebhookListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the webhooks of the site, and what is wrong with the tenant's webhook.")

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        struct Overview: Decodable, Sendable {
            var url: String
            var webhooks: [ShownWebhook]
            var others: [String]
        }
        let overview: Overview = try await arguments.daemon().get(arguments.webhooksPath)
        print("address    \(overview.url)")
        for webhook in overview.webhooks { webhook.show() }
        if overview.webhooks.isEmpty { print("webhook    not registered: consilod webhook register creates it") }
        if overview.webhooks.count > 1 {
            print("fault      several webhooks point here: every event is delivered several times")
        }
        if !overview.others.isEmpty {
            print("others     \(overview.others.map { "\"\($0)\"" }.joined(separator: ", "))")
        }
    }
}

struct WebhookRotateSecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-secret",
        abstract: "Replace the secret with which Jira signs; the earlier secrets expire.",
        discussion: """
            The new secret is valid before Jira has it, and is never shown. The earlier secrets stay valid for a grace \
            period, because Jira retries failed deliveries for up to 75 minutes.
            """)

    @OptionGroup var arguments: TenantArguments

    @Option(help: "How long the earlier secrets stay valid, in minutes; 0 expires them at once (after a leak).")
    var graceMinutes = 90

    func validate() throws {
        guard (0...10_080).contains(graceMinutes) else { throw ValidationError("--grace-minutes must be 0 to 10080") }
    }

    func run() async throws {
        struct Rotation: Decodable, Sendable {
            var webhookIds: [String]
            var formerSecretsValidUntil: String
        }
        let rotation: Rotation = try await arguments.daemon().post(
            arguments.webhooksPath + "/rotate-secret", ["grace_minutes": "\(graceMinutes)"])
        print("rotated    Jira signs with a new secret: webhook \(rotation.webhookIds.joined(separator: ", "))")
        print("former     valid until \(rotation.formerSecretsValidUntil), then removed")
    }
}

struct WebhookTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Send a signed webhook through the public address; exits with status 1 if it does not arrive.",
        discussion: """
            The daemon sends the webhook to itself as Jira would. This tests name, certificate and proxy, from this \
            side of the firewall. The webhook does not change any issue.
            """)

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        struct Test: Decodable, Sendable {
            var url: String
            var arrived: Bool
            var detail: String
            var milliseconds: Int
        }
        let test: Test = try await arguments.daemon().post(arguments.webhooksPath + "/test", [:])
        print("address    \(test.url)")
        print("\(test.arrived ? "arrived   " : "FAILED    ") \(test.detail) (\(test.milliseconds) ms)")
        guard test.arrived else { throw ExitCode.failure }
    }
}

extension TenantArguments {
    fileprivate var webhooksPath: String { "\(path)/jira/webhooks" }
}
