import ArgumentParser
import Domain
import Foundation
import Store

/// Checks and exports the audit log.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Verify and export the audit log: who changed what.",
        discussion: """
            Each tenant has a chain of rows, and so has the host. Every row contains the hash of the row before it. \
            These commands read the store directly, also while the daemon runs.
            """,
        subcommands: [AuditVerifyCommand.self, AuditExportCommand.self])
}

/// Which chains of which store.
struct AuditArguments: ParsableArguments {
    @OptionGroup var store: StoreArguments

    @Option(help: "Only the chain of this tenant (id), or 'host' for the chain of the host. Default: all chains.")
    var tenant: String?

    func validate() throws {
        guard tenant == nil || chain != nil else {
            throw ValidationError("--tenant must be the id of a tenant, or host")
        }
    }

    /// The one that is named; nil for all.
    var chain: AuditChain? { tenant.flatMap { AuditChain($0) } }

    /// Opens the store, and closes it in any case.
    func withStore<Value>(_ body: (RiskStore, StoreLocation) async throws -> Value) async throws -> Value {
        let location = try await store.location()
        let opened = try await RiskStore.beside(location)
        let value: Value
        do {
            value = try await body(opened, location)
        } catch {
            try opened.close()
            throw error
        }
        try opened.close()
        return value
    }
}

/// Finds changed and missing rows.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Verify every row of the audit log; exits with status 1 and names the row if one was changed or removed.",
        discussion: """
            A person who can write to the database can recompute the whole chain. Store the head that this command \
            prints on another machine, and give it as --since later: then a rewritten chain is detected, too.
            """)

    @OptionGroup var arguments: AuditArguments

    @Option(help: "A head that an earlier run printed (SEQUENCE:HASH); needs --tenant.")
    var since: String?

    func validate() throws {
        guard let since else { return }
        guard AuditMark(since) != nil else {
            throw ValidationError("--since must be a head as 'consilod audit verify' prints it, SEQUENCE:HASH")
        }
        guard arguments.tenant != nil else { throw ValidationError("--since needs --tenant ID, or --tenant host") }
    }

    func run() async throws {
        let known = since.flatMap { AuditMark($0) }
        let isSound = try await arguments.withStore { store, location in
            print("store      \(location)")
            let chains: [AuditChain]
            if let chain = arguments.chain { chains = [chain] } else { chains = try await store.auditChains() }
            var isSound = true
            for chain in chains {
                guard let found = try await store.verifyAudit(chain, known: known) else {
                    print("chain      \(chain): no rows")
                    // It had some.
                    if known != nil { isSound = false }
                    continue
                }
                Self.show(found, known)
                isSound = isSound && found.isSound
            }
            return isSound
        }
        guard isSound else { throw ExitCode.failure }
    }

    private static func show(_ found: AuditVerification, _ known: AuditMark?) {
        let from = found.base.sequence + 1
        let state = found.isSound ? "ok" : "CHANGED"
        print("chain      \(found.chain): \(state), \(found.rows) rows from \(from) to \(found.head.sequence)")
        for fault in found.faults { print("fault      \(fault)") }
        switch (found.known, known) {
        case (.agrees, let known?): print("known      row \(known.sequence) has the known hash")
        case (.removed, let known?):
            print("known      row \(known.sequence) was removed by retention and cannot be compared")
        case (.differs, let known?): print("fault      row \(known.sequence) does not have the known hash")
        default: break
        }
        print("head       \(found.head)")
    }
}

/// Writes rows as JSON.
struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print the audit log as JSON, one row per line, oldest first.",
        discussion: "docs/audit.md describes how the hash of a row is computed from its fields.")

    @OptionGroup var arguments: AuditArguments

    @Option(help: "Only rows after the one with this number in the chain.")
    var since: Int?

    private static let pageSize = 500

    func validate() throws {
        guard (since ?? 0) >= 0 else { throw ValidationError("--since must be the number of a row") }
    }

    func run() async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try await arguments.withStore { store, _ in
            let chains: [AuditChain]
            if let chain = arguments.chain { chains = [chain] } else { chains = try await store.auditChains() }
            for chain in chains {
                var last = since ?? 0
                while true {
                    let rows = try await store.exportAudit(chain, after: last, limit: Self.pageSize)
                    for row in rows {
                        try FileHandle.standardOutput.write(
                            contentsOf: encoder.encode(AuditLine(row)) + Data("\n".utf8))
                    }
                    guard let end = rows.last?.sequence else { break }
                    last = end
                }
            }
        }
    }
}
