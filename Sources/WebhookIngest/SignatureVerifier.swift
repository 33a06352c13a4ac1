import Crypto
import Foundation

/// Checks Jira's signature of a webhook: `X-Hub-Signature: sha256=<hex>`, the HMAC-SHA256 of the raw body under the
/// webhook's secret (developer.atlassian.com/cloud/jira/platform/webhooks, "Secure admin webhooks").
struct SignatureVerifier: Sendable {
    private let keys: [SymmetricKey]

    /// - Parameter secrets: any may have signed, as while a secret is being rotated. Empty ones are passed over, so
    ///   that no secret means that nothing verifies.
    init(secrets: [[UInt8]]) {
        keys = secrets.filter { !$0.isEmpty }.map { SymmetricKey(data: $0) }
    }

    /// Whether one of the secrets signed exactly these bytes. The comparison takes the same time wherever they differ.
    func verifies(_ body: some DataProtocol, signature: Signature) -> Bool {
        // All keys are tried, so that the time does not tell which of them signed.
        keys.reduce(false) { verified, key in
            HMAC<SHA256>.isValidAuthenticationCode(signature.digest, authenticating: body, using: key) || verified
        }
    }
}

/// What `X-Hub-Signature` claims: the 32 bytes of `sha256=<64 hex digits>`.
struct Signature: Sendable, Hashable {
    let digest: [UInt8]

    /// Nil for anything else, other methods included.
    init?(_ header: String?) {
        // A longer header is no signature, whatever space is around it.
        guard let header, header.utf8.count <= 128 else { return nil }
        let text = header.utf8.trimmingSpace
        guard let equals = text.firstIndex(of: UInt8(ascii: "=")),
            text[..<equals].elementsEqual("sha256".utf8, by: { $0 | 0x20 == $1 || $0 == $1 })
        else { return nil }
        let digits = text[text.index(after: equals)...]
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        var high: UInt8?
        for digit in digits {
            guard let nibble = Self.nibble(digit) else { return nil }
            if let upper = high {
                bytes.append(upper << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        digest = bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension String.UTF8View {
    /// Without the space around it that HTTP allows (RFC 9110, section 5.6.3).
    var trimmingSpace: SubSequence {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let front = drop(while: isSpace)
        guard let last = front.lastIndex(where: { !isSpace($0) }) else { return front[front.endIndex...] }
        return front[...last]
    }
}
