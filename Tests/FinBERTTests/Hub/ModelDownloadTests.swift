import Domain
import Foundation
import Glibc
import HTTPTypes
import TestSupport
import Testing

@testable import FinBERT

@Suite struct ModelDownloadTests {
    private static let weights = "model.safetensors"
    private static let needed = [
        "config.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "model.safetensors",
    ]

    // MARK: what is fetched

    @Test func neededFilesArePlacedWithTheirManifest() async throws {
        try await HubHarness.running { harness in
            let repository = harness.hub.repository
            let manifest = try await harness.download().run()
            #expect(harness.placed == (Self.needed + [ModelManifest.fileName]).sorted())
            for name in Self.needed { #expect(try harness.bytes(name) == repository[name], "\(name)") }
            #expect(try ModelManifest.read(from: harness.folder) == manifest)
            #expect(manifest.repository == "ProsusAI/finbert")
            #expect(manifest.revision == "main")
            #expect(manifest.commit == repository.commit)
            #expect(manifest.fetchedAt.description == "2026-11-24T13:18:00.000Z")
            #expect(manifest.files.map(\.name) == Self.needed)
            for file in repository.files where Self.needed.contains(file.name) {
                let expected = ModelManifest.File(name: file.name, size: file.bytes.count, sha256: file.sha256)
                #expect(manifest.files.contains(expected), "\(file.name)")
            }
            #expect(manifest.weights?.name == Self.weights)
            #expect(harness.beside == ["finbert"])
        }
    }

    @Test func progressRisesToTheSizeOfAllFiles() async throws {
        try await HubHarness.running { harness in
            let manifest = try await harness.download().run()
            let total = manifest.files.reduce(0) { $0 + $1.size }
            let last = try #require(harness.progress.last)
            #expect(last == .init(file: Self.weights, bytesDone: total, bytesTotal: total, bytesReceived: total))
            #expect(harness.progress.map(\.bytesDone) == harness.progress.map(\.bytesDone).sorted())
            #expect(harness.progress.allSatisfy { $0.bytesTotal == total })
        }
    }

    @Test func torchWeightsServeWhereThereIsNoSafetensors() async throws {
        try await HubHarness.running { harness in
            harness.hub.repository.remove([Self.weights])
            let manifest = try await harness.download().run()
            #expect(manifest.weights?.name == "pytorch_model.bin")
            #expect(try harness.bytes("pytorch_model.bin") == harness.hub.repository["pytorch_model.bin"])
        }
    }

    @Test(arguments: [
        (["config.json"], "has no config.json"),
        (["vocab.txt"], "has neither vocab.txt nor tokenizer.json"),
        (["model.safetensors", "pytorch_model.bin"], "has neither model.safetensors nor pytorch_model.bin"),
    ])
    func repositoryWithoutAModelIsRefused(absent: [String], reason: String) async throws {
        try await HubHarness.running { harness in
            harness.hub.repository.remove(Set(absent))
            let error = try await harness.failure()
            #expect(error.code == .unusable)
            #expect(error.description.contains(reason))
            #expect(harness.beside.isEmpty)
        }
    }

    // MARK: going on

    @Test func brokenConnectionGoesOnWhereItStopped() async throws {
        try await HubHarness.running { harness in
            let file = try #require(harness.hub.repository.files.first { $0.name == Self.weights })
            harness.hub.trouble(Self.weights, [.breakAfter(250_000), .breakAfter(100_000)])
            _ = try await harness.download().run()
            #expect(try harness.bytes(Self.weights) == file.bytes)
            #expect(harness.hub.served(Self.weights) == file.bytes.count)
            #expect(
                harness.hub.seen(Self.weights) == [
                    .init(name: Self.weights),
                    .init(name: Self.weights, range: "bytes=250000-", ifRange: file.etag),
                    .init(name: Self.weights, range: "bytes=350000-", ifRange: file.etag),
                ])
            #expect(harness.pauses == [.seconds(1), .seconds(2)])
        }
    }

    @Test func laterRunGoesOnWhereAnEarlierStopped() async throws {
        try await HubHarness.running { harness in
            let file = try #require(harness.hub.repository.files.first { $0.name == Self.weights })
            harness.hub.trouble(Self.weights, [.breakAfter(250_000), .answer(403)])
            #expect(try await harness.failure().code == .refused)
            #expect(harness.placed == nil)
            _ = try await harness.download().run()
            #expect(try harness.bytes(Self.weights) == file.bytes)
            #expect(harness.hub.served(Self.weights) == file.bytes.count)
            #expect(harness.hub.seen(Self.weights).last?.range == "bytes=250000-")
            #expect(harness.placed == (Self.needed + [ModelManifest.fileName]).sorted())
        }
    }

    @Test func completeFileOfAnEarlierRunIsNotFetchedAgain() async throws {
        try await HubHarness.running { harness in
            harness.hub.repository.change("vocab.txt") { $0.isLarge = true }
            harness.hub.trouble(Self.weights, [.answer(403)])
            #expect(try await harness.failure().code == .refused)
            _ = try await harness.download().run()
            #expect(harness.hub.seen("vocab.txt").count == 1)
            #expect(try harness.bytes("vocab.txt") == harness.hub.repository["vocab.txt"])
        }
    }

