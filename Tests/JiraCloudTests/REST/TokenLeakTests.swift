import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import JiraCloud

@Suite struct TokenLeakTests {
    private func client(
        _ site: String, _ transport: JiraTransport, gateway: String = JiraClient.atlassianGateway
    ) -> JiraClient {
        let budget = JiraBudget(limits: .init(attempts: 2), context: BudgetTime().context())
        return JiraClient(
            account: JiraAccount(siteURL: site, email: "bot@example.com", token: "s3cr3t-t0ken"), transport: transport,
            budget: budget, gatewayURL: gateway, logger: quietLogger)
    }

    private func ask(_ client: JiraClient) async -> JiraError? {
        await failure { () async throws(JiraError) in try await client.myself() }
    }

    private func isRefusal(_ error: JiraError?) -> Bool {
        if case .refusedAddress = error { true } else { false }
    }

    @Test(arguments: [
        "localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "[::1]",
        "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "LOCALHOST", "localhost.",
    ])
    func loopbackIsNotEvenConnectedToInWhateverNotation(host: String) async throws {
        try await RecordingListener.run { listener in
            try await withTransport(AddressPolicy()) { transport in
                let error = await ask(client("https://\(host):\(listener.port)", transport))
                // A resolver may not know a notation; then there is nothing to connect to.
                let isUnknown = error == .unavailable(reason: "the host does not resolve")
                #expect(isRefusal(error) || isUnknown, "\(error as Any)")
                #expect(listener.connectionCount == 0)
            }
        }
    }

    @Test func localhostByNameIsRefused() async throws {
        try await withTransport(AddressPolicy()) { transport in
            #expect(isRefusal(await ask(client("https://localhost:1", transport))))
            #expect(isRefusal(await ask(client("https://127.0.0.1:1", transport))))
        }
    }

    @Test func plainHTTPIsForNamedHostsOnly() async throws {
        try await RecordingListener.run { listener in
            try await withTransport(AddressPolicy(allowsPrivateAddresses: true)) { transport in
                #expect(isRefusal(await ask(client("http://127.0.0.1:\(listener.port)", transport))))
                #expect(listener.connectionCount == 0)
            }
            try await withTransport(AddressPolicy(allowedHosts: ["127.0.0.1"])) { transport in
                #expect(!isRefusal(await ask(client("http://127.0.0.1:\(listener.port)", transport))))
                #expect(listener.text.contains("Basic "))
            }
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://example.com", "example.com", "", "https://user:pw@example.com"])
    func whatIsNoAddressOfAHostIsRefused(address: String) async throws {
        try await withTransport(AddressPolicy()) { transport in
            #expect(isRefusal(await ask(client(address, transport))))
        }
    }

    /// What DNS rebinding does: the name is judged by one address and connected to at another. 1.1.1.1 is judged here,
    /// without being called, and the connection goes to the listener.
    @Test func connectionToARefusedAddressCarriesNoRequest() async throws {
        try await RecordingListener.run { listener in
            let transport = JiraTransport(
                client: OutboundClient(
                    policy: AddressPolicy(), requiresTLS: false, dnsOverride: ["1.1.1.1": "127.0.0.1"]),
                timeout: .seconds(20), answerLimit: 1000)
            let error = await ask(client("http://1.1.1.1:\(listener.port)", transport))
            #expect(isRefusal(error), "\(error as Any)")
            // A second one finds the pool in order.
            #expect(isRefusal(await ask(client("http://1.1.1.1:\(listener.port)", transport))))
            try await eventually("both connections were seen") { listener.connectionCount == 2 }
            #expect(listener.text.isEmpty)
            try await transport.shutdown()
        }
    }

    @Test func redirectIsNotFollowed() async throws {
        try await RecordingListener.run { listener in
            try await SimulatedJira.run { jira in
                jira.script(.redirect(to: "http://127.0.0.1:\(listener.port)/rest/api/3/myself"), on: .myself)
                try await withTransport { transport in
                    let error = await ask(jira.client(transport))
                    #expect(error == .malformedAnswer(reason: "it is a redirect (302), and none is followed"))
                    #expect(listener.connectionCount == 0)
                    #expect(jira.count(of: .myself) == 1)
                }
            }
        }
    }

    @Test func answerWithoutEndIsCutOff() async throws {
        try await SimulatedJira.run { jira in
            try jira.add(SimulatedJira.issue("1", key: "ENG-1", updated: midday, comments: comments(1...19)))
            try await withTransport(answerLimit: 1000) { transport in
                let client = jira.client(transport)
                let error = await failure { () async throws(JiraError) in try await client.issues(["1"]) }
                #expect(error == .malformedAnswer(reason: "it is too large"))
            }
            try await withTransport(timeout: .milliseconds(200)) { transport in
                jira.script(.latency(.seconds(600)), on: .myself, times: 5)
                #expect(await ask(jira.client(transport)) == .unavailable(reason: "the host timed out"))
            }
        }
    }

    @Test func tokenIsInNoDescription() async throws {
        let account = JiraAccount(siteURL: "https://a.example", email: "bot@example.com", token: "s3cr3t-t0ken")
        var dumped = ""
        dump(account, to: &dumped)
        for text in ["\(account)", String(reflecting: account), dumped] {
            #expect(!text.contains("s3cr3t"))
            #expect(text.contains("bot@example.com"))
        }
    }
}
