import Foundation
import Testing

@testable import FinBERT

@Suite struct ModelPlacementTests {
    @Test func fetchedModelIsReplaced() async throws {
        try await HubHarness.running { harness in
            harness.hub.repository.remove(["model.safetensors"])
            _ = try await harness.download().run()
            harness.hub.repository = .sample(seed: 2)
            harness.hub.repository.commit = String(repeating: "b", count: 40)
            let manifest = try await harness.download().run()
            #expect(try ModelManifest.read(from: harness.folder) == manifest)
            #expect(manifest.commit == String(repeating: "b", count: 40))
            #expect(try harness.bytes("model.safetensors") == harness.hub.repository["model.safetensors"])
            #expect(harness.placed?.contains("pytorch_model.bin") == false)
            #expect(harness.beside == ["finbert"])
        }
    }

    @Test func failedDownloadLeavesTheFetchedModel() async throws {
        try await HubHarness.running { harness in
            let manifest = try await harness.download().run()
            harness.hub.repository = .sample(seed: 2)
            harness.hub.repository.change("model.safetensors") { $0.statedSHA256 = String(repeating: "0", count: 64) }
            #expect(try await harness.failure().code == .damaged)
            #expect(try ModelManifest.read(from: harness.folder) == manifest)
            #expect(try manifest.mismatches(in: harness.folder) == [])
        }
    }

    @Test func modelPlacedByHandIsReplacedOnlyOnDemand() async throws {
        try await HubHarness.running { harness in
            try harness.write("mine", to: "config.json")
            let error = try await harness.failure()
            #expect(error.code == .occupied)
            #expect(error.description.contains(harness.folder.path))
            #expect(try harness.bytes("config.json") == Array("mine".utf8))
            #expect(harness.hub.seen.isEmpty)
            #expect(harness.beside == ["finbert"])
            _ = try await harness.download(replacesUnmanaged: true).run()
            #expect(try harness.bytes("config.json") == harness.hub.repository["config.json"])
            #expect(harness.beside == ["finbert"])
        }
    }

    @Test func emptyFolderIsFilled() async throws {
        try await HubHarness.running { harness in
            try FileManager.default.createDirectory(at: harness.folder, withIntermediateDirectories: true)
            let manifest = try await harness.download().run()
            #expect(try ModelManifest.read(from: harness.folder) == manifest)
        }
    }

    @Test func fileInThePlaceOfTheFolderIsNotReplaced() async throws {
        try await HubHarness.running { harness in
            try Data("mine".utf8).write(to: harness.folder)
            do {
                _ = try await harness.download(replacesUnmanaged: true).run()
                Issue.record("the file was replaced")
            } catch let error as ModelDownloadError {
                #expect(error.code == .occupied)
            }
            #expect(try Data(contentsOf: harness.folder) == Data("mine".utf8))
        }
    }

    @Test func nothingIsGatheredWhereSomebodyElseHasLaidALink() async throws {
        try await HubHarness.running { harness in
            let elsewhere = harness.folder.deletingLastPathComponent().appendingPathComponent("elsewhere")
            try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
            try Data("theirs".utf8).write(to: elsewhere.appendingPathComponent("passwd"))
            try FileManager.default.createSymbolicLink(at: harness.partial, withDestinationURL: elsewhere)
            #expect(try await harness.failure().code == .storage)
            #expect(harness.names(in: elsewhere) == ["passwd"])
            try FileManager.default.removeItem(at: harness.partial)

            // What a killed run left is gone on with, but not through a link in it.
            try FileManager.default.createDirectory(at: harness.partial, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                at: harness.partial.appendingPathComponent(ModelManifest.fileName),
                withDestinationURL: elsewhere.appendingPathComponent("passwd"))
            _ = try await harness.download().run()
            #expect(try Data(contentsOf: elsewhere.appendingPathComponent("passwd")) == Data("theirs".utf8))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can make what is another user's"))
    func aFolderOfSomebodyElseIsNotGatheredIn() async throws {
        try await HubHarness.running { harness in
            try FileManager.default.createDirectory(at: harness.partial, withIntermediateDirectories: true)
            try #require(chown(harness.partial.path, 65_534, 65_534) == 0)
            let error = try await harness.failure()
            #expect(error.code == .occupied && error.description.contains("is another user's"), "\(error)")
        }
    }

    @Test func onlyOneDownloadWorksOnAFolder() async throws {
        try await HubHarness.running { harness in
            let placement = ModelPlacement(folder: harness.folder, replacesUnmanaged: false)
            let entrance = try placement.enter()
            #expect(try await harness.failure().code == .occupied)
            placement.leave(entrance)
            _ = try await harness.download().run()
            #expect(harness.beside == ["finbert"])
        }
    }

    @Test func modelSetAsideByAKilledRunIsPutBack() async throws {
        try await HubHarness.running { harness in
            let manifest = try await harness.download().run()
            let aside = harness.folder.deletingLastPathComponent().appendingPathComponent(".finbert.consilod-replaced")
            try FileManager.default.moveItem(at: harness.folder, to: aside)
            harness.hub.trouble(HubServer.listing, [.answer(404)])
            #expect(try await harness.failure().code == .notFound)
            #expect(try ModelManifest.read(from: harness.folder) == manifest)
            #expect(harness.beside == ["finbert"])
        }
    }

    @Test func linkToAFolderStaysALink() async throws {
        try await HubHarness.running { harness in
            let real = harness.folder.deletingLastPathComponent().appendingPathComponent("disk")
            try FileManager.default.createDirectory(at: real, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(at: harness.folder, withDestinationURL: real)
            let manifest = try await harness.download().run()
            #expect(try ModelManifest.read(from: real) == manifest)
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: harness.folder.path).hasSuffix("/disk"))
        }
    }
}
