public import AsyncHTTPClient
import Domain
public import Foundation
import NIOCore
import NIOHTTP1
import Outbound

/// Fetches a model from the Hugging Face hub, or a mirror of it, and places it in a folder.
///
/// Files are gathered in `FOLDER.partial`, each checked against the size and, where the hub states one, the SHA-256
/// that the repository has; what is there of a file is not fetched again, in this run or a later one. The finished
/// folder then takes its place in one step, with a ``ModelManifest`` in it. One download at a time works on a folder.
public struct ModelDownload: Sendable {
    /// How far a download is.
    public struct Progress: Sendable, Hashable {
        /// The name of the file that is being fetched.
        public var file: String
        /// What is there of all files, in bytes, with what was there before this run. Falls when a file has to start
        /// over.
        public var bytesDone: Int
        /// What there will be of all files, in bytes.
        public var bytesTotal: Int
        /// What came over the network in this run, in bytes; never falls.
        public var bytesReceived: Int

        public init(file: String, bytesDone: Int, bytesTotal: Int, bytesReceived: Int) {
            self.file = file
            self.bytesDone = bytesDone
            self.bytesTotal = bytesTotal
            self.bytesReceived = bytesReceived
        }
    }

    /// How the client should be set up: the hub redirects to its storage hosts, and trying again is the download's own
    /// business. Connect 15 s, silence 60 s. HTTP/2's small windows make one large file slow, so HTTP/1.1 it is.
    ///
    /// - Parameter proxy: of ``ProxySettings/proxy(for:)``.
    public static func clientConfiguration(proxy: HTTPClient.Configuration.Proxy? = nil) -> HTTPClient.Configuration {
        .outbound(connectTimeout: .seconds(15), silenceTimeout: .seconds(60), redirects: 8, proxy: proxy)
    }

    /// A file that got so much further, in bytes, has its full number of attempts again.
    private static let headway = 1 << 20

    private let source: ModelSource
    private let folder: URL
    private let placement: ModelPlacement
    private let hub: HubClient
    private let progress: @Sendable (Progress) -> Void
    private let pause: @Sendable (Duration) async throws -> Void
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - folder: where the model goes; made if it is missing. A model that was fetched earlier is replaced.
    ///   - replacesUnmanaged: also replace a folder that has no ``ModelManifest``, that is, was placed by hand.
    ///   - client: set up with ``clientConfiguration(proxy:)``; shutting it down is its owner's business.
    ///   - progress: called with every piece that arrives, on the task that runs the download.
    public init(
        source: ModelSource, folder: URL, replacesUnmanaged: Bool = false, client: HTTPClient,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.init(
            source: source, folder: folder, replacesUnmanaged: replacesUnmanaged, client: client, progress: progress,
            pause: { try await Task.sleep(for: $0) }, now: { Date() })
    }

    /// - Parameters:
    ///   - pause: waits before another attempt.
    ///   - now: the wall clock, for the manifest.
    init(
        source: ModelSource, folder: URL, replacesUnmanaged: Bool, client: HTTPClient,
        progress: @escaping @Sendable (Progress) -> Void, pause: @escaping @Sendable (Duration) async throws -> Void,
        now: @escaping @Sendable () -> Date
    ) {
        self.source = source
        self.folder = folder
        placement = ModelPlacement(folder: folder, replacesUnmanaged: replacesUnmanaged)
        hub = HubClient(source: source, client: client)
        self.progress = progress
        self.pause = pause
        self.now = now
    }

    /// Fetches what is missing and places the model; returns what was placed.
    ///
    /// Broken connections, time-outs, 429 and 5xx are tried again, up to six times in a row with growing pauses.
    /// Throws ``ModelDownloadError``, or `CancellationError`; the folder is then as it was, and what arrived is kept
    /// for the next run.
    public func run() async throws -> ModelManifest {
        let entrance = try placement.enter()
        defer { placement.leave(entrance) }
        let listing = try await listing()
        var tally = Tally(total: listing.totalSize)
        var files: [ModelManifest.File] = []
        for file in listing.files {
            files.append(try await fetch(file, commit: listing.commit, tally: &tally))
            tally.finished += file.size
        }
        let manifest = ModelManifest(
            repository: source.repository, revision: source.revision, commit: listing.commit,
            fetchedAt: Timestamp(milliseconds: Int64(now().timeIntervalSince1970 * 1000)), files: files)
        try placement.place(manifest)
        return manifest
    }

    private struct Tally {
        var total: Int
        /// The size of the files that are complete.
        var finished = 0
        var received = 0

        init(total: Int) { self.total = total }
    }

    private func listing() async throws -> HubListing {
        var schedule = RetrySchedule()
        while true {
            do {
                return try await hub.listing()
            } catch let failure as AttemptFailure {
                try await wait(after: failure, &schedule)
            }
        }
    }

