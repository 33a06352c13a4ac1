import Domain

/// Removes the oldest rows of chains. Where a chain begins moves with them, so that the rest can still be checked.
enum AuditRetention {
    /// A clock that was wrong may have dated a row further ahead; such a row expires with the next one that has.
    private static let leewaySeconds: Int64 = 3600

    /// Removes rows from the beginning of a chain that were written before `cutoff`, at most `limit`; how many, and whether
    /// there may be more. A row that does not follow from the one before it stays, with all behind it: it shows that somebody
    /// has changed the log.
    static func remove(
        from chain: AuditChain, before cutoff: Timestamp, now: Timestamp, limit: Int, in connection: any SQLConnection
    ) throws -> (removed: Int, hasMore: Bool) {
        guard try AuditStatements.lockedHead(of: chain, in: connection) != nil,
            let base = try connection.selectFirst(
                ChainColumn.self, "FROM audit_chains WHERE chain = ?", [.text(chain.description)])?.base
        else { return (0, false) }
        let rows = try AuditStatements.entries(of: chain, after: base.sequence, limit: limit, in: connection)
        var (mark, previous) = (base, base)
        for row in rows {
            guard row.sequence == previous.sequence + 1, row.previousHash == previous.hash,
                AuditHash.of(row) == row.hash
            else { break }
            previous = AuditMark(sequence: row.sequence, hash: row.hash)
            if row.at < cutoff {
                mark = previous
            } else if row.at <= now.adding(seconds: leewaySeconds) {
                break
            }
        }
        guard mark != base else { return (0, false) }
        let isOf = AuditStatements.isOf(chain)
        let removed = try connection.execute(
            "DELETE FROM audit_log WHERE \(isOf.sql) AND sequence > ? AND sequence <= ?",
            isOf.arguments + [.integer(base.sequence), .integer(mark.sequence)])
        try connection.run(
            "UPDATE audit_chains SET base_sequence = ?, base_hash = ? WHERE chain = ?",
            [.integer(mark.sequence), .text(mark.hash), .text(chain.description)])
        return (removed, removed == limit)
    }
}

extension RetentionPass {
    mutating func removeAudit() async throws {
        guard let days = policy.auditDays else { return }
        let (now, cutoff, limit) = (now, now.adding(days: -days), batches.rows)
        let chains = try await batches.driver.read { connection in
            try connection.query("SELECT chain FROM audit_chains ORDER BY chain", [])
                .compactMap { AuditChain(try $0.text()) }
        }
        for chain in chains {
            try await batches.pause()
            try await batches.repeated(
                { try AuditRetention.remove(from: chain, before: cutoff, now: now, limit: limit, in: $0) },
                count: { outcome.add($0, to: .audit) })
        }
    }
}
