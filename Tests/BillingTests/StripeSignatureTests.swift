import Crypto
import Domain
import Foundation
import TestSupport
import Testing

@testable import Billing

@Suite struct StripeSignatureTests {
    private static let now = Timestamp(seconds: 1_796_000_000)
    private static let secret = "whsec_of_the_tests"
    private static let body = Array(#"{"id":"evt_1","object":"event","note":"Łódź 🙂"}"#.utf8)

    private func code(_ body: [UInt8], at instant: Int64, secret: String = StripeSignatureTests.secret) -> String {
        let key = SymmetricKey(data: Array(secret.utf8))
        return HMAC<SHA256>.authenticationCode(for: Array("\(instant).".utf8) + body, using: key).hexadecimal
    }

    private func refusal(
        _ header: String?, body: [UInt8] = StripeSignatureTests.body, secrets: [String] = [StripeSignatureTests.secret],
        now: Timestamp = StripeSignatureTests.now
    ) -> StripeSignature.Refusal? {
        do throws(StripeSignature.Refusal) {
            try StripeSignature(secrets: secrets.map { Secret($0) }).verify(body, header: header, now: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func whatOneOfTheSecretsSignedIsTaken() {
        let good = code(Self.body, at: 1_796_000_000)
        #expect(refusal("t=1796000000,v1=\(good)") == nil)
        #expect(refusal("t=1796000000,v1=\(good)", secrets: ["whsec_new", Self.secret]) == nil)
        // While a secret is rotated there is a signature of each; other schemes are passed over.
        let other = code(Self.body, at: 1_796_000_000, secret: "whsec_old")
        #expect(refusal("t=1796000000,v1=\(other),v1=\(good),v0=00") == nil)
        #expect(refusal("v1=\(good), t=1796000000") == nil)
    }

    @Test func anythingElseIsRefused() {
        let good = code(Self.body, at: 1_796_000_000)
        #expect(refusal("t=1796000000,v1=\(good)", body: Self.body + [32]) == .notVerified)
        #expect(refusal("t=1796000001,v1=\(good)") == .notVerified)
        #expect(refusal("t=1796000000,v1=\(good)", secrets: []) == .notVerified)
        #expect(refusal("t=1796000000,v1=\(good)", secrets: [""]) == .notVerified)
        #expect(refusal("t=1796000000,v0=\(good)") == .malformed)
        for header in [
            nil, "", "t=1796000000", "v1=\(good)", "t=,v1=\(good)", "t=01796000000,v1=\(good)", "t=-1,v1=\(good)",
            "t=1796000000,t=1796000000,v1=\(good)", "t=1796000000,v1=\(good.uppercased())", "t=1796000000,v1=\(good)00",
            "t=1796000000;v1=\(good)", "t=1796000000," + String(repeating: "v1=\(good),", count: 17),
        ] {
            #expect(refusal(header) != nil, "\(header ?? "none")")
        }
    }

    @Test(arguments: [(-301, true), (-300, false), (0, false), (300, false), (301, true)] as [(Int64, Bool)])
    func theInstantMayBeFiveMinutesAwayOnBothSides(seconds: Int64, isRefused: Bool) {
        let instant = 1_796_000_000 + seconds
        let header = "t=\(instant),v1=\(code(Self.body, at: instant))"
        #expect(refusal(header) == (isRefused ? .outsideTolerance : nil))
    }

    // MARK: Stripe's own SDK

    private static let script = """
        import sys, time
        sys.path.insert(0, sys.argv[1])
        import stripe
        what, secret, body = sys.argv[2], sys.argv[3], sys.argv[4]
        if what == "sign":
            print(stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=int(sys.argv[5])))
        else:
            try:
                print(stripe.Webhook.construct_event(body, sys.argv[5], secret).id)
            except stripe.SignatureVerificationError:
                print("refused")
        """

    private func sdk(_ what: String, _ body: [UInt8], _ last: String) throws -> String {
        try TestSupport.run([
            "/usr/bin/python3", "-c", Self.script, StripePeers.sdk.path, what, Self.secret,
            String(decoding: body, as: UTF8.self), last,
        ]).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test(.enabled(if: StripePeers.hasSDK, Comment(rawValue: StripePeers.noSDK)))
    func whatStripesLibrarySignsIsTaken() throws {
        #expect(refusal(try sdk("sign", Self.body, "1796000000")) == nil)
        #expect(refusal(try sdk("sign", Self.body, "1796000300")) == nil)
        #expect(refusal(try sdk("sign", Self.body, "1796000301")) == .outsideTolerance)
    }

    @Test(.enabled(if: StripePeers.hasSDK, Comment(rawValue: StripePeers.noSDK)))
    func stripesLibraryReadsWhatTheTestsSign() throws {
        let instant = Int64(Date().timeIntervalSince1970)
        let good = code(Self.body, at: instant)
        #expect(try sdk("read", Self.body, "t=\(instant),v1=\(good)") == "evt_1")
        #expect(try sdk("read", Self.body, "t=\(instant + 1),v1=\(good)") == "refused")
    }
}
