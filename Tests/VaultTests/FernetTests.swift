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
        for index in token.indices where token[index] != "=" {
            var changed = token
            changed[index] = token[index] == "A" ? "B" : "A"
            // The last character before the padding may carry bits that belong to no byte.
            guard index < token.count - 3 else { continue }
            #expect(throws: VaultError.self) { try fernet.decrypt(String(changed)) }
        }
    }
}

@Suite struct VaultTests {
    @Test func sealsWithTheFirstKeyAndOpensWithAll() throws {
        let (old, new) = (Fernet.generateKey(), Fernet.generateKey())
        let sealed = try Vault(keys: [old]).seal("token")
        let rotated = try Vault(keys: [new, old])
        #expect(try rotated.open(sealed) == "token")
        #expect(try Vault(keys: [new]).open(rotated.seal("token")) == "token")
        #expect(throws: VaultError.self) { try Vault(keys: [new]).open(sealed) }
    }

    @Test(arguments: ["", "short", "c2hvcnQ=", String(repeating: "A", count: 64), "not base64 at all!"])
    func namesAMalformedKeyWithoutShowingIt(key: String) {
        let error = #expect(throws: VaultError.self) { try Vault(keys: [key]) }
        #expect(error?.code == .malformedKey)
        if !key.isEmpty { #expect(error?.description.contains(key) == false) }
    }

    @Test func sealingTwiceGivesDifferentTokens() throws {
        let vault = try Vault(keys: [Fernet.generateKey()])
        #expect(try vault.seal("same") != vault.seal("same"))
    }

    @Test func apiKeysAreRandomAndHashAsSHA256() {
        #expect(APIKey.generate() != APIKey.generate())
        #expect(APIKey.generate().count == 48)
        #expect(APIKey.hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func comparesTexts() {
        #expect(ConstantTime.equal("same", "same"))
        #expect(!ConstantTime.equal("same", "sane"))
        #expect(!ConstantTime.equal("same", "same "))
        #expect(ConstantTime.equal("", ""))
    }
}
