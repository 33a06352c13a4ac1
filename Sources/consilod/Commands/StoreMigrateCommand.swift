import ArgumentParser
import Domain
import Foundation
import Store
import UnixSignals

/// Copies the SQLite store into PostgreSQL.
struct StoreMigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate-to",
        abstract: "Copy the SQLite store into a PostgreSQL database, and compare every row.",
        discussion: """
            Stop consilod first: the file is locked during the copy, and is not changed. The database must be empty. \
            If the copy is interrupted, run the command again to resume it; until it has finished, consilod refuses to \
            start on the database. Exits with status 1 if a row is missing or different.

            Do not put the password into the arguments, because other users of the host can read them. It is read from \
            ~/.pgpass (or the file that PGPASSFILE names), PGPASSWORD, store.password or the credential store-password \
            (in /etc/consilod/credentials).
            """)

    @Argument(help: "The database, such as postgresql://user@host/database?sslmode=verify-full. Default: store.url.")
    var url: String?

    @Option(
        name: .shortAndLong,
        help: """
            The daemon's YAML configuration file, for store.path, store.url and store.password. Default: \
            /etc/consilod/consilod.yaml.
            """)
    var config: String?

    @Option(help: "The SQLite file (path), instead of a configuration.")
    var store: String?

    @Flag(help: "Remove what an earlier, interrupted run has copied.")
    var startOver = false

    func validate() throws {
        guard let url else { return }
        do {
            guard try !PostgresSettings.holdsPassword(url) else {
                throw ValidationError(
                    """
                    the password does not belong in the arguments, which other users of the host can read: put it \
                    into ~/.pgpass (or the file that PGPASSFILE names), PGPASSWORD, store.password or the credential \
                    store-password
                    """)
            }
        } catch let error as StorageError {
            throw ValidationError("\(error)")
        }
    }

    func run() async throws {
        let environment = InstalledFiles.environment(ProcessInfo.processInfo.environment)
        let settings = try await Settings(file: config ?? InstalledFiles.configuration, environment: environment)
        let path =
            store ?? settings.string("store.path")
            ?? "\(StateDirectory.path(environment: environment))/consilod.sqlite"
        let (address, password) = (url ?? settings.secret("store.url")?.revealed, settings.secret("store.password"))
        let certificate = settings.string("store.root_certificate")
        try settings.rejectWrongKinds()
        guard let address else {
            throw ValidationError("name the database, as postgresql://user@host/database, or set store.url")
        }
        let destination = try PostgresSettings(
            connectionString: address, password: password, rootCertificate: certificate)
        let transfer = try StoreTransfer(from: .sqlite(path: path), to: .postgres(destination))
        let comparisons: [StoreTransfer.Comparison]
        do {
            comparisons = try await copy(transfer)
            try transfer.close()
        } catch {
            try transfer.close()
            guard error is CancellationError else { throw error }
            print("interrupted; what is copied is safe. Run the same command again to continue.")
            throw ExitCode.failure
        }
        print(Self.table(of: comparisons))
        guard comparisons.allSatisfy(\.isEqual) else {
            print(
                """
                The copy is not the same as \(path), and no consilod will start on it. Run the command again with \
                --start-over.
                """)
            throw ExitCode.failure
        }
        print(
            """
            \(path) is copied to \(destination.place), every row of it, and left as it is.
            \(Self.nextStep(url: url))
            """)
    }

    /// Runs the copy until its end, or until SIGINT or SIGTERM; then throws `CancellationError`.
    private func copy(_ transfer: StoreTransfer) async throws -> [StoreTransfer.Comparison] {
        let meter = TransferMeter()
        defer { meter.finish() }
        return try await withThrowingTaskGroup(of: [StoreTransfer.Comparison]?.self) { group in
            group.addTask { [startOver] in
                try await transfer.run(startsOver: startOver, now: .now) { meter.update($0) }
            }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let comparisons = first else {
                group.cancelAll()
                // The transaction in flight is finished.
                try await group.waitForAll()
                throw CancellationError()
            }
            return comparisons
        }
    }

    private static func nextStep(url: String?) -> String {
        guard let url else { return "store.url already names it: start consilod." }
        return """
            Put this into the configuration and start consilod:

            store:
              url: "\(url)"
            """
    }

    /// A row for each table: how many rows it has, and the beginning of the checksum of what they hold.
    static func table(of comparisons: [StoreTransfer.Comparison]) -> String {
        func left(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let rows = comparisons.map { comparison in
            let isSameSum = comparison.sourceChecksum == comparison.destinationChecksum
            return """
                \(left(comparison.table, 18)) \(right("\(comparison.sourceRows)", 10)) \
                \(right("\(comparison.destinationRows)", 10))  \(comparison.sourceChecksum.prefix(16))  \
                \(comparison.isEqual ? "equal" : isSameSum ? "ROWS DIFFER" : "CONTENTS DIFFER")
                """
        }
        let heading =
            "\(left("table", 18)) \(right("SQLite", 10)) \(right("PostgreSQL", 10))  \(left("checksum", 16))  contents"
        return ([heading] + rows).joined(separator: "\n")
    }
}
