public import Domain
public import Logging

/// Remembers tenants' webhook secrets for a short while, so that a webhook costs no query and no decryption.
///
/// A changed secret is known at once on the node that changed it, and within the time to live on every other.
public actor WebhookSecretCache: WebhookSecretSource {
    /// What is known of a tenant.
    private struct Secrets: Sendable {
        /// Nil for an unknown tenant.
        var open: [[UInt8]]?
        /// Those that no key opens.
        var unreadable = 0
    }

    private struct Entry {
        var secrets: Secrets
        var loadedAt: Timestamp
    }

    private let load: @Sendable (TenantID) async throws -> Secrets
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
        self.init(timeToLiveSeconds: timeToLiveSeconds, capacity: capacity, now: now) {
            Secrets(open: try await load($0))
        }
    }

    private init(
        timeToLiveSeconds: Int64 = 30, capacity: Int = 4096, now: @escaping @Sendable () -> Timestamp,
        loadSecrets: @escaping @Sendable (TenantID) async throws -> Secrets
    ) {
        self.timeToLiveSeconds = timeToLiveSeconds
        self.capacity = capacity
        self.now = now
        load = loadSecrets
    }

    /// As ``init(timeToLiveSeconds:capacity:now:load:)``, from secrets that are kept encrypted. One that cannot be decrypted
    /// is logged; the others may still verify, and where there is no other, the secrets cannot be read now.
    ///
    /// - Parameters:
    ///   - sealed: reads a tenant's encrypted secrets; nil for an unknown tenant.
    ///   - open: decrypts one.
    public init(
        now: @escaping @Sendable () -> Timestamp, sealed: @escaping @Sendable (TenantID) async throws -> [String]?,
        open: @escaping @Sendable (String) throws -> String, logger: Logger
    ) {
        self.init(now: now) { tenantID in
            var secrets = Secrets(open: nil)
            guard let all = try await sealed(tenantID) else { return secrets }
            secrets.open = all.compactMap { secret in
                do {
                    return Array(try open(secret).utf8)
                } catch {
                    secrets.unreadable += 1
                    return nil
                }
            }
            if secrets.unreadable > 0 {
                logger.error(
                    "cannot decrypt webhook secrets",
                    metadata: ["tenant": "\(tenantID)", "secrets": "\(secrets.unreadable)"])
            }
            return secrets
        }
    }

    /// The secrets as they were at most the time to live ago. Throws what `load` throws, and remembers no such failure; throws
    /// ``UnreadableWebhookSecrets`` where the tenant has secrets and none can be opened.
    public func webhookSecrets(for tenantID: TenantID) async throws -> [[UInt8]]? {
        let secrets = try await secrets(of: tenantID)
        guard secrets.open != [] || secrets.unreadable == 0 else { throw UnreadableWebhookSecrets() }
        return secrets.open
    }

    /// Whether some of the tenant's secrets cannot be opened.
    public func hasUnreadableSecrets(for tenantID: TenantID) async throws -> Bool {
        try await secrets(of: tenantID).unreadable > 0
    }

    private func secrets(of tenantID: TenantID) async throws -> Secrets {
        let (before, askedAt) = (generation, now())
        if let entry = entries[tenantID], isFresh(entry, at: askedAt) { return entry.secrets }
        let secrets = try await load(tenantID)
        if generation == before {
            if entries[tenantID] == nil, entries.count >= capacity { entries.removeAll() }
            entries[tenantID] = Entry(secrets: secrets, loadedAt: askedAt)
        }
        return secrets
    }

    /// A clock that was set back must not prolong the life of a revoked secret.
    private func isFresh(_ entry: Entry, at instant: Timestamp) -> Bool {
        entry.loadedAt <= instant && instant < entry.loadedAt.adding(seconds: timeToLiveSeconds)
    }

    /// Tenants remembered now.
    var count: Int { entries.count }

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

/// A tenant has webhook secrets, and none of the configured keys decrypts any of them.
public struct UnreadableWebhookSecrets: Error, CustomStringConvertible {
    public var description: String { "no configured key decrypts the tenant's webhook secrets" }
}
