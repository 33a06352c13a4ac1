import Domain
import Foundation
import TestSupport
import Testing

@testable import Vault

@Suite struct LinkTokensTests {
    private func randomLink(_ rng: inout SeededGenerator) -> MessageLink {
        func id() -> UUID {
            var bytes = UUID().uuid
            withUnsafeMutableBytes(of: &bytes) { buffer in
                for index in buffer.indices { buffer[index] = .random(in: 0...255, using: &rng) }
            }
            return UUID(uuid: bytes)
        }
        let object = id()
        let actions: [MessageLink.Action] = [
            .acknowledge(notificationID: object), .snooze(notificationID: object), .unsubscribe(recipientID: object),
            .confirm(recipientID: object), .accountMails(recipientID: object),
        ]
        let end = Int64.random(in: 1...4_000_000_000_000, using: &rng)
        return MessageLink(
            tenantID: TenantID(id()), action: actions[Int.random(in: 0..<actions.count, using: &rng)],
            endsAt: Bool.random(using: &rng) ? nil : Timestamp(milliseconds: end))
    }

    @Test func aTokenSaysWhatItWasMadeForAndNothingElseIsOne() throws {
        let tokens = try Vault(keys: [Fernet.generateKey()]).linkTokens
        var rng = SeededGenerator(seed: 39)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for _ in 0..<500 {
            let link = randomLink(&rng)
            let token = tokens.token(for: link)
            #expect(tokens.link(of: token) == link)
            #expect(token == tokens.token(for: link))
            // Every other text, however near: one character changed, at any place, the last one's unused bits too.
            var forged = Array(token)
            let place = Int.random(in: 0..<forged.count, using: &rng)
            let other = try #require(alphabet.filter { $0 != forged[place] }.randomElement(using: &rng))
            forged[place] = other
            #expect(tokens.link(of: String(forged)) == nil, "\(place)")
            #expect(tokens.link(of: String(token.dropLast())) == nil)
            #expect(tokens.link(of: token + "A") == nil)
        }
        for last in alphabet {
            let token = tokens.token(for: randomLink(&rng))
            let changed = token.dropLast() + [last]
            #expect((tokens.link(of: String(changed)) == nil) == (String(changed) != token))
        }
        for text in ["", "=", "none", "ä", String(repeating: "A", count: 78), String(repeating: "=", count: 78)] {
            #expect(tokens.link(of: text) == nil)
        }
    }

    @Test func linksStayGoodWhileTheKeyThatSignedThemIsConfigured() throws {
        let (old, new, other) = (Fernet.generateKey(), Fernet.generateKey(), Fernet.generateKey())
        var rng = SeededGenerator(seed: 40)
        let link = randomLink(&rng)
        let token = try Vault(keys: [old]).linkTokens.token(for: link)
        let rotated = try Vault(keys: [new, old]).linkTokens
        #expect(rotated.link(of: token) == link)
        #expect(rotated.token(for: link) != token)
        #expect(try Vault(keys: [new]).linkTokens.link(of: rotated.token(for: link)) == link)
        #expect(try Vault(keys: [new]).linkTokens.link(of: token) == nil)
        #expect(try Vault(keys: [other]).linkTokens.link(of: token) == nil)
    }

    @Test func nothingThatDescribesThemShowsAKey() throws {
        let tokens = try Vault(keys: [Fernet.generateKey()]).linkTokens
        var dumped = ""
        dump(tokens, to: &dumped)
        for text in ["\(tokens)", String(reflecting: tokens), dumped] {
            #expect(text.contains("LinkTokens") && !text.contains("Key"))
        }
    }
}
