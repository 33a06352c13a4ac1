import ArgumentParser
import Foundation

/// Lists, invites, changes and removes the people of a tenant.
struct MembersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "members", abstract: "List, invite, change and remove the people of a tenant.",
        discussion: "Needs a running daemon, and the API key of an owner or the admin token.",
        subcommands: [
            MembersListCommand.self, MembersInviteCommand.self, MembersRoleCommand.self, MembersRemoveCommand.self,
        ])
}

/// Roles that a tenant can give.
private enum GivenRole {
    static func check(_ role: String) throws {
        guard ["viewer", "manager", "owner"].contains(role) else {
            throw ValidationError("the role must be viewer, manager or owner")
        }
    }
}

private struct ShownMember: Decodable, Sendable {
    var id: String
    var email: String?
    var fullName: String?
    var role: String
    var source: String?
    var lastSignInAt: String

    var line: String {
        let words = [
            id, role, source.map { "by \($0)" } ?? "given", "signed in \(lastSignInAt)", email ?? "-", fullName ?? "-",
        ]
        return LogText.safe(words.joined(separator: "  "), limit: 1000)
    }
}

private struct ShownInvitation: Decodable, Sendable {
    var id: String
    var email: String
    var role: String
    var expiresAt: String
    /// Only in the answer that made it, where no mail was sent.
    var url: String?

    var line: String {
        LogText.safe([id, role, "invited", "until \(expiresAt)", email].joined(separator: "  "), limit: 1000)
    }
}

struct MembersListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the people of a tenant, owners first, and the pending invitations.")

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        let (daemon, tenant) = (try arguments.daemon(), arguments.tenant)
        for member in try await daemon.pages("/api/members", of: ShownMember.self, tenant: tenant) {
            print(member.line)
        }
        for invitation in try await daemon.pages("/api/invitations", of: ShownInvitation.self, tenant: tenant) {
            print(invitation.line)
        }
    }
}

struct MembersInviteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite", abstract: "Invite a person by mail; prints the link if no mail was sent.")

    @OptionGroup var arguments: TenantArguments

    @Argument(help: "Mail address.")
    var email: String

    @Option(help: "Role of the person: viewer, manager or owner.")
    var role: String

    private struct Request: Encodable {
        var email: String
        var role: String
    }

    func validate() throws { try GivenRole.check(role) }

    func run() async throws {
        let made: ShownInvitation = try await arguments.daemon().post(
            "/api/invitations", object: Request(email: email, role: role), tenant: arguments.tenant)
        print(LogText.safe(made.url ?? "invited \(made.email)", limit: 1000))
    }
}

struct MembersRoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Change the role of a member, at once.")

    @OptionGroup var arguments: TenantArguments

    @Argument(help: "Id of the member, as the list shows it.")
    var id: String

    @Argument(help: "viewer, manager or owner.")
    var role: String

    private struct Request: Encodable {
        var role: String
    }

    func validate() throws {
        try MembersRemoveCommand.check(id)
        try GivenRole.check(role)
    }

    func run() async throws {
        let member: ShownMember = try await arguments.daemon().put(
            "/api/members/\(id)", object: Request(role: role), tenant: arguments.tenant)
        print(member.line)
    }
}

struct MembersRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a member at once, or withdraw an invitation.")

    @OptionGroup var arguments: TenantArguments

    @Argument(help: "Id of the member or of the invitation, as the list shows it.")
    var id: String

    fileprivate static func check(_ id: String) throws {
        guard UUID(uuidString: id) != nil else { throw ValidationError("\(id) is not the id of a member") }
    }

    func validate() throws { try Self.check(id) }

    func run() async throws {
        let (daemon, tenant) = (try arguments.daemon(), arguments.tenant)
        let invitations = try await daemon.pages("/api/invitations", of: ShownInvitation.self, tenant: tenant)
        let isInvitation = invitations.contains { $0.id == id.lowercased() }
        try await daemon.delete("/api/\(isInvitation ? "invitations" : "members")/\(id)", tenant: tenant)
        print(isInvitation ? "withdrawn" : "removed")
    }
}
