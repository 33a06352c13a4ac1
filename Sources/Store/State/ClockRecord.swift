public import Domain

/// What a store remembers of the clocks of those that worked on it.
public struct ClockRecord: Sendable, Hashable {
    /// The last instant at which a process that trusted its clock was alive; nil on a store that is new, or was last used by
    /// a consilod that kept no such record.
    public var trustedAt: Timestamp?
    /// What the wall clock said when a process that did not trust it was last alive; nil where the last one trusted it.
    public var doubtedAt: Timestamp?
    /// Whether that process counted the time itself instead of following the wall clock.
    public var isCounting: Bool
    /// What the wall clock said when an operator last confirmed it.
    public var confirmedAt: Timestamp?

    public init(
        trustedAt: Timestamp? = nil, doubtedAt: Timestamp? = nil, isCounting: Bool = false,
        confirmedAt: Timestamp? = nil
    ) {
        self.trustedAt = trustedAt
        self.doubtedAt = doubtedAt
        self.isCounting = isCounting
        self.confirmedAt = confirmedAt
    }
}

/// What a process says of its clock with a heartbeat.
public struct ClockNote: Sendable, Hashable {
    /// An instant that is certainly not after the true time; nil to leave the store's as it is.
    public var trustedAt: Timestamp?
    /// What the wall clock says, where it is not trusted.
    public var doubtedAt: Timestamp?
    /// As ``ClockRecord/isCounting``.
    public var isCounting: Bool

    public init(trustedAt: Timestamp?, doubtedAt: Timestamp? = nil, isCounting: Bool = false) {
        self.trustedAt = trustedAt
        self.doubtedAt = doubtedAt
        self.isCounting = isCounting
    }
}

extension RiskStore {
    /// What the store remembers of clocks.
    public func clockRecord() async throws -> ClockRecord {
        try await driver.read { try StoreStateStatements.clock($0.query([StoreStateStatements.selectClock])[0]) }
    }

    /// Notes that an operator has found the wall clock, which says `instant`, to be right: it is trusted from then on, by
    /// the processes that work on the store within seconds, and at the next start.
    public func confirmClock(at instant: Timestamp, by actor: Actor) async throws {
        try await driver.write { connection in
            try connection.run(
                """
                INSERT INTO store_state (name, trusted_at, confirmed_at) VALUES ('store', ?, ?)
                ON CONFLICT (name) DO UPDATE SET trusted_at = excluded.trusted_at, doubted_at = NULL,
                    is_counting = excluded.is_counting, confirmed_at = excluded.confirmed_at
                """, [.timestamp(instant), .timestamp(instant)])
            try AuditStatements.append(
                AuditAct(.clockConfirm, after: ["instant": .instant(instant)]), to: .host, by: actor, at: instant,
                in: connection)
        }
    }
}

/// The statements on the one row of the store's state.
enum StoreStateStatements {
    /// What the store remembers of clocks, for ``clock(_:)``.
    static var selectClock: SQLQuery { .select(ClockColumn.self, "FROM store_state WHERE name = 'store'", []) }

    static func clock(_ rows: [SQLRow]) throws -> ClockRecord {
        guard let row = rows.first.map({ SQLRecord<ClockColumn>($0) }) else { return ClockRecord() }
        return ClockRecord(
            trustedAt: try row.optionalTimestamp(.trustedAt), doubtedAt: try row.optionalTimestamp(.doubtedAt),
            isCounting: try row.flag(.isCounting), confirmedAt: try row.optionalTimestamp(.confirmedAt))
    }

    /// Writes what a process says of its clock. A row that another process is writing is left to it: a node that hangs must not
    /// keep the others from their heartbeats.
    static func note(_ note: ClockNote, in connection: any SQLConnection) throws {
        let arguments: [SQLValue] = [
            .timestamp(note.trustedAt), .timestamp(note.doubtedAt), .flag(note.isCounting),
        ]
        let changed = try connection.execute(
            """
            UPDATE store_state SET trusted_at = COALESCE(?, trusted_at), doubted_at = ?, is_counting = ?
            WHERE name IN (SELECT name FROM store_state WHERE name = 'store' \(connection.dialect.claiming("store_state")))
            """, arguments)
        if changed == 0 {
            try connection.run(
                """
                INSERT INTO store_state (name, trusted_at, doubted_at, is_counting) VALUES ('store', ?, ?, ?)
                ON CONFLICT (name) DO NOTHING
                """, arguments)
        }
    }
}

private enum ClockColumn: Int, SQLColumns {
    case trustedAt, doubtedAt, isCounting, confirmedAt
    static let list = columnList()
}
