/// A row of the audit log as exports and the API show it: with all that its hash is made of, under names that do not change.
public struct AuditLine: Sendable, Encodable {
    /// The row.
    public var entry: AuditEntry

    public init(_ entry: AuditEntry) { self.entry = entry }

    private enum CodingKeys: String, CodingKey {
        case chain, sequence, at, actor, action
        case objectKind = "object_kind"
        case objectID = "object_id"
        case before, after, address
        case requestID = "request_id"
        case previousHash = "previous_hash"
        case hash
    }

    public func encode(to encoder: any Encoder) throws {
        var line = encoder.container(keyedBy: CodingKeys.self)
        try line.encode(entry.chain.description, forKey: .chain)
        try line.encode(entry.sequence, forKey: .sequence)
        try line.encode(entry.at.description, forKey: .at)
        try line.encode(entry.actor, forKey: .actor)
        try line.encode(entry.action, forKey: .action)
        try line.encode(entry.objectKind, forKey: .objectKind)
        // With null: who reads them finds every name.
        try line.encode(entry.objectID, forKey: .objectID)
        try line.encode(entry.before, forKey: .before)
        try line.encode(entry.after, forKey: .after)
        try line.encode(entry.address, forKey: .address)
        try line.encode(entry.requestID, forKey: .requestID)
        try line.encode(entry.previousHash, forKey: .previousHash)
        try line.encode(entry.hash, forKey: .hash)
    }
}