    private func fetch(
        _ file: HubListing.File, commit: String, tally: inout Tally
    ) async throws -> ModelManifest.File {
        var partial = try PartialFile(path: placement.path(of: file.name), of: file, commit: commit)
        if partial.size == file.size, let sha256 = file.sha256, partial.sha256 != sha256 {
            // An earlier run, or the disk, left something that only looks complete.
            try partial.restart(etag: nil)
        }
        report(file, partial.size, tally)
        var schedule = RetrySchedule()
        var furthest = partial.size
        while partial.size < file.size {
            do {
                try await receive(file, commit: commit, into: &partial, tally: &tally)
            } catch let failure as AttemptFailure {
                if partial.size >= furthest + Self.headway {
                    furthest = partial.size
                    schedule = RetrySchedule()
                }
                try await wait(after: failure, &schedule)
            }
        }
        let sha256 = partial.sha256
        if let expected = file.sha256, sha256 != expected {
            try partial.discard()
            throw ModelDownloadError(
                .damaged,
                """
                \(file.name.rawValue) is damaged: its SHA-256 is \(sha256), the hub states \(expected); it was \
                deleted, and another run fetches it again
                """)
        }
        try partial.synchronize()
        return ModelManifest.File(name: file.name.rawValue, size: file.size, sha256: sha256)
    }

    /// One request for what is missing of a file. Returns when it is there to the last byte.
    private func receive(
        _ file: HubListing.File, commit: String, into partial: inout PartialFile, tally: inout Tally
    ) async throws {
        let response = try await hub.file(file.name, commit: commit, offset: partial.size, etag: partial.etag)
        let name = file.name.rawValue
        if response.status == .partialContent {
            guard Self.continues(response.headers.first(name: "Content-Range"), at: partial.size) else {
                try partial.restart(etag: nil)
                throw AttemptFailure(kind: .interrupted, reason: "the hub sent another part of \(name) than requested")
            }
        } else if response.status == .ok {
            if let length = response.headers.first(name: "Content-Length").flatMap({ Int($0) }), length != file.size {
                throw try wrongSize(file, length, partial)
            }
            try partial.restart(etag: response.headers.first(name: "ETag"))
            report(file, 0, tally)
        } else {
            try partial.restart(etag: nil)
            throw AttemptFailure(kind: .interrupted, reason: "the hub did not resume \(name)")
        }
        var body = response.body.makeAsyncIterator()
        while let piece = try await next(&body) {
            guard partial.size + piece.readableBytes <= file.size else {
                throw try wrongSize(file, partial.size + piece.readableBytes, partial)
            }
            try partial.append(piece)
            tally.received += piece.readableBytes
            report(file, partial.size, tally)
        }
        guard partial.size == file.size else {
            throw AttemptFailure(
                kind: .interrupted, reason: "\(name) ended after \(partial.size) of \(file.size) bytes")
        }
    }

    private func next(_ body: inout HTTPClientResponse.Body.AsyncIterator) async throws -> ByteBuffer? {
        do { return try await body.next() } catch { throw hub.failure(of: error) }
    }

    private func wrongSize(
        _ file: HubListing.File, _ size: Int, _ partial: borrowing PartialFile
    ) throws -> ModelDownloadError {
        try partial.discard()
        return ModelDownloadError(
            .damaged,
            "\(file.name.rawValue) is damaged: it has \(size) bytes, the hub states \(file.size); it was deleted")
    }

    /// Whether `Content-Range` (RFC 9110, 14.4) begins where the file ends so far.
    private static func continues(_ contentRange: String?, at offset: Int) -> Bool {
        guard let contentRange, contentRange.lowercased().hasPrefix("bytes ") else { return false }
        let first = contentRange.dropFirst("bytes ".count).prefix { $0 != "-" }
        return Int(first.trimmingCharacters(in: .whitespaces)) == offset
    }

    private func report(_ file: HubListing.File, _ size: Int, _ tally: Tally) {
        progress(
            Progress(
                file: file.name.rawValue, bytesDone: tally.finished + size, bytesTotal: tally.total,
                bytesReceived: tally.received))
    }

    /// Waits before the next attempt. Throws ``ModelDownloadError`` when there is to be none.
    private func wait(after failure: AttemptFailure, _ schedule: inout RetrySchedule) async throws {
        guard let duration = schedule.pause(after: failure) else { throw finalError(failure) }
        try await pause(duration)
    }

    private func finalError(_ failure: AttemptFailure) -> ModelDownloadError {
        switch failure.kind {
        case .interrupted:
            return ModelDownloadError(
                .unavailable, "the download was given up: \(failure.reason); another run goes on where this one stopped"
            )
        case .unresolved, .unreachable:
            return ModelDownloadError(
                .unreachable,
                """
                \(failure.reason); without a way to the hub, download \(PublishedFile.byHand) from \(source.page) \
                elsewhere, place them in \(folder.path), and run 'consilod model verify'
                """)
        }
    }
}
