public import Domain
public import Foundation

/// A process that works on a store.
public struct StoreNode: Sendable, Hashable {
    /// New at each start of the process.
    public var id: UUID
    /// The name of its host.
    public var host: String
    /// The version of consilod.
    public var version: String
    /// By the clock of its host.
    public var startedAt: Timestamp

    public init(id: UUID = UUID(), host: String, version: String, startedAt: Timestamp) {
        self.id = id
        self.host = host
        self.version = version
        self.startedAt = startedAt
    }
}

extension RiskStore {
    /// Notes that a node is alive and how its clock stands, which proves that the store takes commits; how many nodes were
    /// alive within the last minute, this one included, and what the store then remembers of clocks. Rows of nodes that have
    /// not been seen for a day are removed.
    public func heartbeat(
        of node: StoreNode, now: Timestamp, clock: ClockNote
    ) async throws -> (nodes: Int, clock: ClockRecord) {
        try await driver.write(isUrgent: true) { connection in
            try connection.run(
                """
                INSERT INTO nodes (id, host, version, started_at, seen_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
                """,
                [
                    .uuid(node.id), .text(node.host), .text(node.version), .timestamp(node.startedAt), .timestamp(now),
                ])
            try connection.run("DELETE FROM nodes WHERE seen_at < ?", [.timestamp(now.adding(days: -1))])
            try StoreStateStatements.note(clock, in: connection)
            let rows = try connection.query([
                StoreStateStatements.selectClock,
                SQLQuery("SELECT COUNT(*) FROM nodes WHERE seen_at >= ?", [.timestamp(now.adding(seconds: -60))]),
            ])
            return (nodes: try rows[1].first?.integer() ?? 0, clock: try StoreStateStatements.clock(rows[0]))
        }
    }

    /// Forgets a node that ends.
    public func forget(_ node: StoreNode) async throws {
        try await driver.write { try $0.run("DELETE FROM nodes WHERE id = ?", [.uuid(node.id)]) }
    }
}
