import ArgumentParser
import Foundation

/// Lists, makes, rotates and revokes a tenant's API keys.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "List, create, rotate and revoke a tenant's API keys.",
        discussion: "Needs a running daemon, and the API key of an owner or the admin token.",
        subcommands: [KeysListCommand.self, KeysCreateCommand.self, KeysRotateCommand.self, KeysRevokeCommand.self])
}

/// A key as the daemon's API shows it.
private struct ShownKey: Decodable, Sendable {
    var id: String
    var name: String
    var role: String
    var prefix: String?
    var expiresAt: String?
    var lastUsedAt: String?
    /// Only in the answer that made it.
    var apiKey: String?

    var line: String {
        let words = [
            id, role, prefix.map { "\($0)…" } ?? "-", expiresAt.map { "until \($0)" } ?? "no end",
            lastUsedAt.map { "used \($0)" } ?? "never used", name,
        ]
        return LogText.safe(words.joined(separator: "  "), limit: 1000)
    }
}

/// Where a command puts a new key.
struct NewKeyArguments: ParsableArguments {
    @Option(help: "File to write the key to, with mode 0600; it must not exist. Default: standard output.")
    var output: String?

    /// Throws where the file is there already, before a key is made for it.
    func validate() throws {
        if let output, FileManager.default.fileExists(atPath: output) {
            throw ValidationError("the file \(output) exists already")
        }
    }

    /// Shows the key this once. One that cannot be written to the file is printed, for it exists.
    func show(_ key: String) throws {
        guard let output else { return print(LogText.safe(key, limit: 1000)) }
        do {
            try SecretFile.write(key, to: output)
        } catch {
            print(LogText.safe(key, limit: 1000))
            throw CommandError("cannot write \(output) (\(error)); the key is printed above")
        }
    }
}

struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the API keys, oldest first, without the keys themselves.")

    @OptionGroup var arguments: TenantArguments

    func run() async throws {
        let keys = try await arguments.daemon().pages("/api/api-keys", of: ShownKey.self, tenant: arguments.tenant)
        for key in keys { print(key.line) }
    }
}

struct KeysCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create an API key and print it; it is not shown again.")

    @OptionGroup var arguments: TenantArguments
    @OptionGroup var new: NewKeyArguments

    @Option(help: "Name of the key in the list.")
    var name: String

    @Option(help: "Role of the key: viewer, manager or owner.")
    var role: String

    @Option(help: "How long the key is valid, such as 90d or 12h. Default: no expiry.")
    var lasts: String?

    private struct Request: Encodable {
        var name: String
        var role: String
        var expiresAt: String?
    }

    func validate() throws {
        guard ["viewer", "manager", "owner"].contains(role) else {
            throw ValidationError("--role must be viewer, manager or owner")
        }
        guard lasts.map({ Span.seconds($0) != nil }) ?? true else {
            throw ValidationError("--lasts must be days or hours, as 90d or 12h")
        }
    }

    func run() async throws {
        let end = lasts.flatMap { Span.seconds($0) }.map {
            Date().addingTimeInterval(Double($0)).ISO8601Format()
        }
        let key: ShownKey = try await arguments.daemon().post(
            "/api/api-keys", object: Request(name: name, role: role, expiresAt: end), tenant: arguments.tenant)
        guard let text = key.apiKey else { throw CommandError("the daemon returned no key") }
        try new.show(text)
    }
}

struct KeysRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Replace an API key by a new one and print it; it is not shown again.",
        discussion: "The new key has the same name, role and expiry. The old key keeps working for the overlap.")

    @OptionGroup var arguments: TenantArguments
    @OptionGroup var new: NewKeyArguments

    @Argument(help: "Id of the key.")
    var id: String

    @Option(help: "How long the old key still works, in seconds (0 to 2592000). Default: 86400, a day.")
    var overlap: Int?

    private struct Request: Encodable {
        var overlapSeconds: Int?
    }

    private struct Rotation: Decodable, Sendable {
        var new: ShownKey
    }

    func validate() throws { try KeysRevokeCommand.check(id) }

    func run() async throws {
        let rotation: Rotation = try await arguments.daemon().post(
            "/api/api-keys/\(id)/rotate", object: Request(overlapSeconds: overlap), tenant: arguments.tenant)
        guard let text = rotation.new.apiKey else { throw CommandError("the daemon returned no key") }
        try new.show(text)
    }
}

struct KeysRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke an API key at once, and end the sessions that began with it.")

    @OptionGroup var arguments: TenantArguments

    @Argument(help: "Id of the key.")
    var id: String

    fileprivate static func check(_ id: String) throws {
        guard UUID(uuidString: id) != nil else { throw ValidationError("\(id) is not the id of a key") }
    }

    func validate() throws { try Self.check(id) }

    func run() async throws {
        try await arguments.daemon().delete("/api/api-keys/\(id)", tenant: arguments.tenant)
        print("revoked")
    }
}
