public import Foundation

/// A server in a child process: a Python script that binds a free port and prints it once it accepts connections.
public struct ChildServer: Sendable {
    /// On the loopback interface.
    public let port: Int
    /// A folder of its own, given to the script as its first argument; removed with the server.
    public let folder: URL

    /// Runs `body` beside the server, which is stopped afterwards. Throws when it does not start.
    public static func running<Result>(
        _ script: String, _ arguments: [String] = [], body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        // Debian's own interpreter: the one that sees the system's Python packages.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script, folder.path] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // SIGTERM would not do: a child inherits the signal mask of the thread that starts it, and Dispatch blocks it.
        defer { kill(process.processIdentifier, SIGKILL) }
        let line = await firstLine(of: output.fileHandleForReading)
        guard let port = Int(line) else { throw Unexpected("the server printed no port but: \(line)") }
        return try await body(ChildServer(port: port, folder: folder))
    }

    /// Holds a port on which nobody listens: connections to it are refused, and nobody else can take it.
    public static func refusingConnections<Result>(_ body: (ChildServer) async throws -> Result) async throws -> Result
    {
        let script = """
            import signal, socket
            socket = socket.socket()
            socket.bind(("127.0.0.1", 0))
            print(socket.getsockname()[1], flush=True)
            signal.pause()
            """
        return try await running(script, body: body)
    }

    /// The files that the script has written, in the order of their names.
    public func files(_ suffix: String) throws -> [Data] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasSuffix(suffix) }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { try Data(contentsOf: $0) }
    }

    private static func firstLine(of handle: FileHandle) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var line = Data()
                while line.last != UInt8(ascii: "\n") {
                    let more = handle.availableData
                    guard !more.isEmpty else { break }
                    line += more
                }
                let text = String(decoding: line, as: UTF8.self)
                continuation.resume(returning: text.trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
    }
}