    @Test func otherContentOfTheSameNameStartsOver() async throws {
        try await HubHarness.running { harness in
            harness.hub.trouble(Self.weights, [.breakAfter(250_000), .answer(403)])
            #expect(try await harness.failure().code == .refused)
            harness.hub.repository = .sample(seed: 2)
            _ = try await harness.download().run()
            #expect(harness.hub.seen(Self.weights).last == .init(name: Self.weights))
            #expect(try harness.bytes(Self.weights) == harness.hub.repository[Self.weights])
        }
    }

    @Test func answerWithTheWholeFileStartsOver() async throws {
        try await HubHarness.running { harness in
            let bytes = try #require(harness.hub.repository[Self.weights])
            harness.hub.trouble(Self.weights, [.breakAfter(250_000), .wholeFile])
            _ = try await harness.download().run()
            #expect(try harness.bytes(Self.weights) == bytes)
            #expect(harness.hub.served(Self.weights) == 250_000 + bytes.count)
        }
    }

    @Test func refusedRangeStartsOver() async throws {
        try await HubHarness.running { harness in
            harness.hub.trouble(Self.weights, [.breakAfter(250_000), .answer(416)])
            _ = try await harness.download().run()
            #expect(harness.hub.seen(Self.weights).map(\.range) == [nil, "bytes=250000-", nil])
            #expect(try harness.bytes(Self.weights) == harness.hub.repository[Self.weights])
        }
    }

    // MARK: what arrives

    @Test func wrongChecksumIsRefused() async throws {
        try await HubHarness.running { harness in
            harness.hub.repository.change(Self.weights) { $0.statedSHA256 = String(repeating: "0", count: 64) }
            let error = try await harness.failure()
            #expect(error.code == .damaged)
            #expect(error.description.contains(Self.weights))
            #expect(harness.placed == nil)
            let left = try #require(harness.names(in: harness.partial))
            #expect(left.contains("config.json"))
            #expect(!left.contains { $0.contains(Self.weights) })
        }
    }

    @Test(arguments: [600_000, 600_002])
    func wrongSizeIsRefused(stated: Int) async throws {
        try await HubHarness.running { harness in
            harness.hub.repository.change(Self.weights) { $0.statedSize = stated }
            let error = try await harness.failure()
            #expect(error.code == .damaged)
            #expect(error.description.contains(Self.weights))
            #expect(harness.placed == nil)
            #expect(harness.pauses.isEmpty)
        }
    }

    @Test func hugeListingIsRefused() async throws {
        try await HubHarness.running { harness in
            let spaces = [UInt8](repeating: 0x20, count: HubClient.listingLimit + 1)
            harness.hub.trouble(HubServer.listing, [.answer(200, body: spaces)])
            let error = try await harness.failure()
            #expect(error.code == .unusable)
            #expect(error.description.contains("4 MB"))
        }
    }

    @Test(arguments: ["../../../etc", "", "main", String(repeating: "g", count: 40)])
    func commitThatIsNoneIsRefused(commit: String) async throws {
        try await HubHarness.running { harness in
            harness.hub.repository.commit = commit
            let error = try await harness.failure()
            #expect(error.code == .unusable)
            #expect(harness.hub.seen.map(\.name) == [HubServer.listing])
        }
    }

    // MARK: trying again

    @Test func busyHubIsTriedAgain() async throws {
        try await HubHarness.running { harness in
            harness.hub.trouble(
                HubServer.listing, [.answer(503), .answer(429, headers: [.retryAfter: "7"]), .answer(500)])
            harness.hub.trouble("vocab.txt", [.answer(429)])
            _ = try await harness.download().run()
            #expect(harness.pauses == [.seconds(1), .seconds(7), .seconds(4), .seconds(1)])
            #expect(try harness.bytes("vocab.txt") == harness.hub.repository["vocab.txt"])
        }
    }

    @Test func isGivenUpAfterSixAttempts() async throws {
        try await HubHarness.running { harness in
            harness.hub.trouble(HubServer.listing, Array(repeating: .answer(502), count: 7))
            let error = try await harness.failure()
            #expect(error.code == .unavailable)
            #expect(error.description.contains("502"))
            #expect(harness.hub.seen.count == 6)
            #expect(harness.pauses == [1, 2, 4, 8, 16].map { .seconds($0) })
            #expect(harness.beside.isEmpty)
        }
    }

    @Test func waitLongerThanTenMinutesIsGivenUp() async throws {
        try await HubHarness.running { harness in
            harness.hub.trouble(HubServer.listing, [.answer(429, headers: [.retryAfter: "601"])])
            let error = try await harness.failure()
            #expect(error.code == .unavailable)
            #expect(error.description.contains("601 s"))
            #expect(harness.pauses.isEmpty)
        }
    }

