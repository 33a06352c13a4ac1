import AsyncHTTPClient
import Crypto
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport

@testable import DaemonTestSupport

/// Sends webhooks to any of several daemons, as a Jira behind a load balancer does: what is not answered 2xx is sent again,
/// to the next of them. Remembers every answer.
final class WebhookPoster: Sendable {
    struct Record {
        /// Deliveries that were answered 2xx, by their identifiers.
        var answered: Set<String> = []
        /// Answers of 503 that name a time to come back, and all other refusals.
        var putOff = 0
        var otherwiseRefused: [String] = []
        var brokenConnections = 0
        var longestWait = Duration.zero
        var lastAnswerAt: ContinuousClock.Instant?
        /// The longest time in which nothing was taken.
        var longestGap = Duration.zero
    }

    private let record = Mutex(Record())
    private let ports: [Int]
    private let tenant: DaemonProcess.Tenant

    init(ports: [Int], tenant: DaemonProcess.Tenant) {
        (self.ports, self.tenant) = (ports, tenant)
    }

    var result: Record { record.withLock { $0 } }
    var answered: Int { record.withLock { $0.answered.count } }

    /// Sends each body until it is taken, `connections` at a time, at most `rate` new ones a second.
    func run(_ bodies: [String], connections: Int = 8, rate: Double) async throws {
        var configuration = HTTPClient.Configuration()
        // A node that is gone is found to be so at once, not asked until the time for the answer is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        await send(bodies, connections: connections, rate: rate, over: client)
        try await client.shutdown()
    }

    private func send(_ bodies: [String], connections: Int, rate: Double, over client: HTTPClient) async {
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for (index, body) in bodies.enumerated() {
                if index >= connections { await group.next() }
                // Cancellation is the only way this sleep fails.
                guard (try? await Task.sleep(until: start + .seconds(Double(index) / rate), clock: .continuous)) != nil
                else { return }
                group.addTask { [self] in await send(body, identifier: "d\(index)", first: index, over: client) }
            }
        }
    }

    private func send(_ body: String, identifier: String, first: Int, over client: HTTPClient) async {
        let key = SymmetricKey(data: Data(tenant.webhook_secret.utf8))
        let signature = HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: key).hexadecimal
        var attempt = first
        while !Task.isCancelled {
            var request = HTTPClientRequest(
                url: "http://127.0.0.1:\(ports[attempt % ports.count])/webhooks/jira/\(tenant.id)")
            request.method = .POST
            request.headers = [
                "content-type": "application/json", "x-hub-signature": "sha256=\(signature)",
                "x-atlassian-webhook-identifier": identifier,
            ]
            request.body = .bytes(ByteBuffer(string: body))
            let sent = ContinuousClock.now
            do {
                let answer = try await client.execute(request, timeout: .seconds(60))
                _ = try await answer.body.collect(upTo: 1 << 20)
                note(answer, of: identifier, after: .now - sent)
                if (200..<300).contains(answer.status.code) { return }
            } catch {
                record.withLock { $0.brokenConnections += 1 }
            }
            attempt += 1
            // Cancellation is the only way this sleep fails.
            guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { return }
        }
    }

    private func note(_ answer: HTTPClientResponse, of identifier: String, after wait: Duration) {
        record.withLock { record in
            record.longestWait = max(record.longestWait, wait)
            switch answer.status.code {
            case 200..<300:
                record.answered.insert(identifier)
                let now = ContinuousClock.now
                if let last = record.lastAnswerAt { record.longestGap = max(record.longestGap, now - last) }
                record.lastAnswerAt = now
            case 503 where answer.headers.first(name: "retry-after") != nil: record.putOff += 1
            default: record.otherwiseRefused.append("\(answer.status)")
            }
        }
    }
}
