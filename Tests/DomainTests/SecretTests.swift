import Domain
import Testing

@Suite struct SecretTests {
    private struct Settings {
        var name = "relay"
        var password: Secret<String>? = "hunter2"
        var environment = Secret(["TOKEN": "hunter2"])
    }

    @Test func whatPrintsAValueThatHoldsOneDoesNotShowIt() {
        let settings = Settings()
        var dumped = ""
        dump(settings, to: &dumped)
        let texts = [
            "\(settings)", String(reflecting: settings), String(describing: settings), dumped,
            "\([settings])", "\(["a": settings])", "\(settings.password as Any)",
            "\(Mirror(reflecting: settings).children)",
        ]
        for text in texts { #expect(!text.contains("hunter2"), "\(text)") }
        #expect(texts[0].contains("relay"))
    }

    @Test func whoAsksForItGetsIt() {
        #expect(Settings().password?.revealed == "hunter2")
        #expect(Settings().environment.revealed == ["TOKEN": "hunter2"])
    }
}
