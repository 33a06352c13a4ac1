import FinBERT
import Foundation
import TestSupport

/// What Hugging Face's libraries say of a text, for the tiny model.
struct Expected: Decodable, Sendable {
    var text: String
    var ids: [Int32]
    /// Nil for texts longer than the model's 64 tokens.
    var logits: [Float]?

    static func all() throws -> [Expected] {
        try JSONDecoder().decode(
            [Expected].self, from: Data(contentsOf: TestModel.fixtures.appendingPathComponent("expected.json")))
    }
}

/// A copy of a model's folder that a test may spoil; removed in the end.
final class ModelCopy {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("model-\(UUID().uuidString)")

    init(of name: String = "tiny") throws {
        try FileManager.default.copyItem(at: TestModel.fixtures.appendingPathComponent(name), to: folder)
    }

    deinit {
        // A leftover in the temporary folder is not the test's concern.
        try? FileManager.default.removeItem(at: folder)
    }

    func url(_ name: String) -> URL { folder.appendingPathComponent(name) }
    func read(_ name: String) throws -> Data { try Data(contentsOf: url(name)) }
    func write(_ data: Data, to name: String) throws { try data.write(to: url(name)) }
    func remove(_ name: String) throws { try FileManager.default.removeItem(at: url(name)) }

    /// Sets keys of a JSON file; nil removes one.
    func change(_ name: String, _ values: [String: Any?]) throws {
        var document = try JSONSerialization.jsonObject(with: read(name)) as? [String: Any] ?? [:]
        for (key, value) in values { document[key] = value }
        try write(JSONSerialization.data(withJSONObject: document), to: name)
    }
}
