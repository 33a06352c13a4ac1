import Foundation
import TestSupport
import Testing

@testable import FinBERT

/// Wrong, truncated and hostile files end in an exact error, never in a crash.
@Suite struct CheckpointTests {
    private func table(_ url: URL) throws -> TensorTable { try TensorTable.read(MappedFile(path: url.path)) }

    private static let files = [
        ("tiny", "model.safetensors", "safetensors"), ("tiny-torch", "pytorch_model.bin", "PyTorch"),
        ("tiny-legacy", "pytorch_model.bin", "PyTorch before 1.6"),
    ]

    @Test func findsTheSameTensorsInEveryFormat() throws {
        let tables = try Self.files.map { try table(TestModel.fixtures.appendingPathComponent("\($0.0)/\($0.1)")) }
        #expect(tables.map(\.format) == Self.files.map(\.2))
        #expect(tables[0].tensors.count == 41)
        for table in tables {
            #expect(table.tensors.mapValues(\.shape) == tables[0].tensors.mapValues(\.shape))
            #expect(table.tensors.values.allSatisfy { $0.type == .f32 })
        }
        // The same numbers too.
        let files = try Self.files.map {
            try MappedFile(path: TestModel.fixtures.appendingPathComponent("\($0.0)/\($0.1)").path)
        }
        for (name, tensor) in tables[0].tensors {
            let bytes = try zip(files, tables).map { file, table in
                let tensor = try #require(table.tensors[name])
                return Data(file.bytes[tensor.offset..<tensor.offset + tensor.size])
            }
            #expect(bytes[0] == bytes[1] && bytes[0] == bytes[2], "\(name)")
            #expect(tensor.size > 0)
        }
    }

    @Test(arguments: files.indices)
    func aTruncatedFileIsNamed(index: Int) throws {
        let (folder, name, _) = Self.files[index]
        let copy = try ModelCopy(of: folder)
        let whole = try copy.read(name)
        var random = SeededGenerator(seed: UInt64(index))
        for cut in [1, 3, 8, 9, 100, whole.count - 1]
            + (0..<60).map({ _ in Int.random(in: 1..<whole.count, using: &random) })
        {
            try copy.write(whole.prefix(cut), to: name)
            let error = try #require(throws: ModelError.self, "cut to \(cut)") { try table(copy.url(name)) }
            #expect(error.description.hasPrefix("\(name): "), "\(error)")
            #expect(error.code == .malformed)
        }
        try copy.write(Data(), to: name)
        #expect(throws: ModelError.self) { try table(copy.url(name)) }
    }

