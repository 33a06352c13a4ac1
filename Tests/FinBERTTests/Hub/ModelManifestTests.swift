import Domain
import Foundation
import Testing

@testable import FinBERT

@Suite struct ModelManifestTests {
    @Test func changedFilesAreNamed() async throws {
        try await HubHarness.running { harness in
            let manifest = try await harness.download().run()
            #expect(try manifest.mismatches(in: harness.folder) == [])
            var weights = try harness.bytes("model.safetensors")
            weights[300_000] ^= 1
            try Data(weights).write(to: harness.folder.appendingPathComponent("model.safetensors"))
            #expect(try manifest.mismatches(in: harness.folder) == ["model.safetensors"])
            try harness.write("[PAD]\n", to: "vocab.txt")
            #expect(try manifest.mismatches(in: harness.folder) == ["vocab.txt", "model.safetensors"])
            try FileManager.default.removeItem(at: harness.folder.appendingPathComponent("config.json"))
            #expect(
                try manifest.mismatches(in: harness.folder) == ["config.json", "vocab.txt", "model.safetensors"])
        }
    }

    @Test func sameModelGivesTheSameBytes() throws {
        let manifest = ModelManifest(
            repository: "ProsusAI/finbert", revision: "main", commit: "4556d13",
            fetchedAt: .init(milliseconds: 1_795_526_280_000),
            files: [.init(name: "vocab.txt", size: 12, sha256: "ab")])
        #expect(
            String(decoding: try manifest.encoded(), as: UTF8.self) == """
                {
                  "commit" : "4556d13",
                  "fetchedAt" : "2026-11-24T13:18:00.000Z",
                  "files" : [
                    {
                      "name" : "vocab.txt",
                      "sha256" : "ab",
                      "size" : 12
                    }
                  ],
                  "repository" : "ProsusAI/finbert",
                  "revision" : "main"
                }

                """)
    }

    @Test func folderWithoutAManifestHasNone() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        #expect(try ModelManifest.read(from: folder) == nil)
    }

    @Test(arguments: [
        "{}", "[]", "{",
        """
        {"commit": "a", "fetchedAt": "2026-11-24T13:18:00.000Z", "repository": "a/b", "revision": "main",
         "files": [{"name": "../vocab.txt", "size": 1, "sha256": "ab"}]}
        """,
    ])
    func manifestThatIsNoneIsRefused(text: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(text.utf8).write(to: folder.appendingPathComponent(ModelManifest.fileName))
        let error = try #require(throws: ModelError.self) { try ModelManifest.read(from: folder) }
        #expect(error.code == .malformed)
    }
}
