import AsyncHTTPClient
import Crypto
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import WorkLoop

/// Sends recorded webhook bodies to a webhook address, signed as Jira signs them, and retries as Jira does.
struct Replay: Sendable {
    struct Summary: Sendable, Equatable {
        /// Final answers, by HTTP status; 0 where there was none.
        var answers: [UInt: Int] = [:]
        /// Deliveries that were sent again after 429 or 5xx.
        var retries = 0

        var sent: Int { answers.values.reduce(0, +) }
        var accepted: Int { answers.filter { (200..<300).contains($0.key) }.values.reduce(0, +) }
    }

    private static let backoff = Backoff(first: .seconds(1), cap: .seconds(32))

    var url: String
    var secret: [UInt8]
    /// Deliveries in flight at the same time; with 1 the order of the file is kept.
    var connections: Int
    /// Deliveries a second; nil for as fast as they are answered.
    var rate: Double?
    var shift: TimeShift?
    /// How often a delivery is sent again after 408, 409, 425, 429, 5xx or no answer. Jira does so five times.
    var maximumRetries = Self.defaultRetries

    static let defaultRetries = 5

    /// Sends every line of the file. `onProgress` is told the number answered so far.
    ///
    /// Throws when the file cannot be read or a time-shifted line is not JSON.
    func run(file: String, client: HTTPClient, onProgress: (Int) -> Void) async throws -> Summary {
        var reader = try LineReader(path: file)
        var summary = Summary()
        let clock = ContinuousClock()
        let start = clock.now
        var started = 0
        try await withThrowingTaskGroup(of: (status: UInt, retries: Int).self) { group in
            while let line = try reader.next() {
                guard !line.isEmpty else { continue }
                if started >= connections, let answer = try await group.next() {
                    summary.count(answer)
                    onProgress(summary.sent)
                }
                if let rate { try await clock.sleep(until: start + .seconds(Double(started) / rate)) }
                started += 1
                group.addTask { [self] in
                    await send(try shift?.apply(to: line) ?? line, client: client)
                }
            }
            for try await answer in group {
                summary.count(answer)
                onProgress(summary.sent)
            }
        }
        return summary
    }

    /// The largest `timestamp` in the file; nil where no line has one.
    static func lastInstant(in file: String) throws -> Timestamp? {
        var reader = try LineReader(path: file)
        var last: Timestamp?
        while let line = try reader.next() {
            if let instant = TimeShift.sentAt(line), instant > last ?? instant.adding(milliseconds: -1) {
                last = instant
            }
        }
        return last
    }

    private func send(_ body: [UInt8], client: HTTPClient) async -> (status: UInt, retries: Int) {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        let signature = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: secret))
        request.headers = [
            "content-type": "application/json", "user-agent": "consilod-replay",
            "x-hub-signature": "sha256=\(signature.hexadecimal)",
            // The same body is the same delivery, so that a second replay changes nothing.
            "x-atlassian-webhook-identifier": "replay-\(SHA256.hash(data: body).hexadecimal)",
        ]
        var status: UInt = 0
        for attempt in 0...maximumRetries {
            if attempt > 0 { request.headers.replaceOrAdd(name: "x-atlassian-webhook-retry", value: "\(attempt)") }
            request.body = .bytes(ByteBuffer(bytes: body))
            var pause = Self.backoff.delay(afterFailures: attempt + 1)
            do {
                let answer = try await client.execute(request, timeout: .seconds(60))
                status = answer.status.code
                // A door that limits the rate says when the next place is free.
                if status == 429, let asked = answer.headers.first(name: "retry-after").flatMap({ Int($0) }) {
                    pause = .seconds(min(max(asked, 1), 60))
                }
                _ = try await answer.body.collect(upTo: 1 << 20)
            } catch {
                status = 0
            }
            // Jira's rule: 408, 409, 425, 429, 5xx and broken connections are sent again, other answers are final.
            guard status == 0 || [408, 409, 425, 429].contains(status) || status >= 500 else {
                return (status, attempt)
            }
            guard attempt < maximumRetries else { break }
            // A cancelled wait ends the replay; the status so far is the answer.
            do { try await Task.sleep(for: pause) } catch { return (status, attempt) }
        }
        return (status, maximumRetries)
    }
}

extension Replay.Summary {
    fileprivate mutating func count(_ answer: (status: UInt, retries: Int)) {
        answers[answer.status, default: 0] += 1
        retries += answer.retries
    }
}
