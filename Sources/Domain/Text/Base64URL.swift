public import Foundation

/// Base64 that needs no escaping in a URL (RFC 4648, section 5), with padding.
public enum Base64URL {
    /// The alphabet of section 5, padded with `=` to a multiple of four characters.
    public static func encode(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }

    /// Nil for any character outside of the alphabet, and for wrong padding.
    public static func decode(_ text: String) -> Data? {
        guard text.utf8.allSatisfy(isOfAlphabet) else { return nil }
        return Data(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/"))
    }

    private static func isOfAlphabet(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}
