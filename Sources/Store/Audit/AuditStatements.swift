import Domain
import Foundation

/// The statements on the audit log that other transactions share.
enum AuditStatements {
    /// Most bytes of the fields before or after a change that a row keeps.
    static let fieldLimit = 16 << 10

    /// Appends a row, in the transaction of what it is about and as its last statement: what it locks keeps other acts of the
    /// chain waiting. Without effect for a part of consilod, and for a change that changes nothing.
    static func append(
        _ act: AuditAct, to chain: AuditChain, by actor: Actor, at now: Timestamp, in connection: any SQLConnection
    ) throws {
        guard actor.isAudited else { return }
        guard let (before, after) = AuditFields.difference(from: act.before, to: act.after) else { return }
        guard let head = try lockedHead(of: chain, in: connection) else { return }
        var entry = AuditEntry(
            chain: chain, sequence: head.sequence + 1, at: now, actor: "\(actor)", action: act.action.rawValue,
            objectKind: act.objectKind, objectID: act.objectID, before: try json(before), after: try json(after),
            address: actor.origin?.address, requestID: actor.origin?.requestID, previousHash: head.hash, hash: "")
        entry.hash = AuditHash.of(entry)
        try insert(entry, in: connection)
        try connection.run(
            """
            INSERT INTO audit_chains (chain, tenant_id, base_sequence, base_hash, head_sequence, head_hash)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (chain) DO UPDATE SET head_sequence = excluded.head_sequence, head_hash = excluded.head_hash
            """,
            [
                .text(chain.description), chain.tenantValue, .integer(AuditMark.start.sequence),
                .text(AuditMark.start.hash), .integer(entry.sequence), .text(entry.hash),
            ])
    }

    static func insert(_ entry: AuditEntry, in connection: any SQLConnection) throws {
        try connection.run(
            """
            INSERT INTO audit_log (tenant_id, sequence, at, actor, action, object_kind, object_id, before_json, after_json,
                address, request_id, previous_hash, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                entry.chain.tenantValue, .integer(entry.sequence), .timestamp(entry.at), .text(entry.actor),
                .text(entry.action), .text(entry.objectKind), .text(entry.objectID), .text(entry.before),
                .text(entry.after), .text(entry.address), .text(entry.requestID), .text(entry.previousHash),
                .text(entry.hash),
            ])
    }

    /// What a row keeps of fields; of more than it can keep, how much it was.
    private static func json(_ fields: [String: AuditValue]?) throws -> String? {
        guard let fields, !fields.isEmpty else { return nil }
        let data = try CanonicalJSON.encode(fields)
        let kept = data.count <= fieldLimit ? data : try CanonicalJSON.encode(["omitted_bytes": data.count])
        return String(decoding: kept, as: UTF8.self)
    }

    /// The last place of a chain, which no other transaction moves before this one has ended. Nil for a tenant that is gone.
    static func lockedHead(of chain: AuditChain, in connection: any SQLConnection) throws -> AuditMark? {
        let query = SQLQuery.select(
            ChainColumn.self, "FROM audit_chains WHERE chain = ?", [.text(chain.description)])
        guard let tenantID = chain.tenantID else {
            try connection.lock(.exclusive, "audit log of the host")
            return try connection.query(query.sql, query.arguments).first.map { try SQLRecord<ChainColumn>($0).head }
                ?? .start
        }
        // The tenant's row and not the chain's own: a transaction that changes the tenant has it before it comes here, and
        // the row that is inserted refers to it.
        let rows = try connection.query([
            SQLQuery("SELECT 1 FROM tenants WHERE id = ? \(connection.dialect.locking)", [.tenant(tenantID)]), query,
        ])
        guard rows.first?.isEmpty == false else { return nil }
        return try rows.last?.first.map { try SQLRecord<ChainColumn>($0).head } ?? .start
    }

    /// Where rows of a chain are.
    static func isOf(_ chain: AuditChain) -> (sql: String, arguments: [SQLValue]) {
        guard let tenantID = chain.tenantID else { return ("tenant_id IS NULL", []) }
        return ("tenant_id = ?", [.tenant(tenantID)])
    }

    /// Rows of a chain behind a place, in their order.
    static func rows(
        of chain: AuditChain, after sequence: Int, limit: Int, in connection: any SQLConnection
    ) throws -> [SQLRecord<AuditColumn>] {
        let isOf = isOf(chain)
        return try connection.select(
            AuditColumn.self, "FROM audit_log WHERE \(isOf.sql) AND sequence > ? ORDER BY sequence LIMIT ?",
            isOf.arguments + [.integer(sequence), .integer(limit)])
    }

    /// As ``rows(of:after:limit:in:)``.
    static func entries(
        of chain: AuditChain, after sequence: Int, limit: Int, in connection: any SQLConnection
    ) throws -> [AuditEntry] {
        try rows(of: chain, after: sequence, limit: limit, in: connection).map { try $0.entry(of: chain) }
    }
}

extension SQLRecord {
    /// The fields of a row before a change; none for a row that cannot be read, which must not keep it from being changed.
    func auditFields(_ read: (Self) throws -> AuditFields) throws -> AuditFields {
        do { return try read(self) } catch let error as StorageError where error.code == .corrupt {
            return AuditFields()
        }
    }
}

extension AuditChain {
    /// The column `tenant_id`.
    fileprivate var tenantValue: SQLValue { tenantID.map { .tenant($0) } ?? .null }
}

/// Where a chain begins and ends.
enum ChainColumn: Int, SQLColumns {
    case chain, baseSequence, baseHash, headSequence, headHash
    static let list = columnList()
}

extension SQLRecord<ChainColumn> {
    var base: AuditMark {
        get throws { AuditMark(sequence: try integer(.baseSequence), hash: try text(.baseHash)) }
    }
    var head: AuditMark {
        get throws { AuditMark(sequence: try integer(.headSequence), hash: try text(.headHash)) }
    }
}

/// A row of the audit log.
enum AuditColumn: Int, SQLColumns {
    case sequence, at, actor, action, objectKind, objectID, beforeJSON, afterJSON, address, requestID, previousHash,
        hash
    static let list = columnList()
}

extension SQLRecord<AuditColumn> {
    func entry(of chain: AuditChain) throws -> AuditEntry {
        AuditEntry(
            chain: chain, sequence: try integer(.sequence), at: try timestamp(.at), actor: try text(.actor),
            action: try text(.action), objectKind: try text(.objectKind), objectID: try optionalText(.objectID),
            before: try optionalText(.beforeJSON), after: try optionalText(.afterJSON),
            address: try optionalText(.address), requestID: try optionalText(.requestID),
            previousHash: try text(.previousHash), hash: try text(.hash))
    }
}
