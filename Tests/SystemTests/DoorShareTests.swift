import Crypto
import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// What somebody who knows one tenant's id, and no secret, can take from the others at the door of the real program.
@Suite(.alone) struct DoorShareTests {
    private let body = #"{"webhookEvent":"user_updated"}"#

    private func daemon(_ settings: [String: Int]) async throws -> DaemonProcess {
        let daemon = try DaemonProcess(
            environment: Dictionary(
                uniqueKeysWithValues: settings.map { ("CONSILOD_\($0.key.uppercased())", "\($0.value)") }))
        try await daemon.start()
        return daemon
    }

    /// The head of a webhook whose signature is well formed and wrong.
    private func unsigned(to tenant: DaemonProcess.Tenant, length: Int) -> String {
        """
        POST /webhooks/jira/\(tenant.id) HTTP/1.1\r\nHost: consilod\r\nContent-Type: application/json\r
        X-Hub-Signature: sha256=\(String(repeating: "0", count: 64))\r\nContent-Length: \(length)\r\n\r\n
        """
    }

    private func large(_ bytes: Int) -> String {
        #"{"webhookEvent":"user_updated","x":""# + String(repeating: "x", count: bytes) + #""}"#
    }

    @Test func bodiesThatAreNotVerifiedTakeTheBytesOfTheirTenantOnly() async throws {
        let daemon = try await daemon([
            "http_max_webhook_bytes": 600_000, "http_max_webhook_bytes_in_hand": 2_400_000, "http_min_body_rate": 0,
        ])
        let (attacked, other) = (try await daemon.createTenant("attacked"), try await daemon.createTenant("other"))
        var held: [RawConnection] = []
        for _ in 0..<8 {
            let connection = try RawConnection(port: daemon.port)
            connection.send(unsigned(to: attacked, length: 590_000))
            try await connection.sendAll([UInt8](repeating: 0x20, count: 580_000))
            held.append(connection)
        }
        try await eventually("what does not fit the tenant's share is refused") {
            for connection in held { connection.receive() }
            return held.count { $0.statuses == [503] } == 7
        }
        #expect(try await daemon.post(large(580_000), to: other).status == 202)
        #expect(try await daemon.post(body, to: other).status == 202)
    }

    @Test func bodiesThatAreNotVerifiedTakeAShareOfTheConnections() async throws {
        let daemon = try await daemon([
            "http_max_connections": 64, "http_tenant_share_percent": 25, "http_min_body_rate": 0,
        ])
        let (attacked, other) = (try await daemon.createTenant("attacked"), try await daemon.createTenant("other"))
        let held = try (0..<48).map { _ in
            let connection = try RawConnection(port: daemon.port)
            connection.send(unsigned(to: attacked, length: 60_000) + "{")
            return connection
        }
        try await eventually("all but the tenant's share are refused") {
            for connection in held { connection.receive() }
            return held.count { $0.statuses == [503] } == 32
        }
        #expect(try await daemon.post(body, to: other).status == 202)
    }

    @Test func whereAllPlacesAreTakenTheSlowestBodyGoes() async throws {
        let daemon = try await daemon([
            "http_max_connections": 16, "http_tenant_share_percent": 100, "http_min_body_rate": 0,
        ])
        let (attacked, other) = (try await daemon.createTenant("attacked"), try await daemon.createTenant("other"))
        var held: [RawConnection] = []
        for number in 0..<15 {
            let connection = try RawConnection(port: daemon.port)
            // One is faster than the rest.
            connection.send(
                unsigned(to: attacked, length: 60_000) + String(repeating: " ", count: number == 3 ? 40_000 : 9))
            held.append(connection)
            try await daemon.hasRead(from: number + 1)
        }
        // From this age on a body's rate can be told.
        try await Task.sleep(for: .seconds(1))
        let began = ContinuousClock.now
        let next = try RawConnection(port: daemon.port)
        let signature = HMAC<SHA256>.authenticationCode(
            for: Data(body.utf8), using: SymmetricKey(data: Data(other.webhook_secret.utf8)))
        next.send(
            "POST /webhooks/jira/\(other.id) HTTP/1.1\r\nHost: consilod\r\nContent-Type: application/json\r\n"
                + "X-Hub-Signature: sha256=\(signature.hexadecimal)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        #expect(try await next.answers(1) == [202])
        // The body itself had 30 seconds.
        #expect(ContinuousClock.now - began < .seconds(15))
        for connection in held { connection.receive() }
        #expect(held.contains { $0.statuses == [408] })
        #expect(!held[3].isClosed)
    }

    @Test func aBodySlowerThanTheLeastRateIsRefusedAndAnotherIsNot() async throws {
        let daemon = try await daemon(["http_request_seconds": 300, "http_min_body_rate": 2000])
        let tenant = try await daemon.createTenant()
        let (slow, stalled, steady) = (
            try RawConnection(port: daemon.port), try RawConnection(port: daemon.port),
            try RawConnection(port: daemon.port)
        )
        slow.send(unsigned(to: tenant, length: 1_000_000) + "{")
        stalled.send(unsigned(to: tenant, length: 60_000))
        // All but its end at once: what came is no credit for what does not.
        try await stalled.sendAll([UInt8](repeating: 0x20, count: 59_000))
        steady.send(unsigned(to: tenant, length: 100_000_000) + "{")
        let began = ContinuousClock.now
        try await eventually("both are refused", within: .seconds(40)) {
            slow.send(" ")
            steady.send(String(repeating: " ", count: 4000))
            for connection in [slow, stalled, steady] { connection.receive() }
            return slow.isClosed && stalled.isClosed
        }
        #expect(slow.statuses == [408] && stalled.statuses == [408])
        #expect(ContinuousClock.now - began < .seconds(20))
        #expect(!steady.isClosed)
    }

    /// What one tenant makes the host compute does not keep another's webhook waiting.
    @Test func manySecretsAndLargeBodiesOfOneTenantDoNotDelayAnothersWebhooks() async throws {
        let daemon = try await daemon(["tenants_max_webhook_secrets": 200])
        let (greedy, other) = (try await daemon.createTenant("greedy"), try await daemon.createTenant("other"))
        for _ in 0..<100 {
            let path = "/api/tenants/\(greedy.id)/webhook-secrets"
            #expect(try await daemon.request(.post, path, token: greedy.api_key, body: "{}").status == 201)
        }
        let size = 8_000_000
        let head = unsigned(to: greedy, length: size)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                let port = daemon.port
                group.addTask {
                    let connection = try RawConnection(port: port)
                    connection.send(head)
                    try await connection.sendAll([UInt8](repeating: 0x20, count: size))
                    #expect(try await connection.answers(1) == [401])
                }
            }
            var slowest = Duration.zero
            for number in 0..<60 {
                let body = #"{"webhookEvent":"user_updated","number":\#(number)}"#
                let began = ContinuousClock.now
                #expect(try await daemon.post(body, to: other).status == 202)
                let took = ContinuousClock.now - began
                slowest = max(slowest, took)
            }
            // Each of the three is some gigabyte to be hashed: seconds, which were the other's as well.
            #expect(slowest < .seconds(2), "\(slowest)")
            try await group.waitForAll()
        }
    }
}
