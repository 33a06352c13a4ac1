public import Domain

extension RiskStore {
    /// Records an act that changes nothing in the store.
    public func record(_ act: AuditAct, in chain: AuditChain, by actor: Actor, now: Timestamp) async throws {
        guard actor.isAudited else { return }
        try await driver.write { try AuditStatements.append(act, to: chain, by: actor, at: now, in: $0) }
    }

    /// The rows of a chain, newest first.
    public func auditEntries(
        _ chain: AuditChain, filter: AuditFilter, after cursor: String?, limit: Int
    ) async throws -> Page<AuditEntry> {
        let isOf = AuditStatements.isOf(chain)
        var (conditions, arguments) = ([isOf.sql], isOf.arguments)
        func add(_ condition: String, _ argument: SQLValue?) {
            guard let argument else { return }
            conditions.append(condition)
            arguments.append(argument)
        }
        add("sequence < ?", try Cursor(cursor, parts: 1).map { .integer(try $0.integer(0)) })
        add("action = ?", filter.action.map { .text($0) })
        add("actor = ?", filter.actor.map { .text($0) })
        add("at >= ?", filter.since.map { .timestamp($0) })
        add("at < ?", filter.until.map { .timestamp($0) })
        let (rest, bound) = (
            "FROM audit_log WHERE \(conditions.joined(separator: " AND ")) ORDER BY sequence DESC LIMIT ?",
            arguments + [.integer(limit + 1)]
        )
        return try await driver.read { connection in
            try Page(
                try connection.select(AuditColumn.self, rest, bound), limit: limit,
                cursor: { Cursor([String($0.sequence)]) }
            ) { try $0.entry(of: chain) }
        }
    }

    // MARK: Verifying and exporting

    /// The chains that there are: the host's first, then those of tenants by their ids.
    public func auditChains() async throws -> [AuditChain] {
        try await driver.read { connection in
            // Also one whose row of `audit_chains` is missing.
            let tenants = try connection.query(
                """
                SELECT tenant_id FROM audit_chains WHERE tenant_id IS NOT NULL
                UNION SELECT DISTINCT tenant_id FROM audit_log WHERE tenant_id IS NOT NULL ORDER BY 1
                """, []
            ).map { AuditChain.tenant(try $0.tenantID()) }
            let ofHost = try connection.first(
                """
                SELECT 1 WHERE EXISTS (SELECT 1 FROM audit_chains WHERE tenant_id IS NULL)
                    OR EXISTS (SELECT 1 FROM audit_log WHERE tenant_id IS NULL)
                """, [])
            return (ofHost == nil ? [] : [.host]) + tenants
        }
    }

    /// Checks a chain from its first row to its last, as they are at one instant. Nil where there is no such chain.
    ///
    /// - Parameter known: a place that the chain had, as it was printed before.
    public func verifyAudit(_ chain: AuditChain, known: AuditMark? = nil) async throws -> AuditVerification? {
        try await driver.read { connection in
            let row = try connection.selectFirst(
                ChainColumn.self, "FROM audit_chains WHERE chain = ?", [.text(chain.description)])
            guard let row else {
                guard try !AuditStatements.rows(of: chain, after: .min, limit: 1, in: connection).isEmpty else {
                    return nil
                }
                var found = AuditVerification(chain: chain, base: .start, head: .start)
                found.note(.noHead)
                return found
            }
            var check = AuditCheck(chain, base: try row.base, head: try row.head, known: known)
            var last = Int.min
            while true {
                let rows = try AuditStatements.rows(of: chain, after: last, limit: 500, in: connection)
                for row in rows {
                    last = try row.integer(.sequence)
                    check.read(last, try Self.readable(row, of: chain))
                }
                if rows.isEmpty { return check.finished() }
            }
        }
    }

    /// Nil for a row that holds what consilod does not write.
    private static func readable(_ row: SQLRecord<AuditColumn>, of chain: AuditChain) throws -> AuditEntry? {
        do { return try row.entry(of: chain) } catch let error as StorageError where error.code == .corrupt {
            return nil
        }
    }

    /// Rows of a chain behind a place, in their order; at most `limit`.
    public func exportAudit(_ chain: AuditChain, after sequence: Int, limit: Int) async throws -> [AuditEntry] {
        try await driver.read { try AuditStatements.entries(of: chain, after: sequence, limit: limit, in: $0) }
    }
}
