import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Reads `/metrics` of a daemon of its own.
enum MetricsProbe {
    static let token = "token-of-prometheus-for-tests"

    static func makeDaemon(configuration: String = "", _ more: [String: String] = [:]) throws -> DaemonProcess {
        try DaemonProcess(
            configuration: configuration, environment: ["CONSILOD_METRICS_TOKEN": token].merging(more) { $1 })
    }

    /// All metrics as soon as a condition holds. Counters are those of the instant, figures of the store at most a second
    /// old.
    static func metrics(
        of daemon: DaemonProcess, once what: String = "all is told",
        _ condition: (ExpositionText) -> Bool = { _ in true }
    ) async throws -> ExpositionText {
        var metrics = try ExpositionText(try await text(of: daemon))
        try await eventually(what) {
            metrics = try ExpositionText(try await text(of: daemon))
            return condition(metrics)
        }
        return metrics
    }

    static func text(of daemon: DaemonProcess) async throws -> String {
        let answer = try await daemon.request(.get, "/metrics", token: token)
        #expect(answer.status == 200, "\(answer.text)")
        return answer.text
    }

    /// What promtool says against the text; nil where there is none.
    static func promtool(_ arguments: [String], input: String = "") throws -> String? {
        guard let program = Prometheus.promtool else { return nil }
        let (process, stdin, output) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = stdin
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? "" : said
    }
}
