import Domain
import Foundation
import Identity
import Yams

/// How people sign in: the `sign_in` section.
struct SignInSettings: Sendable {
    /// A provider of OpenID Connect.
    struct Provider: Sendable {
        var name: String
        var label: String
        var configuration: OpenIDConfiguration
        /// The tenants whose members its claims make.
        var tenants: Set<TenantID>
    }

    /// An instance of Clerk.
    struct Clerk: Sendable {
        var configuration: ClerkConfiguration
        /// The tenants that its organisations stand for.
        var organizations: [String: TenantID]
    }

    var providers: [Provider]
    var clerk: Clerk?
    var isSelfService: Bool
    var sessionSeconds: Int64
}

/// Reads the `sign_in` section.
enum SignInSection {
    private static let key = "sign_in"

    /// Throws ``ConfigurationError`` naming the key.
    ///
    /// - Parameters:
    ///   - publicURL: providers send the browser back there.
    ///   - trialDays: of tenants that people make by themselves.
    ///   - missing: called where the secret of a client is missing, with the error that it is for the daemon.
    static func settings(
        _ settings: Settings, publicURL: String?, trialDays: Int, missing: (ConfigurationError) throws -> Void
    ) throws -> SignInSettings {
        let isSelfService = try settings.flag("\(key).self_service", default: false)
        let hours = try settings.integer("\(key).session_hours", default: 24, in: 1...168)
        let entries = settings.node("\(key).providers", isList: true)
        let clerk = settings.node("\(key).clerk", isList: false)
        try settings.rejectWrongKinds()
        var providers: [SignInSettings.Provider] = []
        if let entries, entries.null == nil {
            guard let sequence = entries.sequence else {
                throw ConfigurationError("\(key).providers must be a list of providers")
            }
            for (index, entry) in sequence.enumerated() {
                let table = try SettingsTable(entry, at: "\(key).providers[\(index)]")
                providers.append(try provider(table, settings, publicURL: publicURL, missing: missing))
            }
        }
        if let name = Dictionary(grouping: providers, by: \.name).filter({ $0.value.count > 1 }).keys.min() {
            throw ConfigurationError("\(key).providers has the name \(name) twice")
        }
        guard !isSelfService || trialDays > 0 else {
            throw ConfigurationError(
                "\(key).self_service needs tenants.trial_days: tenants that people create are on trial")
        }
        guard !isSelfService || !providers.isEmpty else {
            throw ConfigurationError("\(key).self_service needs at least one of \(key).providers")
        }
        return SignInSettings(
            providers: providers, clerk: try clerk.flatMap { try Self.clerk($0) }, isSelfService: isSelfService,
            sessionSeconds: Int64(hours) * 3600)
    }

    private static func provider(
        _ table: SettingsTable, _ settings: Settings, publicURL: String?,
        missing: (ConfigurationError) throws -> Void
    ) throws -> SignInSettings.Provider {
        var table = table
        let name = try table.required("name")
        guard name.wholeMatch(of: /(?:[a-z0-9]+-)*[a-z0-9]+/) != nil, name.count <= 40, name != "clerk" else {
            throw table.error("name", "must be lower-case letters and digits, with hyphens between them, and not clerk")
        }
        guard let publicURL else {
            throw ConfigurationError("\(key).providers needs http.public_url: the provider sends browsers back there")
        }
        let authentication = try authentication(&table, named: name, settings, missing: missing)
        let (issuer, clientID) = (try table.required("issuer"), try table.required("client_id"))
        let scopes = try table.list("scopes") ?? ["openid", "email", "profile"]
        let skew = try table.integer("clock_skew_seconds", default: 60, in: 0...300)
        let parameters = try table.texts("parameters") ?? [:]
        let (rolePath, label) = (try table.text("role_claim"), try table.text("label") ?? name)
        let (mapped, otherwise) = (try table.texts("roles"), try table.text("default_role"))
        let roles = try roles(mapped, of: table, otherwise: otherwise)
        let tenants = try tenants(try table.list("tenants"), of: table)
        try table.rejectUnread()
        let hasRoles = rolePath != nil || otherwise != nil
        guard hasRoles || mapped == nil else { throw table.error("roles", "needs role_claim") }
        guard hasRoles == !tenants.isEmpty else {
            throw table.error("tenants", "must list the tenants in which role_claim or default_role holds")
        }
        do throws(ConfigurationMistake) {
            let configuration = try OpenIDConfiguration(
                issuer: issuer, clientID: clientID, clientAuthentication: authentication,
                redirectURI: "\(publicURL)/dashboard/sign-in/\(name)/callback", scopes: scopes,
                clockSkewSeconds: Int64(skew), rolePath: rolePath, roles: roles, parameters: parameters)
            return .init(name: name, label: label, configuration: configuration, tenants: tenants)
        } catch {
            throw table.error(error.field, error.reason)
        }
    }

