import Domain
import Foundation
import NIOCore
import TestSupport
import Testing
import WorkLoop

@testable import DaemonTestSupport
@testable import WebhookIngest

@Suite struct SignatureVerifierTests {
    private let secret = Array("It's a Secret to Everybody".utf8)
    private let body = Array("Hello World!".utf8)
    private let digest = "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"

    @Test func verifiesTheExampleOfAtlassiansDocumentation() {
        #expect(SignatureVerifier(secrets: [secret]).verifies(body, signature: "sha256=" + digest))
    }

    @Test func letterCaseAndSurroundingSpaceDoNotMatter() {
        let verifier = SignatureVerifier(secrets: [secret])
        #expect(verifier.verifies(body, signature: "sha256=" + digest.uppercased()))
        #expect(verifier.verifies(body, signature: " SHA256=\(digest) "))
    }

    @Test func refusesWhatIsNoSHA256Signature() {
        let verifier = SignatureVerifier(secrets: [secret])
        let malformed = [
            nil, "", "=", "sha256", "sha256=", digest, "=\(digest)", "sha1=\(digest)", "sha512=\(digest)",
            "sha256 \(digest)", "sha256==\(digest)", "=sha256=\(digest)", "sha256= \(digest)", "sha256=\(digest)0",
            "sha256=\(digest.dropLast())", "sha256=\(digest.dropLast(2))", "sha256=\(digest.dropLast())g",
            "sha256=\(digest), sha256=\(digest)", "sha256=\(digest.dropLast(2))é",
        ]
        for header in malformed {
            #expect(!verifier.verifies(body, signature: header), "\(header ?? "no header")")
        }
    }

    @Test func aFlippedBitOfTheBodyIsRefused() {
        var random = SeededGenerator(seed: 1)
        for length in [1, 12, 63, 64, 65, 300] {
            let body = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let signed = signature(of: body, secret: secret)
            let verifier = SignatureVerifier(secrets: [secret])
            #expect(verifier.verifies(body, signature: signed))
            for bit in 0..<length * 8 {
                var changed = body
                changed[bit / 8] ^= 1 << (bit % 8)
                #expect(!verifier.verifies(changed, signature: signed), "length \(length), bit \(bit)")
            }
        }
    }

    @Test func aFlippedBitOfTheSignatureIsRefused() {
        let verifier = SignatureVerifier(secrets: [secret])
        let digits = digest.map { $0.hexDigitValue ?? 0 }
        for bit in 0..<256 {
            var changed = digits
            changed[bit / 4] ^= 1 << (bit % 4)
            let signature = "sha256=" + changed.map { String($0, radix: 16) }.joined()
            #expect(!verifier.verifies(body, signature: signature), "bit \(bit)")
        }
    }

    @Test func anyOfSeveralSecretsMayHaveSigned() {
        let (old, new, other) = (Array("old".utf8), Array("new".utf8), Array("other".utf8))
        let verifier = SignatureVerifier(secrets: [old, new])
        #expect(verifier.verifies(body, signature: signature(of: body, secret: old)))
        #expect(verifier.verifies(body, signature: signature(of: body, secret: new)))
        #expect(!verifier.verifies(body, signature: signature(of: body, secret: other)))
    }

    /// A body that is checked in pieces, on threads apart, is checked as one that is small.
    @Test(arguments: [1, 16_384, 65_536, 65_537, 1_048_576, 3_000_000], [1, 4, 70])
    func theSizeOfABodyAndTheNumberOfSecretsDoNotMatter(length: Int, secrets: Int) async throws {
        let threads = SharedThreads<TenantID>(count: 2, perKey: 1)
        let body = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let keys = (0..<secrets).map { Array("secret \($0)".utf8) }
        let last = try #require(keys.last)
        for (secret, isRight) in [(last, true), (Array("guess".utf8), false)] {
            var check = BodyCheck(SignatureVerifier(secrets: keys), threads: threads, tenantID: TenantID(UUID()))
            for start in stride(from: 0, to: length, by: 16_384) {
                try await check.take(ByteBuffer(bytes: body[start..<min(start + 16_384, length)]))
            }
            let signed = try #require(Signature(signature(of: body, secret: secret)))
            #expect(try await check.verifies(signed) == isRight)
        }
        try await threads.shutDown()
    }

    @Test func withoutASecretNothingVerifies() {
        let signedWithNothing = signature(of: body, secret: [])
        #expect(!SignatureVerifier(secrets: []).verifies(body, signature: signedWithNothing))
        #expect(!SignatureVerifier(secrets: [[]]).verifies(body, signature: signedWithNothing))
        #expect(!SignatureVerifier(secrets: [[], secret]).verifies(body, signature: signedWithNothing))
    }
}

extension SignatureVerifier {
    /// As the door does it with the header of a request.
    fileprivate func verifies(_ body: [UInt8], signature header: String?) -> Bool {
        guard let signature = Signature(header) else { return false }
        var verifier = self
        // In two parts, as it may come.
        verifier.update(body.prefix(body.count / 2))
        verifier.update(body.dropFirst(body.count / 2))
        return verifier.verifies(signature)
    }
}
