import Crypto
public import Domain
import Foundation

/// Checks `Stripe-Signature: t=…,v1=…`: the HMAC-SHA256 of the instant, a full stop and the raw body under the endpoint's
/// secret, in hexadecimal (docs.stripe.com/webhooks, "Verify webhook signatures manually").
///
/// While a secret is rotated Stripe signs with both, and so there may be several `v1`; and the host may know several secrets.
public struct StripeSignature: Sendable {
    /// Why a request is not Stripe's.
    public enum Refusal: Error, Sendable, Hashable {
        /// There is no signature, or it cannot be read.
        case malformed
        /// None of the secrets has signed this body.
        case notVerified
        /// It was signed too long ago, or too far ahead.
        case outsideTolerance
    }

    /// How far the instant of a signature may be from now, before and after, in seconds. Stripe's libraries refuse what is older;
    /// one that is dated ahead is refused here too, for what is recorded must not be of use later.
    public static let toleranceSeconds: Int64 = 300
    private static let longestHeader = 4096
    private static let mostSignatures = 16

    private let keys: [SymmetricKey]

    /// - Parameter secrets: of the endpoint, `whsec_…`, as Stripe shows them; any may have signed. Empty ones are passed over.
    public init(secrets: [Secret<String>]) {
        keys = secrets.filter { !$0.revealed.isEmpty }.map { SymmetricKey(data: Array($0.revealed.utf8)) }
    }

    /// Throws where a body is not what Stripe signed.
    ///
    /// - Parameters:
    ///   - body: the bytes as they came.
    ///   - header: the value of `Stripe-Signature`.
    public func verify(_ body: [UInt8], header: String?, now: Timestamp) throws(Refusal) {
        guard let header, let claim = Claim(header) else { throw .malformed }
        let prefix = Array("\(claim.instant).".utf8)
        var isVerified = false
        // All keys and signatures are tried, so that the time tells neither which it is nor where it differs.
        for key in keys {
            var code = HMAC<SHA256>(key: key)
            code.update(data: prefix)
            code.update(data: body)
            let digest = code.finalize()
            for signature in claim.signatures where digest == signature { isVerified = true }
        }
        guard isVerified else { throw .notVerified }
        let difference = now.milliseconds - Timestamp(seconds: claim.instant).milliseconds
        guard abs(difference) <= Self.toleranceSeconds * 1000 else { throw .outsideTolerance }
    }

    /// What the header says.
    private struct Claim {
        /// Seconds since 1970.
        var instant: Int64
        /// The signatures of the scheme `v1`; others are passed over, as they could only be weaker.
        var signatures: [[UInt8]]

        init?(_ header: String) {
            guard header.utf8.count <= StripeSignature.longestHeader else { return nil }
            var instants: [Int64] = []
            signatures = []
            for item in header.utf8.split(separator: UInt8(ascii: ",")) {
                let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else { return nil }
                let name = String(decoding: parts[0], as: UTF8.self).trimmingCharacters(in: .whitespaces)
                switch name {
                case "t":
                    guard let instant = Self.instant(parts[1]) else { return nil }
                    instants.append(instant)
                case "v1":
                    // One that cannot be read signs nothing.
                    if let bytes = Self.bytes(parts[1]) { signatures.append(bytes) }
                default: break
                }
            }
            guard instants.count == 1, let instant = instants.first, !signatures.isEmpty,
                signatures.count <= StripeSignature.mostSignatures
            else { return nil }
            self.instant = instant
        }

        /// Whole seconds as Stripe writes them: what is signed are the digits.
        private static func instant(_ digits: Substring.UTF8View) -> Int64? {
            guard (1...12).contains(digits.count), digits.first != UInt8(ascii: "0"),
                digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { return nil }
            return Int64(String(decoding: digits, as: UTF8.self))
        }

        /// The 32 bytes of 64 hexadecimal digits.
        private static func bytes(_ digits: Substring.UTF8View) -> [UInt8]? {
            guard digits.count == 64 else { return nil }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(32)
            var high: UInt8?
            for digit in digits {
                guard let nibble = nibble(digit) else { return nil }
                if let upper = high {
                    bytes.append(upper << 4 | nibble)
                    high = nil
                } else {
                    high = nibble
                }
            }
            return bytes
        }

        private static func nibble(_ digit: UInt8) -> UInt8? {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            default: nil
            }
        }
    }
}
