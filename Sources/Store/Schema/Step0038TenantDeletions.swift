extension Migrations {
    /// When a tenant whose deletion was asked for is deleted.
    static let tenantDeletions = Step(
        name: "0038-tenant-deletions", statements: ["ALTER TABLE tenants ADD COLUMN deletes_at {timestamp}"])
}
