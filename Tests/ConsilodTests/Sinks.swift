import Foundation
import TestSupport

/// The demo's receivers: a Slack-style HTTP sink and a real SMTP server (aiosmtpd), in a process of their own.
final class Sinks {
    let folder: URL
    private(set) var slackPort = 0
    private(set) var smtpPort = 0
    private let process = Process()

    init(in parent: URL) async throws {
        folder = parent.appendingPathComponent("sinks")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let output = parent.appendingPathComponent("sinks.out")
        try Data().write(to: output)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["demo/sinks.py", "--dir", folder.path]
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        func port(_ name: String) throws -> Int? {
            let text = try String(contentsOf: output, encoding: .utf8)
            guard let range = text.range(of: "\(name)=[0-9]+", options: .regularExpression) else { return nil }
            return Int(text[range].dropFirst(name.count + 1))
        }
        try await eventually("the sinks listen") {
            guard self.process.isRunning else { throw Unexpected("demo/sinks.py ended") }
            return try port("smtp") != nil && port("slack") != nil
        }
        (slackPort, smtpPort) = (try port("slack") ?? 0, try port("smtp") ?? 0)
    }

    // Not SIGTERM: the child has inherited the signal mask of the thread that started it.
    deinit { kill(process.processIdentifier, SIGKILL) }

    /// What the Slack sink was sent, oldest first.
    func slackMessages() throws -> [String] { try messages("slack") }

    /// What the mail server accepted, oldest first.
    func mails() throws -> [String] { try messages("mail") }

    private func messages(_ name: String) throws -> [String] {
        let folder = folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { !$0.lastPathComponent.hasPrefix(".") && $0.pathExtension != "tmp" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { try String(contentsOf: $0, encoding: .utf8) }
    }
}