    @Test func missingRepositoryIsFinal() async throws {
        try await HubHarness.running { harness in
            let error = try await harness.failure(harness.source(repository: "ProsusAI/nothing"))
            #expect(error.code == .notFound)
            #expect(error.description.contains("ProsusAI/nothing"))
            #expect(harness.hub.seen.count == 1)
            #expect(harness.pauses.isEmpty)
            #expect(harness.beside.isEmpty)
        }
    }

    @Test(arguments: [401, 403])
    func refusalIsFinalAndDoesNotShowTheToken(status: Int) async throws {
        try await HubHarness.running { harness in
            harness.hub.trouble(HubServer.listing, [.answer(status)])
            let error = try await harness.failure(harness.source(token: "hf_secret"))
            #expect(error.code == .refused)
            #expect(error.description.contains("\(status)"))
            #expect(error.description.contains("HF_TOKEN"))
            #expect(!error.description.contains("hf_secret"))
            #expect(harness.hub.seen.count == 1)
        }
    }

    @Test func unreachableHubSaysHowToPlaceTheFilesByHand() async throws {
        try await HubHarness.running { harness in
            // Bound and not listening: connections are refused, and nobody else can take the port.
            let (descriptor, port) = try Self.silentPort()
            defer { close(descriptor) }
            let error = try await harness.failure(ModelSource(endpoint: "http://127.0.0.1:\(port)"))
            #expect(error.code == .unreachable)
            for words in [
                "127.0.0.1", "config.json, vocab.txt or tokenizer.json",
                "https://huggingface.co/ProsusAI/finbert/tree/main", harness.folder.path, "consilod model verify",
            ] {
                #expect(error.description.contains(words), "\(words)")
            }
            #expect(harness.pauses.count == 5)
        }
    }

    private static func silentPort() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Unexpected("no socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            throw Unexpected("the socket cannot be bound")
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    @Test func nameThatCannotBeResolvedIsTriedTwice() {
        var schedule = RetrySchedule()
        let failure = AttemptFailure(kind: .unresolved, reason: "the name hub.invalid cannot be resolved")
        #expect(schedule.pause(after: failure) == .seconds(1))
        #expect(schedule.pause(after: failure) == nil)
    }

    // MARK: the token

    @Test func tokenIsNotSentToTheStorage() async throws {
        let storage = HubServer()
        try await storage.running { storageAddress in
            try await HubHarness.running { harness in
                harness.hub.storage = storageAddress
                let manifest = try await harness.download(harness.source(token: "hf_secret")).run()
                #expect(manifest.files.map(\.name) == Self.needed)
                #expect(harness.hub.seen.map(\.name) == [HubServer.listing] + Self.needed)
                #expect(harness.hub.seen.allSatisfy { $0.authorization == "Bearer hf_secret" })
                #expect(storage.seen.map(\.name) == Self.needed)
                #expect(storage.seen.allSatisfy { $0.authorization == nil })
            }
        }
    }

    @Test func tokenIsNotDescribed() throws {
        let source = try ModelSource(accessToken: AccessToken(" hf_secret\n"))
        var text = "\(source) \(String(reflecting: source))"
        dump(source, to: &text)
        #expect(text.contains("ProsusAI/finbert"))
        #expect(!text.contains("hf_secret"))
    }

    @Test(arguments: ["", " \n", "hf secret", "hf_\u{e9}", "hf_a\r\nX-Header: b"])
    func textThatIsNoTokenIsRefused(text: String) {
        #expect(throws: ModelDownloadError.self) { try AccessToken(text) }
    }

    // MARK: the source

    @Test(arguments: [
        "ftp://huggingface.co", "huggingface.co", "https://", "https://me:secret@huggingface.co", "https://h/?a=b",
    ])
    func addressThatIsNoHubIsRefused(endpoint: String) throws {
        let error = try #require(throws: ModelDownloadError.self) { try ModelSource(endpoint: endpoint) }
        #expect(error.code == .malformedSetting)
        #expect(!error.description.contains("secret"))
    }

    @Test(arguments: ["", "/", "a/b/c", "../finbert", "a/..", "a b/c", "a/b?c", "a//b"])
    func nameThatIsNoRepositoryIsRefused(repository: String) {
        #expect(throws: ModelDownloadError.self) { try ModelSource(repository: repository) }
    }

    @Test func addressesFollowTheHubsAPI() throws {
        let source = try ModelSource(endpoint: "https://mirror.example/hub/", revision: "refs/pr/1")
        #expect(
            source.listingAddress
                == "https://mirror.example/hub/api/models/ProsusAI/finbert/revision/refs%2Fpr%2F1?blobs=true")
        #expect(
            source.address(of: "vocab.txt", commit: "4556d13")
                == "https://mirror.example/hub/ProsusAI/finbert/resolve/4556d13/vocab.txt")
        #expect(source.page == "https://huggingface.co/ProsusAI/finbert/tree/refs/pr/1")
    }
}
