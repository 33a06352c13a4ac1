public import Domain
public import Foundation

/// A tenant's rules: when it is alerted. All throw ``QueryError``, ``RequestError``, and what the store throws.
public struct AlertRules: Sendable {
    private let store: any QueryStore

    public init(store: any QueryStore) { self.store = store }

    /// By name.
    public func all(for principal: Principal) async throws -> [AlertRule] {
        try await store.alertRules(try principal.tenant(to: .read).id)
    }

    /// One of them.
    public func rule(_ id: UUID, for principal: Principal) async throws -> AlertRule {
        guard let rule = try await all(for: principal).first(where: { $0.id == id }) else {
            throw RequestError.unknownRule
        }
        return rule
    }

    /// Reads a rule from the fields of a request; saves nothing.
    ///
    /// - Parameter defaultName: for a rule without a name; nil where it must have one.
    public func read(
        _ fields: RequestFields, id: UUID = UUID(), defaultName: String? = nil, for principal: Principal
    ) async throws -> AlertRule {
        let channels = Set(try await store.alertChannels(try principal.tenant(to: .read).id).map(\.id))
        var fields = fields
        return try fields.alertRule(id: id, channels: channels, defaultName: defaultName)
    }

    /// Saves a new one.
    public func add(_ fields: RequestFields, by principal: Principal) async throws -> AlertRule {
        let tenantID = try principal.tenant(to: .manage).id
        let rule = try await read(fields, for: principal)
        try await store.saveAlertRule(tenantID, rule, by: principal.actor)
        return rule
    }

    /// Replaces one.
    public func replace(_ id: UUID, _ fields: RequestFields, by principal: Principal) async throws -> AlertRule {
        let tenantID = try principal.tenant(to: .manage).id
        _ = try await rule(id, for: principal)
        let rule = try await read(fields, id: id, for: principal)
        try await store.saveAlertRule(tenantID, rule, by: principal.actor)
        return rule
    }

    /// Has one evaluated, or no longer.
    public func enable(_ id: UUID, _ isEnabled: Bool, by principal: Principal) async throws {
        let tenantID = try principal.tenant(to: .manage).id
        var rule = try await rule(id, for: principal)
        rule.isEnabled = isEnabled
        try await store.saveAlertRule(tenantID, rule, by: principal.actor)
    }

    /// Deletes one.
    public func delete(_ id: UUID, by principal: Principal) async throws {
        let tenantID = try principal.tenant(to: .manage).id
        guard try await store.deleteAlertRule(tenantID, ruleID: id, by: principal.actor) else {
            throw RequestError.unknownRule
        }
    }
}
