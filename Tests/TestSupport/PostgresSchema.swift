public import Foundation

/// A schema of its own in the PostgreSQL database that CONSILOD_TEST_POSTGRES names (a URL of libpq), dropped with the
/// value that holds it. `script/test` starts such a server, and runs the tests that keep something with and without it.
public final class PostgresSchema: Sendable {
    /// The database's address, with this schema as its only one.
    public let url: String
    public let name: String
    private let server: String

    /// The database to test on; nil where SQLite is.
    public static var server: String? {
        ProcessInfo.processInfo.environment["CONSILOD_TEST_POSTGRES"].flatMap { $0.isEmpty ? nil : $0 }
    }

    public init(server: String) throws {
        self.server = server
        name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        url = server + (server.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(name)"
        _ = try psql("CREATE SCHEMA \(name)", server)
    }

    deinit {
        // A leftover in a throw-away server is not the test's concern.
        _ = try? psql("SET client_min_messages = warning; DROP SCHEMA \(name) CASCADE", server)
    }

    /// Asks the database directly, as an analyst would with `psql`.
    public func query(_ sql: String) throws -> [[String]] { try psql(sql, url) }
}

/// Runs statements with `psql`; the rows of the result.
public func psql(_ sql: String, _ url: String) throws -> [[String]] {
    let output = try run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-F", "\u{1F}", "-c", sql, url])
    return output.split(separator: "\n")
        .map { $0.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init) }
}

/// Runs a program found on PATH to its end; what it printed. Throws ``Unexpected`` when it fails.
public func run(_ arguments: [String], in folder: URL? = nil) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw Unexpected(
            "\(arguments) ended with \(process.terminationStatus): \(String(decoding: complaint, as: UTF8.self))")
    }
    return String(decoding: data, as: UTF8.self)
}
