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
        // Whatever is longer is none: space around it is not worth more looking.
        guard let header, header.utf8.count <= 128 else { return nil }
        let parts = header.trimmingCharacters(in: .whitespaces)
            .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "sha256", parts[1].utf8.count == 64 else { return nil }
        let digits = parts[1].utf8.map(Self.nibble)
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
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
