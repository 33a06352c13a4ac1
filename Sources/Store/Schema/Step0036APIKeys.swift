import Domain
import Foundation

extension Migrations {
    /// Several API keys for a tenant, each with a role (decision 0048). The one that every tenant had becomes its first.
    static let apiKeys = Step(
        name: "0036-api-keys",
        statements: [
            """
            CREATE TABLE api_keys (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                key_hash TEXT NOT NULL UNIQUE,
                key_prefix TEXT,
                name TEXT NOT NULL,
                role TEXT NOT NULL,
                created_at {timestamp} NOT NULL,
                created_by TEXT NOT NULL,
                expires_at {timestamp},
                last_used_at {timestamp},
                replaced_by {uuid}
            )
            """,
            "CREATE INDEX api_keys_tenant ON api_keys (tenant_id, created_at)",
            // A role below that of the key.
            "ALTER TABLE sign_ins ADD COLUMN role TEXT",
        ],
        fill: { connection in
            let tenants = try connection.query(
                "SELECT id, api_key_hash, created_at FROM tenants WHERE NOT is_deleted", [])
            for row in tenants {
                let id = try row.tenantID()
                try connection.run(
                    """
                    INSERT INTO api_keys (id, tenant_id, key_hash, name, role, created_at, created_by)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        .uuid(UUID()), .tenant(id), .text(try row.text(1)), .text(APIKeyStatements.firstName),
                        .text(Role.owner.rawValue), .timestamp(try row.timestamp(2)), .text("\(Actor.operator)"),
                    ])
                // SQLite cannot drop a column that is unique. It says no more than that the tenant is there.
                try connection.run(
                    "UPDATE tenants SET api_key_hash = ? WHERE id = ?",
                    [.text(APIKeyStatements.placeholder(of: id)), .tenant(id)])
            }
        })
}
