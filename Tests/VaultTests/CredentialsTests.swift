import Testing

@testable import Vault

@Suite struct CredentialsTests {
    @Test func apiKeysAndWebhookSecretsCarry256RandomBits() throws {
        for _ in 0..<100 {
            #expect(APIKey.generate().wholeMatch(of: /cslk_[A-Za-z0-9_-]{43}/) != nil)
            #expect(WebhookSecret.generate().wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
        }
        #expect(Set((0..<100).map { _ in APIKey.generate() }).count == 100)
        #expect(Set((0..<100).map { _ in WebhookSecret.generate() }).count == 100)
    }

    @Test func apiKeysAreHashedWithSHA256() {
        // FIPS 180-2, appendix B.1.
        #expect(APIKey.hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func comparesTexts() {
        #expect(ConstantTime.equal("same", "same"))
        #expect(ConstantTime.equal("", ""))
        #expect(!ConstantTime.equal("same", "sane"))
        #expect(!ConstantTime.equal("same", "same "))
        #expect(!ConstantTime.equal("", "same"))
    }

    @Test func textsThatOnlyLookTheSameDiffer() {
        // Both are "é" to `String ==`.
        #expect(!ConstantTime.equal("\u{E9}", "e\u{301}"))
    }
}