    private static func authentication(
        _ table: inout SettingsTable, named name: String, _ settings: Settings,
        missing: (ConfigurationError) throws -> Void
    ) throws -> OpenIDConfiguration.ClientAuthentication {
        let method = try table.choice("client_authentication", of: ["basic", "post", "none"], default: "basic")
        let given = try table.text("client_secret").map { Secret($0) }
        guard method != "none" else { return .none }
        guard let secret = settings.credential("client.secret.\(name)") ?? given else {
            try missing(
                table.error(
                    "client_secret",
                    "is not set: give it as the credential 'client-secret-\(name)', or set client_authentication: none")
            )
            return .none
        }
        return method == "post" ? .post(secret) : .basic(secret)
    }

    private static func clerk(_ node: Node) throws -> SignInSettings.Clerk? {
        guard node.null == nil else { return nil }
        var table = try SettingsTable(node, at: "\(key).clerk")
        let organizations = try (try table.texts("organizations") ?? [:]).mapValues { text in
            guard let id = TenantID(text) else {
                throw table.error("organizations", "must have the id of a tenant for each organisation")
            }
            return id
        }
        let mapped = try table.texts("roles")
        let roles = try mapped == nil ? ClerkConfiguration.defaultRoles : roles(mapped, of: table, otherwise: nil)
        let (issuer, keys) = (try table.required("issuer"), try table.text("jwks_url"))
        let parties = Set(try table.list("authorized_parties") ?? [])
        let acceptsUnnamed = try table.flag("accept_tokens_without_party", default: false)
        let audiences = Set(try table.list("audiences") ?? [])
        let skew = try table.integer("clock_skew_seconds", default: 5, in: 0...300)
        try table.rejectUnread()
        do throws(ConfigurationMistake) {
            return SignInSettings.Clerk(
                configuration: try ClerkConfiguration(
                    issuer: issuer, jwksURL: keys, authorizedParties: parties,
                    acceptsTokensWithoutParty: acceptsUnnamed, audiences: audiences, clockSkewSeconds: Int64(skew),
                    roles: roles), organizations: organizations)
        } catch {
            throw table.error(error.field, error.reason)
        }
    }

    private static func tenants(_ texts: [String]?, of table: SettingsTable) throws -> Set<TenantID> {
        Set(
            try (texts ?? []).map { text in
                guard let id = TenantID(text) else { throw table.error("tenants", "must list the ids of tenants") }
                return id
            })
    }

    /// Owner, manager and viewer by their names where the configuration maps none.
    private static func roles(
        _ texts: [String: String]?, of table: SettingsTable, otherwise: String?
    ) throws -> RoleMapping {
        var mapping = RoleMapping(
            RoleMapping.byName.roles, otherwise: try externalRole(otherwise, "default_role", of: table))
        guard let texts else { return mapping }
        mapping.roles = [:]
        for (value, role) in texts { mapping.roles[value] = try externalRole(role, "roles", of: table) }
        return mapping
    }

    private static func externalRole(
        _ text: String?, _ field: String, of table: SettingsTable
    ) throws -> ExternalRole? {
        guard let text else { return nil }
        guard let role = ExternalRole(rawValue: text) else {
            throw table.error(field, "must be one of owner, manager, viewer")
        }
        return role
    }
}
