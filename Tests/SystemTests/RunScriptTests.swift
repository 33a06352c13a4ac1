import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// `script/run`, as somebody uses it who has just built consilod.
@Suite(.alone, .serialized) struct RunScriptTests {
    /// Runs a program with no signal blocked: a child inherits the mask of the thread that starts it.
    private static let unblocked = """
        import os, signal, sys
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.execv(sys.argv[1], sys.argv[1:])
        """

    /// The script while it runs, and what it has printed.
    private final class Run: Sendable {
        let process: Process
        private let output: URL

        init(_ arguments: [String], in folder: URL) throws {
            output = folder.appendingPathComponent("output-\(UUID().uuidString)")
            try Data().write(to: output)
            process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments =
                ["-c", unblocked, Repository.folder.appendingPathComponent("script/run").path]
                + ["--program", DaemonProcess.program.path, "--port", "0"] + arguments
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = process.standardOutput
            try process.run()
        }

        var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

        /// The lines to paste into another shell, once they are there.
        func lines() async throws -> [String] {
            try await eventually("the script says what to paste") {
                self.text.contains("/docs   #") || !self.process.isRunning
            }
            guard process.isRunning else { throw Unexpected("the script ended: \(text)") }
            return text.split(separator: "\n").filter { $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
        }

        func stop() async throws {
            process.terminate()
            try await eventually("the script ends") { !self.process.isRunning }
        }
    }

    private func shell(_ lines: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-euc", lines.joined(separator: "\n")]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    @Test func whatItPrintsCanBePastedAndAKeptStateIsThereAgain() async throws {
        try await withFolder { folder in
            let state = folder.appendingPathComponent("a state").path
            let body = folder.appendingPathComponent("event.ndjson")
            var stream = WebhookStream(start: Timestamp(seconds: 1_795_500_000))
            stream.addIssue(1, comments: ["We are blocked."])
            try stream.write(to: body)
            var identifiers: [String] = []
            for _ in 0..<2 {
                let run = try Run(["--state", state, "--tenant", "Acme & Söhne"], in: folder)
                let lines = try await run.lines().filter { !$0.hasPrefix("xdg-open") }
                    .map { $0.replacing("FILE.ndjson", with: body.path) }
                #expect(lines.count == 4)
                let pasted = try shell(lines + ["echo", "echo \"ID $ID\""])
                #expect(pasted.status == 0, "\(pasted.text)")
                #expect(pasted.text.contains("/dashboard/links/"), "\(pasted.text)")
                identifiers += pasted.text.split(separator: "\n").filter { $0.hasPrefix("ID ") }.map(String.init)
                let listed = try shell([lines[0], "curl -sS -H \"$AUTH\" \"$URL/api/tenants/$ID\""])
                #expect(listed.text.contains("Acme & Söhne"), "\(listed.text)")
                try await run.stop()
            }
            #expect(identifiers.count == 2 && Set(identifiers).count == 1)
            let keys = try FileManager.default.attributesOfItem(atPath: state + "/credentials/admin-token")
            #expect(keys[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func aStateThatIsNotKeptIsRemoved() async throws {
        try await withFolder { folder in
            let run = try Run([], in: folder)
            let lines = try await run.lines()
            let state = try #require(lines.first?.split(separator: " ").last.map(String.init))
            #expect(FileManager.default.fileExists(atPath: state))
            let pasted = try shell(lines.filter { !$0.hasPrefix("xdg-open") })
            #expect(pasted.status == 0, "\(pasted.text)")
            try await run.stop()
            #expect(!FileManager.default.fileExists(atPath: state))
        }
    }

    @Test(arguments: [["--port"], ["--port", "x"], ["--port", "65536"], ["--colour", "blue"]])
    func wrongOptionsAreRefused(_ options: [String]) throws {
        let run = try shell([
            (["'\(Repository.folder.appendingPathComponent("script/run").path)'"] + options).joined(separator: " ")
        ])
        #expect(run.status == 2)
    }
}
