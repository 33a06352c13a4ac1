public import Domain
public import Foundation

/// What is done with a store as a whole, from outside of the daemon. Each engine has its own way.
public protocol StoreMaintenance: Sendable {
    /// Writes a consistent copy to `file`, while a daemon may use the store. Returns once the copy is checked and on disk.
    ///
    /// Throws `StorageError(.conflict)` when the file exists and is not to be replaced. Root goes on as the owner of the
    /// store, where the file is to be in the same hands.
    func backUp(
        to file: URL, replacing: Bool, progress: @escaping @Sendable (MaintenanceProgress) -> Void
    ) throws -> StoreInventory

    /// Puts a backup in the place of the store, which is kept aside; in one step, after the backup was checked.
    ///
    /// Throws `StorageError(.unavailable)` while anybody uses the store, `StorageError(.corrupt)` for a backup that cannot
    /// be used. Both leave everything as it was. Root goes on as the owner of the store from then on.
    func restore(
        from file: URL, now: Timestamp, progress: @escaping @Sendable (MaintenanceProgress) -> Void
    ) throws -> RestoredStore

    /// Reads the whole store and says what is wrong with it.
    func check() throws -> StoreCheck
}

/// How far a long step is.
public enum MaintenanceProgress: Sendable, Hashable {
    /// Bytes copied, of all.
    case copying(done: Int, total: Int)
    case checking
}

/// What a store holds.
public struct StoreInventory: Sendable, Hashable {
    /// A table of the schema.
    public struct Table: Sendable, Hashable {
        /// As in the database.
        public var name: String
        /// How many it holds now.
        public var rows: Int
    }

    /// By name.
    public var tables: [Table]
    /// Size of the whole database, in bytes; how much of it is free for what comes.
    public var bytes: Int
    /// Bytes of the database that hold no data and are used again before it grows.
    public var freeBytes: Int
    /// The last step of the schema that was taken.
    public var schema: String
}

/// What a restore has put in place.
public struct RestoredStore: Sendable, Hashable {
    /// What the store holds now.
    public var inventory: StoreInventory
    /// Where the store that was there before is now; nil where there was none.
    public var aside: URL?
}

/// The result of a check.
public struct StoreCheck: Sendable, Hashable {
    /// Nil where the store is too damaged to be counted.
    public var inventory: StoreInventory?
    /// What is wrong, a line each; empty for a sound store.
    public var faults: [String]
    /// Steps of the schema that this consilod takes at its next start.
    public var missingSteps: [String]
}
