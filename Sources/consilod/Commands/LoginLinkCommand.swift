import ArgumentParser
import Foundation

/// Makes a link that signs in to the dashboard once.
struct LoginLinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login-link", abstract: "Make a link that signs in to the dashboard once, within ten minutes.",
        discussion: "Give it to somebody who should look, but not have the API key. Needs a running daemon.")

    @OptionGroup var arguments: TenantArguments

    private struct Request: Encodable {}

    private struct Link: Decodable, Sendable {
        var url: String
    }

    func run() async throws {
        let link: Link = try await arguments.daemon().post(
            "/api/login-links", object: Request(), tenant: arguments.tenant)
        print(LogText.safe(link.url, limit: 1000))
    }
}
