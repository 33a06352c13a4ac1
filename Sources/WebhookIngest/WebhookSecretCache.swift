public import Domain

/// Remembers tenants' webhook secrets for a short while, so that a webhook costs no query and no decryption.
///
/// A changed secret is known at once on the node that changed it, and within the time to live on every other.
public actor WebhookSecretCache: WebhookSecretSource {
    private struct Entry {
        var secrets: [[UInt8]]?
        var loadedAt: Timestamp
    }

    private let load: @Sendable (TenantID) async throws -> [[UInt8]]?
    private let now: @Sendable () -> Timestamp
    private let timeToLiveSeconds: Int64
    private let capacity: Int
    private var entries: [TenantID: Entry] = [:]
    /// Moves on with every invalidation: what was loaded before one is not kept after it.
    private var generation = 0

    /// - Parameters:
    ///   - timeToLiveSeconds: how long secrets, and the answer that a tenant is unknown, are believed.
    ///   - capacity: most tenants remembered; requests for made-up tenants cannot fill the memory.
    ///   - load: reads a tenant's secrets in clear; nil for an unknown tenant.
    public init(
        timeToLiveSeconds: Int64 = 30, capacity: Int = 4096, now: @escaping @Sendable () -> Timestamp,
        load: @escaping @Sendable (TenantID) async throws -> [[UInt8]]?
    ) {
        self.timeToLiveSeconds = timeToLiveSeconds
        self.capacity = capacity
        self.now = now
        self.load = load
    }

    public func webhookSecrets(for tenantID: TenantID) async throws -> [[UInt8]]? {
        if let entry = entries[tenantID], entry.loadedAt > now().adding(seconds: -timeToLiveSeconds) {
            return entry.secrets
        }
        let (before, loadedAt) = (generation, now())
        let secrets = try await load(tenantID)
        if generation == before {
            if entries.count >= capacity { entries.removeAll() }
            entries[tenantID] = Entry(secrets: secrets, loadedAt: loadedAt)
        }
        return secrets
    }

    /// Forgets a tenant whose secrets have changed.
    public func invalidate(_ tenantID: TenantID) {
        generation += 1
        entries[tenantID] = nil
    }

    /// Forgets everything.
    public func invalidateAll() {
        generation += 1
        entries.removeAll()
    }
}
