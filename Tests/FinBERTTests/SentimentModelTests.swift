import Domain
import Foundation
import TestSupport
import Testing

@testable import FinBERT

/// The real engine on the tiny model, against what Hugging Face's transformers say of it.
@Suite(.enabled(if: SentimentModel.hasEngine, "consilod was built without OpenVINO: run script/setup"))
struct SentimentModelTests {
    private static let formats = ["tiny", "tiny-torch", "tiny-legacy", "tiny-onnx"]

    private func load(_ name: String, precision: Precision = .fp32) throws -> LoadedModel {
        let folder = try ModelFolder(TestModel.fixtures.appendingPathComponent(name))
        return try LoadedModel(
            folder, precision: precision, threads: 1, tokenizer: try BertTokenizer(folder: folder.url))
    }

    @Test(arguments: formats)
    func givesTheLogitsOfTransformers(format: String) throws {
        let model = try load(format)
        let texts = try Expected.all().filter { $0.logits != nil }
        #expect(texts.count > 90)
        // Alone, and together with others of other lengths, whose padding must not matter.
        for batch in texts.map({ [$0] })
            + stride(from: 0, to: texts.count, by: 9).map({ Array(texts[$0..<min($0 + 9, texts.count)]) })
        {
            for (ours, expected) in zip(try model.logits(of: batch.map(\.ids)), batch) {
                let theirs = try #require(expected.logits)
                let difference = zip(ours, theirs).map { abs($0 - $1) }.max() ?? .infinity
                #expect(difference <= 1e-4, "\(expected.text.debugDescription): \(difference)")
            }
        }
    }

    /// P4: what is stored must not depend on what was read beside a text.
    @Test(arguments: [
        ("tiny", Precision.fp32), ("tiny", .bf16), ("tiny", .int8), ("tiny-torch", .fp32), ("tiny-onnx", .fp32),
    ])
    func aTextHasTheSameAnswerAloneAndInEveryBatch(format: String, precision: Precision) throws {
        guard try precision != .bf16 || OpenVINONetwork.supportsBF16() else { return }
        let model = try load(format, precision: precision)
        let texts = try Expected.all().filter { $0.logits != nil }.map(\.ids)
        let alone = try texts.map { try model.probabilities(of: [$0])[0] }
        var random = SeededGenerator(seed: 11)
        var batches = 0
        for size in 1...40 {
            var waiting = Array(texts.indices).shuffled(using: &random)
            while !waiting.isEmpty {
                // As the thread does it: the planner chooses from what waits.
                let queued = Array(waiting.prefix(size))
                let batch = model.planner.nextBatch(of: queued.map { texts[$0].count }).map { queued[$0] }
                let answers = try model.probabilities(of: batch.map { texts[$0] })
                for (text, answer) in zip(batch, answers) {
                    #expect(answer == alone[text], "a batch of \(batch.count), \(texts[text].count) tokens")
                    #expect(answer.reading == alone[text].reading)
                }
                batches += 1
                waiting.removeAll(where: Set(batch).contains)
            }
        }
        #expect(batches >= 40)
    }

    @Test func eightBitsAgreeOnTheClass() throws {
        let (exact, small) = (try load("tiny"), try load("tiny", precision: .int8))
        let texts = try Expected.all().filter { $0.logits != nil }.map(\.ids)
        let pairs = zip(try exact.probabilities(of: texts), try small.probabilities(of: texts)).map { ($0, $1) }
        let agreeing = pairs.count { $0.0.reading.label == $0.1.reading.label }
        #expect(Double(agreeing) / Double(pairs.count) >= 0.95)
        // It is another computation, not the same under another name.
        #expect(pairs.contains { $0.0 != $0.1 })
    }

    @Test func readsDeliveryTalkAsItIsMeant() async throws {
        let model = try await SentimentModel(folder: TestModel.folder, options: .init(precision: .fp32, threads: 1))
        let readings = try await model.classify([
            "we are blocked again, the customer is angry!", "great, the release is fixed and stable. thanks!",
            "see the attached file", "",
        ])
        #expect(readings.map(\.label) == [.negative, .positive, .neutral, .neutral])
        #expect(readings.allSatisfy { (0...1).contains($0.score) })
    }

    @Test func aLongTextIsTheWeightedMeanOfItsWindows() async throws {
        let model = try await SentimentModel(folder: TestModel.folder, options: .init(precision: .fp32, threads: 1))
        let text =
            String(repeating: "thanks, this is fixed. ", count: 20) + String(repeating: "we are late ", count: 11)
        let loaded = try load("tiny")
        let tokenizer = try BertTokenizer(folder: TestModel.folder)
        let windows = TextWindows.cut(tokenizer.ids(of: text), limit: 62)
        #expect(windows.count == 3)
        let parts = try loaded.probabilities(of: windows.map { [tokenizer.start] + $0 + [tokenizer.end] })
        let read = try #require(try await model.probabilities(of: [text]).first ?? nil)
        let length = Double(windows.reduce(0) { $0 + $1.count })
        for label in SentimentLabel.allCases {
            let mean = zip(parts, windows).reduce(0) { $0 + ($1.0.values[label] ?? 0) * Double($1.1.count) / length }
            #expect(abs((read.values[label] ?? 0) - mean) < 1e-5)
        }
    }

