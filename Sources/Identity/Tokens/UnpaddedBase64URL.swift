import Crypto
import Domain
import Foundation

/// Base64url without padding, as tokens have it (RFC 7515, section 2).
enum UnpaddedBase64URL {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Base64URL.encode(Data(bytes)).replacing("=", with: "")
    }

    /// Nil for anything but the one spelling that the bytes have: no padding, no white space, and the bits of the last
    /// character that are not used are zero. So no character of a token can change without its bytes changing.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard padding.count < 3, let bytes = Base64URL.decode(String(text) + padding), encode(bytes) == text else {
            return nil
        }
        return Array(bytes)
    }

    /// 256 random bits, in 43 characters.
    static func random() -> String { SymmetricKey(size: .bits256).withUnsafeBytes { encode($0) } }
}
