import Domain
import Foundation

/// Counts what a tenant has, in the transaction that adds to it.
enum TenantLimitStatements {
    /// Begins a transaction that adds something limited to a tenant: of two at once the second sees what the first has
    /// added. Must come before the transaction's first query.
    static func lock(_ tenantID: TenantID, in connection: any SQLConnection) throws {
        try connection.lock(.exclusive, "limits \(tenantID)")
    }

    /// Throws `StorageError(.limitReached)` where a tenant has all it may of a kind.
    ///
    /// - Parameter rows: the table, and a condition beside the tenant for the rows that count.
    static func makeRoom(
        for kind: TenantLimits.Kind, among rows: (table: String, condition: String), of tenantID: TenantID,
        limit: Int, _ arguments: [SQLValue] = [], in connection: any SQLConnection
    ) throws {
        let count = try connection.first(
            "SELECT COUNT(*) FROM \(rows.table) WHERE tenant_id = ? AND \(rows.condition)",
            [.tenant(tenantID)] + arguments)?.integer()
        guard let count, count >= limit else { return }
        throw StorageError(
            .limitReached(kind, limit: limit), "the tenant has \(count) \(kind.words), and may have \(limit)")
    }

    /// As ``makeRoom(for:among:of:limit:_:in:)``, for a row that is inserted or replaced: what is there already may stay.
    static func makeRoom(
        for kind: TenantLimits.Kind, in table: String, unlessKnown id: UUID, of tenantID: TenantID, limit: Int,
        in connection: any SQLConnection
    ) throws {
        try lock(tenantID, in: connection)
        let known = try connection.first(
            "SELECT 1 FROM \(table) WHERE tenant_id = ? AND id = ?", [.tenant(tenantID), .uuid(id)])
        guard known == nil else { return }
        try makeRoom(for: kind, among: (table, "TRUE"), of: tenantID, limit: limit, in: connection)
    }
}
