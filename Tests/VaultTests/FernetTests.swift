import CryptoExtras
import Domain
import Foundation
import TestSupport
import Testing

@testable import Vault

@Suite struct FernetTests {
    private struct Vector: Decodable {
        var desc: String?
        var token: String
        var now: String
        var iv: [UInt8]?
        var ttl_sec: Int64?
        var src: String?
        var secret: String

        var date: Date {
            get throws { Date(timeIntervalSince1970: Double(try #require(Timestamp(now)).milliseconds) / 1000) }
        }
    }

    private func vectors(_ name: String) throws -> [Vector] {
        let file = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
        return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))
    }

    @Test func generatesTheSpecifiedTokens() throws {
        for vector in try vectors("generate") {
            let token = try Fernet(key: vector.secret).encrypt(
                Data(try #require(vector.src).utf8), seconds: Int64(try vector.date.timeIntervalSince1970),
                iv: AES._CBC.IV(ivBytes: try #require(vector.iv)))
            #expect(token == vector.token)
        }
    }

    @Test func verifiesTheSpecifiedTokens() throws {
        for vector in try vectors("verify") {
            let text = try Fernet(key: vector.secret).decrypt(
                vector.token, timeToLive: vector.ttl_sec, now: vector.date)
            #expect(String(decoding: text, as: UTF8.self) == vector.src)
        }
    }

    @Test func refusesTheSpecifiedInvalidTokens() throws {
        let all = try vectors("invalid")
        #expect(all.count == 11)
        for vector in all {
            #expect(throws: VaultError.self, "\(vector.desc ?? "")") {
                try Fernet(key: vector.secret).decrypt(vector.token, timeToLive: vector.ttl_sec, now: vector.date)
            }
        }
    }

    @Test func opensWhatItSealedWhateverTheLength() throws {
        let fernet = try Fernet(key: Fernet.generateKey())
        var random = SeededGenerator(seed: 1)
        for length in 0..<200 {
            let text = Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
            #expect(try fernet.decrypt(fernet.encrypt(text)) == text)
        }
    }

    @Test func anyChangedCharacterIsRefused() throws {
        let fernet = try Fernet(key: Fernet.generateKey())
        let token = Array(try fernet.encrypt(Data("a jira token".utf8)))
        // The last character before the padding carries bits that belong to no byte.
        for index in token.indices.dropLast(3) {
            var changed = token
            changed[index] = token[index] == "A" ? "B" : "A"
            #expect(throws: VaultError.self, "character \(index)") { try fernet.decrypt(String(changed)) }
        }
    }

    @Test func withoutATimeToLiveTokensDoNotAge() throws {
        let fernet = try Fernet(key: Fernet.generateKey())
        let token = try fernet.encrypt(Data("a jira token".utf8), now: Date(timeIntervalSince1970: 0))
        #expect(try fernet.decrypt(token, now: Date(timeIntervalSince1970: 4e9)) == Data("a jira token".utf8))
    }

    @Test func timeToLiveAndClockSkewEndWithTheSecondTheyName() throws {
        let fernet = try Fernet(key: Fernet.generateKey())
        let sealed = Date(timeIntervalSince1970: 1_780_000_000)
        let token = try fernet.encrypt(Data("a jira token".utf8), now: sealed)
        for (age, isValid) in [(60, true), (61, false), (-60, true), (-61, false)] {
            let now = sealed.addingTimeInterval(Double(age))
            let opened = try? fernet.decrypt(token, timeToLive: 60, now: now)
            #expect((opened != nil) == isValid, "age \(age)")
        }
    }

    @Test func opensWhatPythonSealed() throws {
        // Made with the Fernet class of Python's `cryptography` 48.
        let fernet = try Fernet(key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        let token =
            "gAAAAABqGKUA0oypVbDdaMb8k18FCtbg4sgmWAtg0PNrgSnPj4Lik8WDWv85dM2COF8LPZJ77vuGDFVW"
            + "j3uDDYclxna2VITouRAZyxSEOJXncadG7VfN2Gc="
        #expect(try fernet.decrypt(token) == Data("grüße aus python".utf8))
    }
}
