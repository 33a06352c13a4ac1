import Testing

@testable import Vault

@Suite struct VaultTests {
    @Test func sealsWithTheFirstKeyAndOpensWithAll() throws {
        let (old, new) = (Fernet.generateKey(), Fernet.generateKey())
        let sealed = try Vault(keys: [old]).seal("token")
        let rotated = try Vault(keys: [new, old])
        #expect(try rotated.open(sealed) == "token")
        #expect(try Vault(keys: [new]).open(rotated.seal("token")) == "token")
        #expect(throws: VaultError.self) { try Vault(keys: [new]).open(sealed) }
    }

    @Test func saysWhichKeyOpensAValue() throws {
        let (old, new) = (Fernet.generateKey(), Fernet.generateKey())
        let rotated = try Vault(keys: [new, old])
        #expect(rotated.keyIndex(of: try Vault(keys: [old]).seal("token")) == 1)
        #expect(rotated.keyIndex(of: try rotated.seal("token")) == 0)
        #expect(try Vault(keys: [new]).keyIndex(of: Vault(keys: [old]).seal("token")) == nil)
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

    @Test func withoutAKeyThereIsNoVault() {
        let error = #expect(throws: VaultError.self) { try Vault(keys: []) }
        #expect(error?.code == .malformedKey)
    }

    @Test func oneMalformedKeyAmongGoodOnesIsRefused() {
        #expect(throws: VaultError.self) { try Vault(keys: [Fernet.generateKey(), "short"]) }
    }

    @Test(arguments: ["", "jira-token", "gAAAAA=="])
    func namesAnUnreadableValueWithoutShowingIt(sealed: String) throws {
        let vault = try Vault(keys: [Fernet.generateKey()])
        let error = #expect(throws: VaultError.self) { try vault.open(sealed) }
        #expect(error?.code == .invalidToken)
        if !sealed.isEmpty { #expect(error?.description.contains(sealed) == false) }
    }
}
