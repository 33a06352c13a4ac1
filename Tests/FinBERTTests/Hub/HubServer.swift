import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import TestSupport

/// A server on this host that acts as the Hugging Face hub by its documented API: the listing of a repository at a
/// revision, and its files at a commit, whole or from an offset on. It can be told to go wrong.
final class HubServer: Sendable {
    struct File: Sendable {
        var name: String
        var bytes: [UInt8]
        /// Kept outside git, so that the listing states a checksum.
        var isLarge = false
        /// What the listing states, where it is not the truth.
        var statedSHA256: String?
        var statedSize: Int?
    }

    struct Repository: Sendable {
        var name = "ProsusAI/finbert"
        var commit = "4556d13015211d73dccd3fdd39d39232506f3e43"
        var files: [File]
    }

    /// One answer that is not the usual one.
    enum Trouble: Sendable {
        case answer(Int, headers: HTTPFields = [:], body: [UInt8] = [])
        /// The connection is closed after so many bytes of the body, once the client has received them.
        case breakAfter(Int)
        /// The whole file, whatever part was asked for.
        case wholeFile
    }

    struct Seen: Sendable, Equatable {
        /// The file that was asked for; ``listing`` for the listing.
        var name: String
        var authorization: String?
        var range: String?
        var ifRange: String?
    }

    /// The name under which the listing is troubled, and seen.
    static let listing = "listing"

    private struct Broken: Error {}

    private struct State {
        var repository: Repository
        var storage: String?
        var troubles: [String: [Trouble]] = [:]
        var seen: [Seen] = []
        var served: [String: Int] = [:]
        var beforeBreak: @Sendable () async throws -> Void = {}
    }

    private let state: Mutex<State>

    init(_ repository: Repository = .sample()) { state = Mutex(State(repository: repository)) }

    var repository: Repository {
        get { state.withLock { $0.repository } }
        set { state.withLock { $0.repository = newValue } }
    }

    /// The address of another server, to which requests for files are redirected.
    var storage: String? {
        get { state.withLock { $0.storage } }
        set { state.withLock { $0.storage = newValue } }
    }

    /// Every request, in order.
    var seen: [Seen] { state.withLock { $0.seen } }

    /// The requests for one file, in order.
    func seen(_ name: String) -> [Seen] { seen.filter { $0.name == name } }

    /// The bytes of a file that were sent, in all answers together.
    func served(_ name: String) -> Int { state.withLock { $0.served[name] ?? 0 } }

    var servedInAll: Int { state.withLock { $0.served.values.reduce(0, +) } }

    /// What happens to the next requests for a file, or for the ``listing``, in turn; the ones after are answered.
    func trouble(_ name: String, _ troubles: [Trouble]) { state.withLock { $0.troubles[name] = troubles } }

    /// Awaited before a connection is closed, so that nothing that was sent is lost.
    func beforeBreak(_ wait: @escaping @Sendable () async throws -> Void) { state.withLock { $0.beforeBreak = wait } }

