import ArgumentParser
import Vault

/// Prints a new random secret for the configuration.
struct KeygenCommand: ParsableCommand {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case encryptionKey = "encryption-key"
        case adminToken = "admin-token"
    }

    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Print a new random encryption key or admin token.",
        discussion: "Redirect it into a file that only the daemon may read, for example a systemd credential.")

    @Argument(help: "encryption-key (Fernet, encrypts Jira tokens and webhook secrets) or admin-token.")
    var kind: Kind

    func run() {
        switch kind {
        case .encryptionKey: print(Fernet.generateKey())
        case .adminToken: print(APIKey.generate())
        }
    }
}
