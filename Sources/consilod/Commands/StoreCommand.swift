import ArgumentParser
import Domain
import Foundation
import Store

/// What is done with the store from outside of the daemon.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Back up, restore, check and move the store.",
        subcommands: [
            StoreBackupCommand.self, StoreRestoreCommand.self, StoreCheckCommand.self, StoreMigrateCommand.self,
            StoreResealCommand.self, StoreConfirmClockCommand.self,
        ])
}

/// Which store.
struct StoreArguments: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "The daemon's YAML configuration file, which may name the store. Default: /etc/consilod/consilod.yaml."
    )
    var config: String?

    @Option(help: "The SQLite file (path), instead of a configuration.")
    var store: String?

    /// The store that is named, or else the one the daemon would use here.
    func location() async throws -> StoreLocation {
        if let store { return try StoreLocation(store) }
        let environment = InstalledFiles.environment(ProcessInfo.processInfo.environment)
        let settings = try await Settings(file: config ?? InstalledFiles.configuration, environment: environment)
        let configured = try DaemonConfiguration.store(
            settings, stateDirectory: StateDirectory.path(environment: environment))
        try settings.rejectWrongKinds()
        return configured
    }
}

/// Writes a consistent copy of the store, while the daemon may use it.
struct StoreBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store into a file, also while the daemon runs.",
        discussion: """
            The copy is a consistent snapshot, is verified, and is renamed to FILE only when it is on disk. It \
            contains texts of issues, and secrets that only the encryption key decrypts: store that key elsewhere.
            """)

    @Argument(help: "The file to write. It is readable by its owner only.")
    var file: String

    @Flag(help: "Replace the file if it exists.")
    var force = false

    @OptionGroup var arguments: StoreArguments

    func run() async throws {
        let location = try await arguments.location()
        let meter = MaintenanceMeter()
        defer { meter.finish() }
        let inventory = try location.maintenance.backUp(
            to: URL(fileURLWithPath: file), replacing: force, progress: { meter.update($0) })
        meter.finish()
        print("store      \(location)")
        print("backup     \(file)")
        inventory.show()
    }
}

/// Replaces the store by a backup.
struct StoreRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore the store from a backup; stop the daemon first.",
        discussion: """
            The backup is verified first, and the current store is kept beside the new one under another name. Data \
            received after the backup was made is not in it.
            """)

    @Argument(help: "The backup, as 'consilod store backup' wrote it.")
    var file: String

    @OptionGroup var arguments: StoreArguments

    func run() async throws {
        let location = try await arguments.location()
        let meter = MaintenanceMeter()
        defer { meter.finish() }
        let restored = try location.maintenance.restore(
            from: URL(fileURLWithPath: file), now: .now, progress: { meter.update($0) })
        meter.finish()
        print("store      \(location)")
        print("restored   \(file)")
        if let aside = restored.aside { print("before     \(aside.path)") }
        restored.inventory.show()
    }
}

/// Reads the whole store and reports its faults.
struct StoreCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read the whole store and print its contents; exits with status 1 if it is damaged.")

    @OptionGroup var arguments: StoreArguments

    func run() async throws {
        let location = try await arguments.location()
        print("store      \(location)")
        let check = try location.maintenance.check()
        for fault in check.faults { print("fault      \(fault)") }
        if check.faults.isEmpty { print("integrity  ok, and all foreign keys are valid") }
        if !check.missingSteps.isEmpty {
            print("schema     older: the next start applies the steps \(check.missingSteps.joined(separator: ", "))")
        }
        check.inventory?.show()
        guard check.faults.isEmpty else { throw ExitCode.failure }
    }
}

extension StoreInventory {
    /// Prints what a store holds, aligned as the lines before it.
    fileprivate func show() {
        print("schema     \(schema)")
        print(
            "size       \(Self.megabytes(bytes)) MB, of which \(Self.megabytes(freeBytes)) MB are free")
        let width = tables.map(\.name.count).max() ?? 0
        for table in tables {
            print("rows       \(table.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(table.rows)")
        }
    }

    private static func megabytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 1_000_000) }
}
