import Crypto
public import Domain
import Foundation

/// The tokens of links in messages: what a link does, and a signature by a key that only this host has.
///
/// 42 bytes and the first 128 bits of their HMAC-SHA256, in base64url: a version, the kind, the tenant, the object, and the
/// end in milliseconds (0 for none). No name and no address is in it. The key is derived from the encryption key (HKDF, RFC
/// 5869), so that links stay good as long as that key is configured: the first signs, all verify.
public struct LinkTokens: Sendable {
    private static let version: UInt8 = 1
    private static let label = Data("consilod: links in messages, version 1".utf8)
    private static let (payloadSize, codeSize) = (42, 16)
    /// Without padding.
    private static let length = ((payloadSize + codeSize) * 8 + 5) / 6

    private let keys: [SymmetricKey]

    /// - Parameter keys: encryption keys, at least one; 32 bytes each. Their form was checked before.
    init(keys: [Data]) {
        self.keys = keys.map {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: SymmetricKey(data: $0), info: Self.label, outputByteCount: 32)
        }
    }

    /// The token of a link, the same for the same link and key.
    public func token(for link: MessageLink) -> String {
        let payload = Self.payload(of: link)
        return Self.text(of: payload + Self.code(of: payload, by: keys[0]))
    }

    /// What a token does; nil where none of the keys signed it. Whether it has ended is for the caller to see.
    public func link(of token: String) -> MessageLink? {
        guard token.utf8.count == Self.length,
            let data = Base64URL.decode(token + String(repeating: "=", count: (4 - Self.length % 4) % 4))
        else { return nil }
        let bytes = Array(data)
        // Of the last character some bits are not used: one text for a token, and no other.
        guard bytes.count == Self.payloadSize + Self.codeSize, Self.text(of: bytes) == token else { return nil }
        let (payload, code) = (Array(bytes.prefix(Self.payloadSize)), Array(bytes.suffix(Self.codeSize)))
        // Every key is tried, whichever signed.
        let signers = keys.count { ConstantTime.equal(Self.code(of: payload, by: $0), code) }
        return signers > 0 ? Self.link(of: payload) : nil
    }

    private static func text(of bytes: [UInt8]) -> String {
        Base64URL.encode(Data(bytes)).replacing("=", with: "")
    }

    private static func code(of payload: [UInt8], by key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: payload, using: key).prefix(codeSize))
    }

    private static func payload(of link: MessageLink) -> [UInt8] {
        let (kind, object): (UInt8, UUID) =
            switch link.action {
            case .acknowledge(let id): (1, id)
            case .snooze(let id): (2, id)
            case .unsubscribe(let id): (3, id)
            case .confirm(let id): (4, id)
            case .accountMails(let id): (5, id)
            }
        let end = UInt64(bitPattern: link.endsAt?.milliseconds ?? 0)
        return [version, kind] + bytes(of: link.tenantID.uuid) + bytes(of: object)
            + (0..<8).map { UInt8(truncatingIfNeeded: end >> (56 - 8 * $0)) }
    }

    private static func link(of payload: [UInt8]) -> MessageLink? {
        guard payload[0] == version else { return nil }
        let (tenant, object) = (uuid(of: payload[2..<18]), uuid(of: payload[18..<34]))
        let end = Int64(bitPattern: payload[34...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        let action: MessageLink.Action
        switch payload[1] {
        case 1: action = .acknowledge(notificationID: object)
        case 2: action = .snooze(notificationID: object)
        case 3: action = .unsubscribe(recipientID: object)
        case 4: action = .confirm(recipientID: object)
        case 5: action = .accountMails(recipientID: object)
        default: return nil
        }
        return MessageLink(
            tenantID: TenantID(tenant), action: action, endsAt: end == 0 ? nil : Timestamp(milliseconds: end))
    }

    private static func bytes(of id: UUID) -> [UInt8] { withUnsafeBytes(of: id.uuid) { Array($0) } }

    private static func uuid(of bytes: ArraySlice<UInt8>) -> UUID {
        var uuid = UUID().uuid
        withUnsafeMutableBytes(of: &uuid) { $0.copyBytes(from: bytes) }
        return UUID(uuid: uuid)
    }
}

extension LinkTokens: CustomStringConvertible, CustomReflectable {
    /// Without the keys.
    public var description: String { "LinkTokens" }
    /// Keeps the keys out of `dump` too.
    public var customMirror: Mirror { Mirror(reflecting: description) }
}
