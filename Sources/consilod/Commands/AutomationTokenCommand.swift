import ArgumentParser
import Foundation

/// Makes the token that a tenant's requests of Jira Automation carry, or another one in place of it.
struct WebhookAutomationTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "automation-token",
        abstract: "Create a token for Jira Automation and print it once; earlier tokens expire.",
        discussion: """
            For those who do not administer Jira: a rule's action "Send web request" sends it in the header \
            X-Consilod-Token. The daemon takes such requests where webhook.automation is true. The earlier tokens \
            still work for a grace period, in which to put the new one into each rule.
            """)

    @OptionGroup var arguments: TenantArguments
    @OptionGroup var new: NewKeyArguments

    @Option(help: "How long the earlier tokens still work, in minutes; 0 expires them at once (after a leak).")
    var graceMinutes = 1440

    @Flag(help: "Keep the earlier tokens valid, for example for a second rule with its own token.")
    var keepOthers = false

    private struct Request: Encodable {
        var graceMinutes: Int?
    }

    private struct Token: Decodable, Sendable {
        var id: String
        var token: String?
        var url: String?
    }

    func validate() throws {
        guard (0...10_080).contains(graceMinutes) else { throw ValidationError("--grace-minutes must be 0 to 10080") }
    }

    func run() async throws {
        let made: Token = try await arguments.daemon().post(
            "\(arguments.path)/automation-tokens", object: Request(graceMinutes: keepOthers ? nil : graceMinutes))
        guard let token = made.token, let url = made.url else {
            throw CommandError("the daemon returned no token")
        }
        print("address    \(LogText.safe(url, limit: 1000))")
        let place = new.output.map { "in \($0)" } ?? "below"
        print("header     X-Consilod-Token, its value \(place)")
        try new.show(token)
    }
}
