import Crypto
public import Domain
import Foundation

extension RiskStore {
    /// Begins to erase a person of Jira, by the account id: from the commit on, no webhook brings anything of the person into the
    /// store. What is stored already is left to ``continueErasure(of:person:proceed:)``. For a person who was erased before, what
    /// became of that; nil for an unknown tenant.
    ///
    /// The id is hashed in this transaction and stored nowhere.
    public func beginErasure(
        of tenantID: TenantID, account: String, by actor: Actor, now: Timestamp
    ) async throws -> PersonErasure? {
        let parts = try erasure.parts()
        return try await driver.write { connection in
            try ErasureStatements.begin(tenantID, account, parts, by: actor, now: now, in: connection)
        }
    }

    /// Replaces what is stored of an erased person, in batches, until nothing is left or `proceed` says no; how far it is.
    ///
    /// May be interrupted at any instant, and continues where it was, on any node. Nil for an unknown person.
    public func continueErasure(
        of tenantID: TenantID, person personID: String, proceed: @escaping @Sendable () async -> Bool
    ) async throws -> PersonErasure? {
        let parts = try erasure.parts()
        while true {
            let state = try await driver.write { connection in
                try ErasurePass.advance(tenantID, personID, parts, in: connection)
            }
            switch state {
            case .none: return nil
            case .some(.goesOn): guard await proceed() else { return try await personErasure(tenantID, personID) }
            case .some(.isRewritten):
                // Also what the log of the store holds of the old rows.
                try await driver.scrub()
                try await driver.write { try ErasurePass.finish(tenantID, personID, now: now(), in: $0) }
            case .some(.isFinished): return try await personErasure(tenantID, personID)
            }
        }
    }

    /// Goes on with all erasures that are not finished; whether all are.
    public func continueErasures(proceed: @escaping @Sendable () async -> Bool) async throws -> Bool {
        let waiting = try await driver.read { connection in
            try connection.query(
                "SELECT tenant_id, person_id FROM erased_people WHERE finished_at IS NULL ORDER BY 1, 2", []
            ).map { (try $0.tenantID(0), try $0.text(1)) }
        }
        for (tenantID, personID) in waiting {
            let state = try await continueErasure(of: tenantID, person: personID, proceed: proceed)
            guard state.map({ $0.finishedAt != nil }) ?? true else { return false }
        }
        return true
    }

    private func personErasure(_ tenantID: TenantID, _ personID: String) async throws -> PersonErasure? {
        try await driver.read { try ErasureStatements.state(of: tenantID, personID, in: $0) }
    }
}

/// Statements on erased people that transactions share.
enum ErasureStatements {
    /// The erased people of a tenant; nil for a tenant without any.
    static func erasures(
        of tenantID: TenantID, _ box: ErasureBox, in connection: any SQLConnection
    ) throws -> TenantErasures? {
        let row = try connection.selectFirst(TenantColumn.self, "FROM tenants WHERE id = ?", [.tenant(tenantID)])
        guard let row, let sealed = try row.optionalText(.erasureKeyEncrypted) else { return nil }
        return try TenantErasures(
            tenantID, sealedKey: sealed, isErasing: try row.flag(.isErasing), parts: try box.parts(), in: connection)
    }

    /// Throws `StorageError(.unavailable)` where an erasure began since `instant`: what was read of the tenant then may hold
    /// what was erased meanwhile.
    static func refuse(readSince instant: Timestamp, of tenantID: TenantID, in connection: any SQLConnection) throws {
        let row = try connection.first(
            "SELECT 1 FROM tenants WHERE id = ? AND (is_erasing OR erasure_began_at >= ?)",
            [.tenant(tenantID), .timestamp(instant)])
        guard row == nil else {
            throw StorageError(.unavailable, "a person is being erased; try again when that is done")
        }
    }

    static func state(
        of tenantID: TenantID, _ personID: String, in connection: any SQLConnection
    ) throws -> PersonErasure? {
        try connection.selectFirst(
            StateColumn.self, "FROM erased_people WHERE tenant_id = ? AND person_id = ?",
            [.tenant(tenantID), .text(personID)]
        ).map { row in
            PersonErasure(
                person: ErasedPerson(id: try row.text(.personID), name: try row.text(.name)),
                requestedAt: try row.timestamp(.requestedAt), finishedAt: try row.optionalTimestamp(.finishedAt),
                counts: try counts(row.text(.countsJSON)))
        }
    }

    static func counts(_ json: String) throws -> [String: Int] {
        do { return try CanonicalJSON.decode([String: Int].self, from: Data(json.utf8)) } catch {
            throw StorageError(.corrupt, "the counts of an erasure cannot be read", cause: error)
        }
    }

