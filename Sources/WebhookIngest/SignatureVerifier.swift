import Crypto
import Foundation

/// Checks Jira's signature of a webhook: `X-Hub-Signature: sha256=<hex>`, the HMAC-SHA256 of the raw body under the
/// webhook's secret (developer.atlassian.com/cloud/jira/platform/webhooks, "Secure admin webhooks").
///
/// The body is taken as it comes, so that the end of a large one leaves little to do.
struct SignatureVerifier: Sendable {
    private var codes: [HMAC<SHA256>]

    /// - Parameter secrets: any may have signed, as while a secret is being rotated. Empty ones are passed over, so
    ///   that no secret means that nothing verifies.
    init(secrets: [[UInt8]]) {
        codes = secrets.filter { !$0.isEmpty }.map { HMAC<SHA256>(key: SymmetricKey(data: $0)) }
    }

    /// How many secrets may have signed; each costs its time for every byte.
    var keyCount: Int { codes.count }

    /// Takes the next bytes of the body.
    mutating func update(_ bytes: some DataProtocol) {
        for index in codes.indices { codes[index].update(data: bytes) }
    }

    /// Whether one of the secrets signed exactly the bytes taken. The comparison takes the same time wherever they differ.
    func verifies(_ signature: Signature) -> Bool {
        // All keys are tried, so that the time does not tell which of them signed.
        codes.reduce(false) { verified, code in code.finalize() == signature.digest || verified }
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
