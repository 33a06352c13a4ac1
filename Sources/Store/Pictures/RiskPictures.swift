public import Domain
import Foundation

extension RiskStore {
    /// The newest picture of a project, or with nil of all; nil before the first, and where it cannot be read.
    ///
    /// Where it is older than it should be, the tenant's pictures become due.
    public func riskPicture(_ id: TenantID, projectKey: String?, now: Timestamp) async throws -> RiskPicture? {
        let (payload, isStale) = try await driver.read { connection in
            let rows = try connection.query([
                SQLQuery(
                    "SELECT payload FROM risk_pictures WHERE tenant_id = ? AND project_key = ?",
                    [.tenant(id), .text(projectKey ?? "")]),
                SQLQuery(
                    "SELECT 1 FROM risk_picture_jobs WHERE tenant_id = ? AND (fresh_until > ? OR due_at <= ?)",
                    [.tenant(id), .timestamp(now), .timestamp(now)]),
            ])
            return (try rows[0].first?.text(), rows[1].isEmpty)
        }
        if isStale { try await requestRiskPictures(id, now: now) }
        guard let payload else { return nil }
        do {
            return try JSONDecoder().decode(RiskPicture.self, from: Data(payload.utf8))
        } catch {
            // A newer consilod may have written it; it is made again.
            return nil
        }
    }

    private func requestRiskPictures(_ id: TenantID, now: Timestamp) async throws {
        try await driver.write {
            try $0.run(
                """
                INSERT INTO risk_picture_jobs (tenant_id, due_at, fresh_until)
                SELECT id, ?, ? FROM tenants WHERE id = ? AND NOT is_deleted
                ON CONFLICT (tenant_id) DO UPDATE SET due_at = excluded.due_at
                """, [.timestamp(now), .timestamp(now), .tenant(id)])
        }
    }

    /// Claims the tenant whose pictures are longest due, and leases it. Nil when none are.
    public func claimRiskPictures(now: Timestamp, leaseUntil: Timestamp) async throws -> RiskPictureClaim? {
        let isDue = "due_at <= ? AND (leased_until IS NULL OR leased_until <= ?)"
        let arguments = [SQLValue](repeating: .timestamp(now), count: 2)
        // Mostly there is nothing to write.
        let due = try await driver.read {
            try $0.first(
                """
                SELECT j.tenant_id, t.jira_url FROM risk_picture_jobs AS j JOIN tenants AS t ON t.id = j.tenant_id
                WHERE \(isDue) AND NOT t.is_deleted ORDER BY j.due_at LIMIT 1
                """, arguments
            ).map { (try $0.tenantID(0), try $0.text(1)) }
        }
        guard let (tenantID, siteURL) = due else { return nil }
        let token = UUID().uuidString
        return try await driver.write { connection in
            // Another node may have claimed it since.
            let claimed = try connection.execute(
                "UPDATE risk_picture_jobs SET lease_token = ?, leased_until = ? WHERE tenant_id = ? AND \(isDue)",
                [.text(token), .timestamp(leaseUntil), .tenant(tenantID)] + arguments)
            return claimed > 0 ? RiskPictureClaim(tenantID: tenantID, siteURL: siteURL, leaseToken: token) : nil
        }
    }

    /// Replaces the tenant's pictures, and ends the claim: they are good until `freshUntil`, and due at `nextDueAt` at the
    /// latest. False, with nothing written, where the lease was lost.
    ///
    /// - Parameter pictures: by project key; that of all issues under the empty one.
    public func finish(
        _ claim: RiskPictureClaim, _ pictures: [String: RiskPicture], freshUntil: Timestamp, nextDueAt: Timestamp,
        now: Timestamp
    ) async throws -> Bool {
        let rows = try pictures.sorted { $0.key < $1.key }.map { key, picture -> [SQLValue] in
            [
                .tenant(claim.tenantID), .text(key), .timestamp(now),
                .text(String(decoding: try CanonicalJSON.encode(picture), as: UTF8.self)),
            ]
        }
        return try await driver.write { connection in
            let isOurs = try connection.execute(
                """
                UPDATE risk_picture_jobs SET due_at = ?, fresh_until = ?, lease_token = NULL, leased_until = NULL
                WHERE tenant_id = ? AND lease_token = ?
                """,
                [
                    .timestamp(nextDueAt), .timestamp(freshUntil), .tenant(claim.tenantID), .text(claim.leaseToken),
                ])
            guard isOurs > 0 else { return false }
            try connection.run("DELETE FROM risk_pictures WHERE tenant_id = ?", [.tenant(claim.tenantID)])
            try connection.runAll(
                "INSERT INTO risk_pictures (tenant_id, project_key, made_at, payload) VALUES (?, ?, ?, ?)", rows)
            return true
        }
    }

    /// Gives a claim back, to be tried again at `retryAt`. Without effect where the lease was lost.
    public func fail(_ claim: RiskPictureClaim, retryAt: Timestamp) async throws {
        try await driver.write {
            try $0.run(
                """
                UPDATE risk_picture_jobs SET due_at = ?, fresh_until = ?, lease_token = NULL, leased_until = NULL
                WHERE tenant_id = ? AND lease_token = ?
                """,
                [.timestamp(retryAt), .timestamp(retryAt), .tenant(claim.tenantID), .text(claim.leaseToken)])
        }
    }
}