    private enum StateColumn: Int, SQLColumns {
        case personID, name, requestedAt, finishedAt, countsJSON
        static let list = columnList()
    }

    private enum TenantColumn: Int, SQLColumns {
        case erasureKeyEncrypted, isErasing
        static let list = columnList()
    }

    // MARK: Beginning

    static func begin(
        _ tenantID: TenantID, _ account: String, _ parts: ErasureParts, by actor: Actor, now: Timestamp,
        in connection: any SQLConnection
    ) throws -> PersonErasure? {
        // Waits for the webhooks and scores that are being written, which hold the row against just this; those that come
        // after it see the hash of the id.
        let lock = connection.dialect.hasConcurrentWriters ? "FOR UPDATE" : ""
        let row = try connection.selectFirst(
            TenantColumn.self, "FROM tenants WHERE id = ? AND NOT is_deleted \(lock)", [.tenant(tenantID)])
        guard let row else { return nil }
        let sealed = try row.optionalText(.erasureKeyEncrypted) ?? newKey(parts)
        let erasures = try TenantErasures(
            tenantID, sealedKey: sealed, isErasing: true, parts: parts, in: connection)
        if let known = erasures.marks.person(.account, account) {
            return try state(of: tenantID, known.id, in: connection)
        }
        let found = try PersonFinding(account, of: tenantID, in: connection)
        let staffing = parts.staffing(found.person)
        let person = ErasedPerson(token: TenantErasures.token(), role: staffing.role, location: staffing.location)
        try connection.run(
            """
            INSERT INTO erased_people (tenant_id, person_id, name, requested_at, step, counts_json)
            VALUES (?, ?, ?, ?, ?, '{}')
            """,
            [
                .tenant(tenantID), .text(person.id), .text(person.name), .timestamp(now),
                .text(ErasurePass.Step.first.name),
            ])
        try erasures.add(
            [erasures.marks.mark(account: account, of: person)]
                + found.names.flatMap { erasures.marks.marks(name: $0, of: person) }, of: person)
        try connection.run(
            "UPDATE tenants SET erasure_key_encrypted = ?, erasure_began_at = ?, is_erasing = TRUE WHERE id = ?",
            [.text(sealed), .timestamp(now), .tenant(tenantID)])
        connection.changed?.insert(tenantID)
        try AuditStatements.append(
            AuditAct(.personErase, person.id, after: found.auditFields), to: .tenant(tenantID), by: actor, at: now,
            in: connection)
        return PersonErasure(person: person, requestedAt: now, finishedAt: nil, counts: [:])
    }

    private static func newKey(_ parts: ErasureParts) throws -> String {
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        do { return try parts.seal(Base64URL.encode(key)) } catch {
            throw StorageError(.unavailable, "the key of erased people cannot be sealed", cause: error)
        }
    }
}

/// What the columns of a tenant's tables say of an account.
struct PersonFinding {
    var person: Person
    /// All display names that it has or had.
    var names: Set<String> = []
    private var counts: [String: Int] = [:]

    init(_ account: String, of tenantID: TenantID, in connection: any SQLConnection) throws {
        person = Person(id: account, displayName: account)
        let key: [SQLValue] = [.tenant(tenantID), .text(account)]
        for (table, id, name) in [
            ("issue_changes", "from_value", "from_string"), ("issue_changes", "to_value", "to_string"),
            ("issue_changes", "author_id", "author"), ("issue_comments", "author_id", "author"),
            ("issue_snapshots", "assignee_id", "assignee"),
        ] {
            let rows = try connection.query(
                "SELECT \(name), COUNT(*) FROM \(table) WHERE tenant_id = ? AND \(id) = ? GROUP BY \(name) ORDER BY 1",
                key)
            for row in rows {
                if let text = try row.optionalText(0), !text.isEmpty {
                    names.insert(text)
                    person.displayName = text
                }
                if !id.hasSuffix("_value") { counts[table, default: 0] += try row.integer(1) }
            }
        }
        for table in ["issue_comments", "issue_changes"] {
            let row = try connection.first(
                """
                SELECT author_time_zone FROM \(table)
                WHERE tenant_id = ? AND author_id = ? AND author_time_zone IS NOT NULL LIMIT 1
                """, key)
            person.timeZone = try person.timeZone ?? row?.optionalText()
        }
    }

    /// How much there is, and nothing of whom.
    var auditFields: AuditFields {
        AuditFields(counts.mapValues { AuditValue.count($0) })
    }
}