    /// Runs `body` with the server's address.
    func running(_ body: (String) async throws -> Void) async throws {
        let logger = Logger(label: "hub", factory: { _ in SwiftLogNoOpLogHandler() })
        let (ports, found) = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in try self.answer(to: request) },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { found.yield(port) }
            },
            logger: logger)
        let group = ServiceGroup(services: [application], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { found.finish() }
                try await group.run()
            }
            do {
                var iterator = ports.makeAsyncIterator()
                guard let port = await iterator.next() else { throw Unexpected("the server did not start") }
                try await body("http://127.0.0.1:\(port)")
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    // MARK: answers

    private func answer(to request: Request) throws -> Response {
        let repository = self.repository
        let path = request.uri.path
        if path == "/api/models/\(repository.name)/revision/main" {
            if let response = plain(trouble(for: Self.listing, request)) { return response }
            guard request.uri.queryParameters["blobs"] == "true" else { return Response(status: .badRequest) }
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: try Self.listing(of: repository))))
        }
        let parts = path.split(separator: "/").map(String.init)
        let expected = repository.name.split(separator: "/").map(String.init) + ["resolve", repository.commit]
        guard parts.count == expected.count + 1, Array(parts.dropLast()) == expected, let name = parts.last,
            let file = repository.files.first(where: { $0.name == name })
        else {
            record(request, as: path)
            var headers = HTTPFields()
            if let errorCode = HTTPField.Name("X-Error-Code") { headers[errorCode] = "RepoNotFound" }
            return Response(status: .notFound, headers: headers)
        }
        let trouble = trouble(for: name, request)
        if let response = plain(trouble) { return response }
        if let storage { return Response(status: .found, headers: [.location: storage + path]) }
        return self.file(file, request, trouble)
    }

    private func record(_ request: Request, as name: String) {
        let seen = Seen(
            name: name, authorization: request.headers[.authorization], range: request.headers[.range],
            ifRange: request.headers[.ifRange])
        state.withLock { $0.seen.append(seen) }
    }

    /// Records a request, and takes the trouble that is due to it.
    private func trouble(for name: String, _ request: Request) -> Trouble? {
        record(request, as: name)
        return state.withLock { state in
            guard state.troubles[name]?.isEmpty == false else { return nil }
            return state.troubles[name]?.removeFirst()
        }
    }

    private func plain(_ trouble: Trouble?) -> Response? {
        guard case .answer(let code, let headers, let body) = trouble else { return nil }
        return Response(
            status: .init(code: code), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private func file(_ file: File, _ request: Request, _ trouble: Trouble?) -> Response {
        var offset = 0
        if let range = request.headers[.range], range.hasPrefix("bytes="), range.hasSuffix("-"),
            [nil, file.etag].contains(request.headers[.ifRange])
        {
            offset = Int(range.dropFirst("bytes=".count).dropLast()) ?? 0
        }
        if case .wholeFile = trouble { offset = 0 }
        var headers: HTTPFields = [.eTag: file.etag]
        guard offset < max(file.bytes.count, 1) else {
            headers[.contentRange] = "bytes */\(file.bytes.count)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
        if offset > 0 { headers[.contentRange] = "bytes \(offset)-\(file.bytes.count - 1)/\(file.bytes.count)" }
        var limit: Int?
        if case .breakAfter(let count) = trouble { limit = count }
        let rest = Array(file.bytes[offset...])
        let body = ResponseBody(contentLength: rest.count) { [limit] writer in
            var sent = 0
            while sent < min(rest.count, limit ?? .max) {
                let piece = rest[sent..<min(sent + 65_536, rest.count, limit ?? .max)]
                try await writer.write(ByteBuffer(bytes: piece))
                sent += piece.count
                self.state.withLock { $0.served[file.name, default: 0] += piece.count }
            }
            if limit != nil {
                let wait = self.state.withLock { $0.beforeBreak }
                try await wait()
                throw Broken()
            }
            try await writer.finish(nil)
        }
        return Response(status: offset > 0 ? .partialContent : .ok, headers: headers, body: body)
    }

    // MARK: the listing

    private struct Listing: Encodable {
        struct Sibling: Encodable {
            struct LargeFile: Encodable {
                var sha256: String
                var size: Int
                var pointerSize: Int
            }
            var rfilename: String
            var size: Int
            var lfs: LargeFile?
        }
        var id: String
        var sha: String
        var siblings: [Sibling]
    }

    private static func listing(of repository: Repository) throws -> Data {
        let siblings = repository.files.map { file in
            let size = file.statedSize ?? file.bytes.count
            let large = Listing.Sibling.LargeFile(
                sha256: file.statedSHA256 ?? file.sha256, size: size, pointerSize: 134)
            return Listing.Sibling(rfilename: file.name, size: size, lfs: file.isLarge ? large : nil)
        }
        return try JSONEncoder().encode(Listing(id: repository.name, sha: repository.commit, siblings: siblings))
    }
}

extension HubServer.File {
    var sha256: String { SHA256.hash(data: bytes).hexadecimal }
    /// As the storage gives it out: strong, in quotes.
    var etag: String { "\"\(sha256)\"" }
}

extension HubServer.Repository {
    /// The files of a model, in both formats, with some that no model needs. The seed is in the bytes of the weights.
    static func sample(seed: UInt64 = 1) -> Self {
        var generator = SeededGenerator(seed: seed)
        let weights = (0..<600_001).map { _ in UInt8.random(in: 0...255, using: &generator) }
        func text(_ text: String) -> [UInt8] { Array(text.utf8) }
        return Self(files: [
            .init(name: ".gitattributes", bytes: text("*.bin filter=lfs")),
            .init(name: "README.md", bytes: text("a model")),
            .init(name: "config.json", bytes: text(#"{"model_type": "bert"}"#)),
            .init(name: "model.safetensors", bytes: weights, isLarge: true),
            .init(name: "pytorch_model.bin", bytes: weights.reversed(), isLarge: true),
            .init(name: "special_tokens_map.json", bytes: text("{}")),
            .init(name: "tokenizer_config.json", bytes: text(#"{"do_lower_case": true}"#)),
            .init(name: "vocab.txt", bytes: text("[PAD]\n[UNK]\n")),
        ])
    }

    subscript(name: String) -> [UInt8]? { files.first { $0.name == name }?.bytes }

    mutating func remove(_ names: Set<String>) { files.removeAll { names.contains($0.name) } }

    mutating func change(_ name: String, _ change: (inout HubServer.File) -> Void) {
        for index in files.indices where files[index].name == name { change(&files[index]) }
    }
}
