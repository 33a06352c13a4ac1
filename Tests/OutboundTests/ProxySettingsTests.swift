import AsyncHTTPClient
import Foundation
import Testing

@testable import Outbound

@Suite struct ProxySettingsTests {
    private func proxy(
        _ environment: [String: String], _ address: String = "https://huggingface.co"
    ) throws -> HTTPClient.Configuration.Proxy? {
        try ProxySettings(environment: environment).proxy(for: #require(URL(string: address)))
    }

    @Test func noVariableIsNoProxy() throws {
        #expect(try proxy([:]) == nil)
        #expect(try proxy(["HTTPS_PROXY": "  "]) == nil)
    }

    @Test func schemeChoosesTheVariable() throws {
        let environment = ["HTTPS_PROXY": "http://s:3128", "HTTP_PROXY": "http://p:8080/", "ALL_PROXY": "http://a:1"]
        #expect(try proxy(environment) == .server(host: "s", port: 3128))
        #expect(try proxy(environment, "http://mirror.example") == .server(host: "p", port: 8080))
        #expect(try proxy(["ALL_PROXY": "http://a:1"]) == .server(host: "a", port: 1))
        #expect(try proxy(["HTTP_PROXY": "http://p:8080"]) == nil)
    }

    @Test func smallLettersWin() throws {
        let environment = ["HTTPS_PROXY": "http://large:1", "https_proxy": "http://small:2"]
        #expect(try proxy(environment) == .server(host: "small", port: 2))
        #expect(try proxy(["HTTPS_PROXY": "http://large:1", "https_proxy": ""]) == .server(host: "large", port: 1))
    }

    @Test(arguments: [
        ("proxy.example:3128", "proxy.example", 3128),
        ("proxy.example", "proxy.example", 80),
        ("HTTP://Proxy.Example:3128", "proxy.example", 3128),
        ("http://[::1]:3128", "::1", 3128),
    ])
    func addressOfTheProxyIsRead(value: String, host: String, port: Int) throws {
        #expect(try proxy(["HTTPS_PROXY": value]) == .server(host: host, port: port))
    }

    @Test func userAndPasswordAreSentToTheProxy() throws {
        #expect(
            try proxy(["HTTPS_PROXY": "http://ada:p%40ss@proxy:3128"])
                == .server(
                    host: "proxy", port: 3128, authorization: .basic(username: "ada", password: "p@ss")))
    }

    @Test func socksIsSupportedWithoutAPassword() throws {
        #expect(try proxy(["ALL_PROXY": "socks5://proxy:1081"]) == .socksServer(host: "proxy", port: 1081))
        #expect(try proxy(["ALL_PROXY": "socks5h://proxy"]) == .socksServer(host: "proxy", port: 1080))
    }

    @Test(arguments: [
        "https://ada:secret@proxy:3128", "socks4://ada:secret@proxy", "socks5://ada:secret@proxy",
        "http://ada:secret@proxy:99999", "http://ada:secret@proxy:port", "http://ada:secret@",
        "http://ada:secret@proxy:3128/path",
    ])
    func malformedValueIsNamedAndNotShown(value: String) throws {
        let error = try #require(throws: ProxySettingError.self) { try proxy(["HTTPS_PROXY": value]) }
        #expect(error.variable == "HTTPS_PROXY")
        #expect(error.description.contains("HTTPS_PROXY"))
        #expect(!error.description.contains("secret"))
    }

    @Test(arguments: [
        "*", "huggingface.co", "HuggingFace.co", ".huggingface.co", "*.huggingface.co", "co",
        "a.example, huggingface.co",
        "a.example huggingface.co", "huggingface.co:443",
    ])
    func exceptedHostIsReachedDirectly(exceptions: String) throws {
        #expect(try proxy(["HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": exceptions]) == nil)
    }

    @Test(arguments: ["", "face.co", "huggingface.co:80", "hub.huggingface.co", "huggingface.co.example", ","])
    func otherHostsAreNotExcepted(exceptions: String) throws {
        #expect(
            try proxy(["HTTPS_PROXY": "http://proxy:3128", "no_proxy": exceptions])
                == .server(host: "proxy", port: 3128))
    }

    @Test func exceptedAddressMayBeIPv6() throws {
        let environment = ["ALL_PROXY": "http://proxy:3128", "NO_PROXY": "::1,[fd00::2]:8080"]
        #expect(try proxy(environment, "http://[::1]:9000") == nil)
        #expect(try proxy(environment, "http://[fd00::2]:8080") == nil)
        #expect(try proxy(environment, "http://[fd00::2]:9000") != nil)
    }
}
