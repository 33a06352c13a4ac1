import AsyncHTTPClient
import Foundation
import Synchronization
import TestSupport

@testable import FinBERT

/// Downloads from a ``HubServer`` into a folder of their own, with what they reported and how long they would have
/// waited.
final class HubHarness: Sendable {
    let hub: HubServer
    /// The hub's address.
    let address: String
    /// Where the model goes.
    let folder: URL
    /// When downloads end: 2026-11-24T13:18:00Z.
    let now = Date(timeIntervalSince1970: 1_795_526_280)

    private let client: HTTPClient
    private let reports = Mutex<[ModelDownload.Progress]>([])
    private let waits = Mutex<[Duration]>([])

    private init(hub: HubServer, address: String, folder: URL, client: HTTPClient) {
        self.hub = hub
        self.address = address
        self.folder = folder
        self.client = client
    }

    /// Runs `body` with a hub and a folder that are gone afterwards.
    static func running(
        _ hub: HubServer = HubServer(), _ body: (HubHarness) async throws -> Void
    ) async throws {
        let parent = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: parent) }
        try await hub.running { address in
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton, configuration: ModelDownload.clientConfiguration())
            let harness = HubHarness(
                hub: hub, address: address, folder: parent.appendingPathComponent("finbert"), client: client)
            hub.beforeBreak {
                try await eventually("the client has what was sent") { harness.received >= hub.servedInAll }
            }
            do {
                try await body(harness)
            } catch {
                try await client.shutdown()
                throw error
            }
            try await client.shutdown()
        }
    }

    func source(repository: String = "ProsusAI/finbert", token: String? = nil) throws -> ModelSource {
        try ModelSource(
            endpoint: address, repository: repository, accessToken: try token.map { try AccessToken($0) })
    }

    func download(_ source: ModelSource? = nil, replacesUnmanaged: Bool = false) throws -> ModelDownload {
        ModelDownload(
            source: try source ?? self.source(), folder: folder, replacesUnmanaged: replacesUnmanaged, client: client,
            progress: { [self] progress in reports.withLock { $0.append(progress) } },
            pause: { [self] pause in waits.withLock { $0.append(pause) } }, now: { [now] in now })
    }

    /// The error of a download that must fail. Throws ``Unexpected`` when it does not.
    func failure(_ source: ModelSource? = nil) async throws -> ModelDownloadError {
        do { _ = try await download(source).run() } catch let error as ModelDownloadError { return error }
        throw Unexpected("the download succeeded")
    }

    var progress: [ModelDownload.Progress] { reports.withLock { $0 } }
    /// What has come over the network, in bytes.
    var received: Int { reports.withLock { $0.last?.bytesReceived ?? 0 } }
    /// The pauses between attempts.
    var pauses: [Duration] { waits.withLock { $0 } }

    // MARK: files

    /// The names in the model's folder, sorted; nil where there is no folder.
    var placed: [String]? { names(in: folder) }
    /// The names beside the model's folder and its own.
    var beside: [String] { names(in: folder.deletingLastPathComponent()) ?? [] }

    func names(in folder: URL) -> [String]? {
        // No folder is an answer, not an error.
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted()
    }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }

    func write(_ text: String, to name: String) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    var partial: URL { URL(fileURLWithPath: folder.path + ".partial") }
}
