import ArgumentParser
import AsyncHTTPClient
import Domain
import Foundation
import Outbound

/// Replays recorded webhooks through the real HTTP door.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send recorded Jira webhooks (NDJSON, also gzipped) to a daemon, signed as Jira signs them.",
        discussion: """
            One body per line. The same body is the same delivery, so replaying a file again changes nothing. \
            Exits with status 1 if an answer was not 2xx.
            """)

    @Argument(help: "NDJSON file of webhook bodies; .gz is read too.")
    var file: String

    @Option(help: "Webhook address: http://HOST:PORT/webhooks/jira/TENANT-ID.")
    var url: String

    @Option(help: "File that holds the tenant's webhook secret.")
    var secretFile: String

    @Option(help: "Deliveries per second; 0 is no limit.")
    var rate: Double = 0

    @Option(help: "Deliveries in flight at once; 1 keeps the order of the file.")
    var connections: Int = 8

    @Option(
        help: "Retries of a delivery after 429, 5xx or no answer, with growing pauses of up to 32 seconds.")
    var retries: Int = Replay.defaultRetries

    @Flag(help: "Shift all timestamps so that the newest event of the file happens now.")
    var shiftToNow = false

    func validate() throws {
        guard (1...1024).contains(connections) else { throw ValidationError("--connections must be 1 to 1024") }
        guard (0...1000).contains(retries) else { throw ValidationError("--retries must be 0 to 1000") }
        guard rate >= 0 else { throw ValidationError("--rate must not be negative") }
    }

    func run() async throws {
        let secret = Array(try SecretFile.read(secretFile).utf8)
        var shift: TimeShift?
        if shiftToNow {
            guard let last = try Replay.lastInstant(in: file) else {
                throw CommandError("\(file) has no event with a timestamp to shift by")
            }
            shift = TimeShift(moving: last, to: .now)
        }
        let replay = Replay(
            url: url, secret: secret, connections: connections, rate: rate > 0 ? rate : nil, shift: shift,
            maximumRetries: retries)
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: .outbound(silenceTimeout: nil))
        let clock = ContinuousClock()
        let start = clock.now
        var meter = ProgressMeter(unit: "webhooks")
        let summary: Replay.Summary
        do {
            summary = try await replay.run(file: file, client: client) { meter.update($0) }
            meter.finish()
            try await client.shutdown()
        } catch {
            try await client.shutdown()
            throw error
        }
        let seconds = (clock.now - start) / .seconds(1)
        let perStatus = summary.answers.sorted { $0.key < $1.key }
            .map { "\($0.key == 0 ? "no answer" : String($0.key)): \($0.value)" }.joined(separator: ", ")
        print(
            """
            \(summary.sent) webhooks in \(String(format: "%.1f", seconds)) s \
            (\(Int(Double(summary.sent) / max(seconds, 0.001)))/s), \(summary.retries) retries; answers: \(perStatus)
            """)
        guard summary.accepted == summary.sent else { throw ExitCode.failure }
    }
}

/// How many there were and how fast, on stderr.
private struct ProgressMeter {
    let unit: String
    private let start = ContinuousClock.now
    private var line = StatusLine(every: .seconds(5))
    private var count = 0

    init(unit: String) { self.unit = unit }

    mutating func update(_ count: Int) {
        self.count = count
        if line.isDue(at: .now) { show() }
    }

    func finish() {
        show()
        line.end()
    }

    private func show() {
        let seconds = max((ContinuousClock.now - start) / .seconds(1), 0.001)
        line.show("\(count) \(unit), \(Int(Double(count) / seconds))/s")
    }
}
