import Domain
import Foundation

/// Where a store is kept, and by which engine.
public enum StoreLocation: Sendable, CustomStringConvertible {
    /// One file.
    case sqlite(path: String)
    /// A database on a server.
    case postgres(PostgresSettings)

    /// A path, or a `postgresql://` address. Throws `StorageError(.malformed)` for an address that libpq cannot read.
    public init(_ text: String) throws {
        self =
            ["postgres://", "postgresql://"].contains { text.hasPrefix($0) }
            ? .postgres(try PostgresSettings(connectionString: text)) : .sqlite(path: text)
    }

    /// Backup, restore and check of a store that is kept there. Throws `StorageError(.unavailable)` for PostgreSQL, whose
    /// own tools do this.
    public var maintenance: any StoreMaintenance {
        get throws {
            switch self {
            case .sqlite(let path): SQLiteMaintenance(path: path)
            case .postgres:
                throw StorageError(
                    .unavailable,
                    """
                    the store is in PostgreSQL, whose own tools do this better: pg_dump --format=custom to back it up, \
                    pg_restore --clean to bring it back while no consilod runs, pg_amcheck to check it
                    """)
            }
        }
    }

    /// The folder of a SQLite file; nil for a database on a server.
    public var folder: String? {
        guard case .sqlite(let path) = self else { return nil }
        return URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    /// How long a store that is frozen may keep a worker waiting.
    public var longestWait: Duration {
        switch self {
        case .sqlite: .zero
        case .postgres(let settings): settings.longestWait
        }
    }

    /// With the engine; never with a password.
    public var description: String {
        switch self {
        case .sqlite(let path): "\(path) (SQLite)"
        case .postgres: "PostgreSQL"
        }
    }

    /// The path, or the database and its hosts without user or password.
    public var place: String {
        switch self {
        case .sqlite(let path): path
        case .postgres(let settings): settings.place
        }
    }
}
