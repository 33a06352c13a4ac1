import Foundation

/// Which trail a row belongs to: each tenant has one, and the host has one for what concerns no tenant alone.
public enum AuditChain: Sendable, Hashable, LosslessStringConvertible {
    case host
    case tenant(TenantID)

    /// The tenant; nil for the host's.
    public var tenantID: TenantID? {
        if case .tenant(let id) = self { id } else { nil }
    }

    /// `host`, or the tenant's id.
    public var description: String {
        switch self {
        case .host: "host"
        case .tenant(let id): id.description
        }
    }

    /// As ``description``; nil for anything else.
    public init?(_ text: String) {
        if text == "host" {
            self = .host
        } else if let id = TenantID(text) {
            self = .tenant(id)
        } else {
            return nil
        }
    }
}

/// What somebody does, before it has its place in a chain.
public struct AuditAct: Sendable, Hashable {
    /// What is done.
    public var action: AuditAction
    /// What kind of thing it is done to.
    public var objectKind: String
    /// Which; nil where there is only one, or none.
    public var objectID: String?
    /// What it was; nil for something new, and for an act that has no fields.
    public var before: AuditFields?
    /// What it is; nil for something that is gone, and for an act that has no fields.
    public var after: AuditFields?

    /// - Parameter kind: nil for the kind that the action names.
    public init(
        _ action: AuditAction, _ objectID: String? = nil, kind: String? = nil, before: AuditFields? = nil,
        after: AuditFields? = nil
    ) {
        self.action = action
        self.objectKind = kind ?? action.objectKind
        self.objectID = objectID
        self.before = before
        self.after = after
    }
}

/// A row of the audit log.
public struct AuditEntry: Sendable, Hashable {
    /// Whose it is.
    public var chain: AuditChain
    /// Its place in the chain, from 1, without gaps.
    public var sequence: Int
    /// When it was written.
    public var at: Timestamp
    /// Who did it (``Actor/description``).
    public var actor: String
    /// What was done: an ``AuditAction``, or that of another version.
    public var action: String
    /// What kind of thing it was done to.
    public var objectKind: String
    /// Which; nil where there is only one, or none.
    public var objectID: String?
    /// A JSON object of the fields before, as it was written; nil for none.
    public var before: String?
    /// A JSON object of the fields after, as it was written; nil for none.
    public var after: String?
    /// The client's address; nil where there was no request, or it is not known.
    public var address: String?
    /// The request's id; nil where there was no request.
    public var requestID: String?
    /// The hash of the row before, 64 hexadecimal digits; of the first row 64 zeros.
    public var previousHash: String
    /// The hash of this row, 64 hexadecimal digits.
    public var hash: String

    public init(
        chain: AuditChain, sequence: Int, at: Timestamp, actor: String, action: String, objectKind: String,
        objectID: String?, before: String?, after: String?, address: String?, requestID: String?,
        previousHash: String, hash: String
    ) {
        self.chain = chain
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.action = action
        self.objectKind = objectKind
        self.objectID = objectID
        self.before = before
        self.after = after
        self.address = address
        self.requestID = requestID
        self.previousHash = previousHash
        self.hash = hash
    }

    /// The fields of a JSON object of ``before`` or ``after``; empty for none.
    public static func fields(_ json: String?) -> [String: AuditValue] {
        // Written by consilod; what somebody has put in its place is for `consilod audit verify` to name.
        json.flatMap { try? CanonicalJSON.decode([String: AuditValue].self, from: Data($0.utf8)) } ?? [:]
    }
}

/// Which rows of a chain a list shows; all conditions that are set must hold.
public struct AuditFilter: Sendable, Hashable {
    /// Exactly this action.
    public var action: String?
    /// Exactly this actor.
    public var actor: String?
    /// Not before.
    public var since: Timestamp?
    /// Before, and not at.
    public var until: Timestamp?

    public init(action: String? = nil, actor: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil) {
        self.action = action
        self.actor = actor
        self.since = since
        self.until = until
    }
}