    @Test(arguments: files.indices)
    func spoiledBytesNeverCrashTheReader(index: Int) throws {
        let (folder, name, _) = Self.files[index]
        let copy = try ModelCopy(of: folder)
        let whole = try copy.read(name)
        var random = SeededGenerator(seed: UInt64(100 + index))
        var refused = 0
        for _ in 0..<400 {
            var data = whole
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                // Headers, pickles and directories lie at the ends.
                let reach = min(data.count, 6000)
                let place =
                    Bool.random(using: &random)
                    ? Int.random(in: 0..<reach, using: &random)
                    : data.count - 1 - Int.random(in: 0..<reach, using: &random)
                data[place] = UInt8.random(in: 0...255, using: &random)
            }
            try copy.write(data, to: name)
            do {
                // What is accepted lies within the file.
                for tensor in try table(copy.url(name)).tensors.values {
                    #expect(tensor.offset >= 0 && tensor.size >= 0 && tensor.offset + tensor.size <= data.count)
                }
            } catch is ModelError {
                refused += 1
            }
        }
        #expect(refused > 100)
    }

    @Test func aPickleIsReadAndNeverRun() throws {
        // What Python would run as os.system("touch …"): GLOBAL, MARK, text, TUPLE, REDUCE, STOP.
        let copy = try ModelCopy()
        let trace = copy.url("ran")
        let command = "touch \(trace.path)"
        var pickle = Data([0x80, 2]) + Data("cos\nsystem\n(X".utf8)
        withUnsafeBytes(of: UInt32(command.utf8.count).littleEndian) { pickle += $0 }
        pickle += Data("\(command)tR.".utf8)
        try copy.write(pickle, to: "pytorch_model.bin")
        let error = try #require(throws: ModelError.self) { try table(copy.url("pytorch_model.bin")) }
        #expect(error.description == "pytorch_model.bin: it is neither safetensors nor a PyTorch checkpoint")
        #expect(!FileManager.default.fileExists(atPath: trace.path))
    }

    @Test(arguments: [
        "{\"a\": {\"dtype\": \"F32\", \"shape\": [4611686018427387904, 8], \"data_offsets\": [0, 0]}}",
        "{\"a\": {\"dtype\": \"F32\", \"shape\": [-1], \"data_offsets\": [0, 4]}}",
        "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [8, 4]}}",
        "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [-4, 0]}}",
        "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 4]}}",
        "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0]}}", "{\"a\": 3}", "[1]", "{",
    ])
    func liesInTheHeaderAreFound(header: String) throws {
        let copy = try ModelCopy()
        var data = Data()
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data += $0 }
        data += Data(header.utf8) + Data(count: 16)
        try copy.write(data, to: "model.safetensors")
        #expect(throws: ModelError.self) { try table(copy.url("model.safetensors")) }
    }

    // MARK: config.json

    @Test(
        arguments: [
            (["model_type": "roberta"], "config.json: model_type is roberta; consilod runs bert"),
            (
                ["architectures": ["BertForMaskedLM"]],
                "config.json: architectures is BertForMaskedLM; consilod runs BertForSequenceClassification"
            ),
            (["hidden_act": "relu"], "config.json: hidden_act is relu; consilod runs gelu"),
            (["num_hidden_layers": -1], "config.json: num_hidden_layers is -1; it must be 1 to 128"),
            (["num_attention_heads": 5], "config.json: hidden_size 16 is not a multiple of num_attention_heads 5"),
            (["hidden_size": "wide"], "config.json: hidden_size has the wrong type"),
            (
                ["id2label": ["0": "LABEL_0", "1": "LABEL_1"]],
                """
                config.json: id2label is {0: LABEL_0, 1: LABEL_1}; it must name the classes 0 to 2 positive, negative and \
                neutral, each once
                """
            ),
        ] as [([String: any Sendable], String)])
    func saysWhyAConfigurationIsRefused(change: [String: any Sendable], message: String) throws {
        let copy = try ModelCopy()
        try copy.change("config.json", change)
        let error = try #require(throws: ModelError.self) { try ModelFolder(copy.folder) }
        #expect(error.description == message)
    }

    @Test func theDigestIsThatOfWhatAnswers() throws {
        let (one, other) = (try ModelCopy(), try ModelCopy())
        let digest = try ModelFolder(one.folder).digest
        try other.write(Data("read me".utf8), to: "README.md")
        #expect(try ModelFolder(other.folder).digest == digest)
        var weights = try other.read("model.safetensors")
        weights[weights.count - 1] ^= 1
        try other.write(weights, to: "model.safetensors")
        #expect(try ModelFolder(other.folder).digest != digest)
    }

    @Test func saysWhatIsMissing() throws {
        let copy = try ModelCopy()
        try copy.remove("model.safetensors")
        let noWeights = try #require(throws: ModelError.self) { try ModelFolder(copy.folder) }
        #expect(noWeights.code == .missing && noWeights.description.contains("has no weights"))
        try copy.remove("config.json")
        #expect(!ModelFolder.isPresent(at: copy.folder))
        let noFolder = try #require(throws: ModelError.self) { try ModelFolder(copy.url("nothing")) }
        #expect(noFolder.description.hasPrefix("there is no model folder"))
    }
}