    @Test func answersStayWithTheirTextsHoweverTheyAreBatched() async throws {
        let model = try await SentimentModel(folder: TestModel.folder, options: .init(precision: .fp32, threads: 1))
        let texts = try Expected.all().map(\.text)
        let alone = try load("tiny")
        let tokenizer = try BertTokenizer(folder: TestModel.folder)
        let together = try await withThrowingTaskGroup(of: (Int, SentimentReading).self) { group in
            for round in 0..<8 {
                group.addTask {
                    let index = round * 7 % texts.count
                    let slice = Array(texts[index...])
                    return (index, try await model.classify(slice)[slice.count / 2])
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for (index, reading) in together {
            let slice = Array(texts[index...])
            let ids = tokenizer.encode(slice[slice.count / 2], limit: 64)
            guard ids.count > 2, ids.count < 64 else { continue }
            let expected = try alone.probabilities(of: [ids])[0].reading
            #expect(reading == expected)
        }
        #expect(together.count == 8)
    }

    @Test func theModelIsNamedAfterItsFilesAndItsPrecision() async throws {
        let model = try await SentimentModel(folder: TestModel.folder, options: .init(precision: .fp32, threads: 1))
        let digest = try ModelFolder(TestModel.folder).digest
        #expect(model.modelID == "tiny-\(digest.prefix(12))-fp32-2")
        #expect(model.details.languages == [.english])
        #expect(model.details.format == "safetensors")
        #expect(model.details.engine.hasPrefix("OpenVINO 20"))
        #expect(model.details.window == 64)
    }

    @Test(arguments: [
        ("ProsusAI/finbert", "finbert"), ("/home/ada/models/finbertTRC2/", "finberttrc2"),
        ("all-MiniLM-L6-v2", "all-minilm-l6-v2"), ("模型", "folder-name"), ("", "folder-name"),
        (String(repeating: "long ", count: 20), "long-long-long-long-long-long-long-long"),
    ])
    func theConfiguredNameGoesBeforeTheFolders(configured: String, name: String) throws {
        let copy = try ModelCopy()
        try copy.change("config.json", ["_name_or_path": configured])
        let parent = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: parent) }
        let folder = parent.appendingPathComponent("Folder Name")
        try FileManager.default.copyItem(at: copy.folder, to: folder)
        #expect(try ModelFolder(folder).name == name)
    }

    // MARK: Models that cannot be used

    @Test func weightsOfAnotherShapeAreNamed() async throws {
        let copy = try ModelCopy()
        try copy.change("config.json", ["intermediate_size": 64])
        let error = try await #require(throws: ModelError.self) { try await SentimentModel(folder: copy.folder) }
        #expect(
            error.description
                == """
                model.safetensors: tensor bert.encoder.layer.0.intermediate.dense.weight has the shape [32, 16]; \
                config.json needs [64, 16]
                """)
    }

    @Test func damagedWeightsAreFoundAtStart() async throws {
        let copy = try ModelCopy()
        let file = try MappedFile(path: copy.url("model.safetensors").path)
        let tensor = try #require(try TensorTable.read(file).tensors["classifier.bias"])
        var data = try copy.read("model.safetensors")
        data.replaceSubrange(tensor.offset..<tensor.offset + 4, with: [0, 0, 0xC0, 0x7F])
        try copy.write(data, to: "model.safetensors")
        let error = try await #require(throws: ModelError.self) { try await SentimentModel(folder: copy.folder) }
        #expect(error.description == "the model's output is not a number: its weights are damaged")
    }

    @Test func aVocabularyLargerThanTheModelIsRefused() async throws {
        let copy = try ModelCopy()
        try copy.write(try copy.read("vocab.txt") + Data("more\n".utf8), to: "vocab.txt")
        let error = try await #require(throws: ModelError.self) { try await SentimentModel(folder: copy.folder) }
        #expect(error.description.contains("vocab_size"))
    }

    @Test(arguments: ["model.onnx", "openvino_model.xml"])
    func aNetworkThatIsNoneIsRefused(name: String) async throws {
        let copy = try ModelCopy(of: "tiny-onnx")
        try copy.remove("model.onnx")
        try copy.write(Data("this is no network".utf8), to: name)
        let error = try await #require(throws: ModelError.self) { try await SentimentModel(folder: copy.folder) }
        #expect(error.code == .engine)
        #expect(error.description.contains(name))
    }
}
