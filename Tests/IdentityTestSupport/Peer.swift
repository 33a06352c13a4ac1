import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Outbound
import TestSupport

/// Runs `body` with a client that calls this machine, and shuts it down.
func withClient(_ body: (OutboundClient) async throws -> Void) async throws {
    let client = OutboundClient(policy: AddressPolicy(allowedHosts: ["127.0.0.1"]))
    do {
        try await body(client)
    } catch {
        try await client.shutdown()
        throw error
    }
    try await client.shutdown()
}

/// What a Python script says to a text on its standard input. Throws when it fails.
func python(_ script: String, _ arguments: [String], input: Data) throws -> Data {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("input")
    try input.write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = ["-c", script, file.path] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Unexpected("python3 ended with \(process.terminationStatus)") }
    return data
}
