import Domain
import Foundation

/// Bodies of webhooks in pieces, each written in a transaction of its own (decision 0065).
///
/// SQLite has one writer. A body of megabytes would take it for as long as they are written, and again when the webhook is
/// applied, because SQLite then writes the whole row again. A row with a `body_id` has an empty body and names its pieces in
/// `webhook_body_pieces`; all rows of one delivery name the same ones. PostgreSQL has only those that were copied from SQLite.
///
/// Pieces are written before their row and removed after it, so that every row's pieces are there. Those that no row names
/// are removed by housekeeping.
enum BodyPieces {
    static let table = "webhook_body_pieces"
    /// Bytes of a piece, and of the largest stored body that stays in its row.
    static let size = 256 << 10
    /// Most pieces removed in one transaction: SQLite overwrites what it removes, which takes as long as writing it.
    static let portion = 2
    /// For how long pieces without a row are left alone: the row may be about to be written.
    static let unfinishedSeconds: Int64 = 3600

    /// No webhook names the pieces of this body.
    private static let isUnnamed = """
        NOT EXISTS (SELECT 1 FROM webhook_events AS e
            WHERE e.tenant_id = \(table).tenant_id AND e.body_id = \(table).body_id)
        """

    /// How many pieces a stored body of so many bytes has.
    static func count(_ bytes: Int) -> Int { (bytes + size - 1) / size }

    // MARK: Writing

    /// Whether a prepared delivery's body is too large for its row.
    static func takes(_ delivery: WebhookDelivery, _ dialect: SQLDialect) -> Bool {
        guard dialect.cutsBodies, delivery.piecesID == nil, let body = delivery.storedBody else { return false }
        return body.count > size
    }

    /// Inserts a piece of a body; false where the tenant was deleted.
    static func insert(
        _ piece: Int, of body: [UInt8], named id: UUID, _ delivery: WebhookDelivery, in connection: any SQLConnection
    ) throws -> Bool {
        let bytes = Data(body[piece * size..<min((piece + 1) * size, body.count)])
        return try connection.execute(
            """
            INSERT INTO \(table) (tenant_id, body_id, piece, created_at, bytes)
            SELECT id, ?, ?, ?, ? FROM tenants WHERE id = ? AND NOT is_deleted
            """,
            [
                .uuid(id), .integer(piece), .timestamp(delivery.receivedAt), .blob(bytes), .tenant(delivery.tenantID),
            ]) > 0
    }

    /// The deliveries, in the transaction that writes their rows: where a piece is missing, the body goes into the row. A wrong
    /// clock, or an erasure, may have had the pieces removed.
    static func verified(
        _ deliveries: [WebhookDelivery], in connection: any SQLConnection
    ) throws -> [WebhookDelivery] {
        guard deliveries.contains(where: { $0.piecesID != nil }) else { return deliveries }
        return try deliveries.map { delivery in
            guard let id = delivery.piecesID else { return delivery }
            let found = try connection.first(
                "SELECT COUNT(*) FROM \(table) WHERE tenant_id = ? AND body_id = ?",
                [.tenant(delivery.tenantID), .uuid(id)])?.integer()
            if let body = delivery.storedBody, found == count(body.count) { return delivery }
            var whole = delivery
            whole.piecesID = nil
            return whole
        }
    }

    // MARK: Reading

    /// The stored body of these pieces. Throws `StorageError(.corrupt)` where one is missing.
    static func bytes(_ id: UUID, of tenantID: TenantID, in connection: any SQLConnection) throws -> Data {
        let rows = try connection.select(
            PieceColumn.self, "FROM \(table) WHERE tenant_id = ? AND body_id = ? ORDER BY piece",
            [.tenant(tenantID), .uuid(id)])
        var bytes = Data()
        for (number, row) in rows.enumerated() {
            guard try row.integer(.piece) == number else { throw missing }
            bytes.append(try row.blob(.bytes))
        }
        guard !rows.isEmpty else { throw missing }
        return bytes
    }

    private static var missing: StorageError {
        StorageError(.corrupt, "a piece of the body of a webhook is missing")
    }

    // MARK: Removing

    /// Removes the pieces of a body that no row names.
    static func remove(_ id: UUID, of tenantID: TenantID, in connection: any SQLConnection) throws {
        try connection.run(
            "DELETE FROM \(table) WHERE tenant_id = ? AND body_id = ?", [.tenant(tenantID), .uuid(id)])
    }

    /// The rows of pieces that no webhook names, and that are older than ``unfinishedSeconds``. Those that are dated further
    /// ahead were written by a clock that was wrong, and are as old.
    static func unnamed(at now: Timestamp, limit: Int, in connection: any SQLConnection) throws -> [Int] {
        try connection.query(
            "SELECT id FROM \(table) WHERE created_at NOT BETWEEN ? AND ? AND \(isUnnamed) LIMIT ?",
            [
                .timestamp(now.adding(seconds: -unfinishedSeconds)), .timestamp(now.adding(seconds: unfinishedSeconds)),
                .integer(limit),
            ]
        ).map { try $0.integer() }
    }

    /// Removes those of these rows of pieces that no webhook names.
    static func remove(_ rows: some Sequence<Int>, in connection: any SQLConnection) throws {
        try connection.runAll("DELETE FROM \(table) WHERE id = ? AND \(isUnnamed)", rows.map { [.integer($0)] })
    }

    /// Removes a portion of a tenant's pieces that no webhook names, of whatever age; whether there may be more. The body of a
    /// delivery that is being stored meanwhile goes into its row (``verified(_:in:)``).
    static func removeUnnamed(of tenantID: TenantID, in connection: any SQLConnection) throws -> Bool {
        let removed = try connection.execute(
            """
            DELETE FROM \(table) WHERE id IN (
                SELECT id FROM \(table) WHERE tenant_id = ? AND \(isUnnamed) LIMIT ?)
            """, [.tenant(tenantID), .integer(portion)])
        return removed == portion
    }
}

private enum PieceColumn: Int, SQLColumns {
    case piece, bytes
    static let list = columnList()
}
