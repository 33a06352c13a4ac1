import ArgumentParser
import Domain
import Foundation
import Store
import Vault

/// Seals everything with the first of the configured keys.
struct StoreResealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reseal",
        abstract: "Encrypt all stored secrets with the first key, so that older keys can be removed.",
        discussion: """
            To replace the encryption key: put the new key first in encryption.key, keep the old key after it, restart \
            every node of this store, run this command, and remove the old key when the command says that it is no \
            longer needed. The daemon may run meanwhile, and the command may be interrupted and run again. Exits with \
            status 1 if no key decrypts some of the values.
            """)

    @OptionGroup var arguments: StoreArguments

    @Flag(
        help: """
            The key that the store was made with is lost: accept the configured one in its place. What it cannot \
            decrypt (Jira tokens, webhook secrets, addresses of channels) has to be entered again.
            """)
    var lostKey = false

    func run() async throws {
        let vault = try Vault(keys: try await arguments.encryptionKeys().map(\.revealed))
        let location = try await arguments.location()
        let store = try await RiskStore.beside(location)
        let survey: SealedSurvey
        do {
            survey = try await reseal(store, with: vault)
            try store.close()
        } catch {
            try store.close()
            throw error
        }
        print("store      \(location)")
        print("encrypted  \(survey.older) of \(survey.total) values with the first key; \(survey.current) already were")
        guard survey.unreadableCount == 0 else {
            print("FAILED     no configured key decrypts \(survey.unreadableText)")
            throw ExitCode.failure
        }
        print("now        only the first key is needed")
    }

    private func reseal(_ store: RiskStore, with vault: Vault) async throws -> SealedSurvey {
        if lostKey {
            try await StoreKey.place(vault, in: store, by: .operator)
        } else {
            guard try await StoreKey.check(vault, of: store) else { throw KeyNotTaken() }
        }
        return try await SealedSurvey.run(of: store, with: vault) { try await Self.replace($0, in: store, with: vault) }
    }

    /// Encrypts `older` with the first key of `vault`, in one transaction: an interrupted run leaves whole pages.
    static func replace(_ older: [SealedValue], in store: RiskStore, with vault: Vault) async throws {
        var replacements: [SealedValue: String] = [:]
        for value in older { replacements[value] = try vault.seal(try vault.open(value.sealed)) }
        try await store.replaceSealed(replacements, by: .operator)
    }
}

/// Daemons still seal with the older key, and could not read what is sealed with the new one.
private struct KeyNotTaken: Error, CustomStringConvertible {
    var description: String {
        "the daemon has not been started with this key as the first of encryption.key: restart it, then run this again"
    }
}

extension StoreArguments {
    /// The keys that the daemon would use here.
    fileprivate func encryptionKeys() async throws -> [Secret<String>] {
        let environment = InstalledFiles.environment(ProcessInfo.processInfo.environment)
        let settings = try await Settings(file: config ?? InstalledFiles.configuration, environment: environment)
        let keys = DaemonConfiguration.encryptionKeys(in: settings)
        try settings.rejectWrongKinds()
        return keys
    }
}
