import Domain
import Foundation

/// The shape of a BERT sequence classifier, from its `config.json`.
struct BertConfig: Sendable {
    var layers: Int
    var heads: Int
    var hidden: Int
    var intermediate: Int
    var vocabulary: Int
    var positions: Int
    var tokenTypes: Int
    var layerNormEpsilon: Double
    /// The class of each output, in the order of the outputs.
    var labels: [SentimentLabel]
    /// `_name_or_path` as it stands; nil where it is missing.
    var name: String?

    private struct Document: Decodable {
        var _name_or_path: String?
        var model_type: String?
        var architectures: [String]?
        var hidden_act: String?
        var position_embedding_type: String?
        var num_hidden_layers: Int
        var num_attention_heads: Int
        var hidden_size: Int
        var intermediate_size: Int
        var vocab_size: Int
        var max_position_embeddings: Int
        var type_vocab_size: Int?
        var layer_norm_eps: Double?
        var id2label: [String: String]?
    }

    /// Reads `config.json`. Throws ``ModelError`` for a model that is not a BERT sequence classifier, or whose
    /// `id2label` does not name positive, negative and neutral.
    init(folder: URL) throws {
        guard let data = try ModelFiles.read("config.json", in: folder) else {
            throw ModelError(.missing, "\(folder.path) has no config.json")
        }
        let document = try ModelFiles.decode(Document.self, from: data, name: "config.json")
        func require(_ holds: Bool, _ text: @autoclosure () -> String) throws {
            guard holds else { throw ModelError(.unsupported, "config.json: \(text())") }
        }
        try require(
            document.model_type ?? "bert" == "bert",
            "model_type is \(document.model_type ?? "missing"); consilod runs bert")
        let architectures = document.architectures ?? []
        try require(
            architectures.isEmpty || architectures.contains("BertForSequenceClassification"),
            "architectures is \(architectures.joined(separator: ", ")); consilod runs BertForSequenceClassification")
        try require(
            document.hidden_act ?? "gelu" == "gelu", "hidden_act is \(document.hidden_act ?? ""); consilod runs gelu")
        try require(
            document.position_embedding_type ?? "absolute" == "absolute",
            "position_embedding_type is \(document.position_embedding_type ?? ""); consilod runs absolute")

        func size(_ name: String, _ value: Int, upTo limit: Int) throws -> Int {
            try require((1...limit).contains(value), "\(name) is \(value); it must be 1 to \(limit)")
            return value
        }
        layers = try size("num_hidden_layers", document.num_hidden_layers, upTo: 128)
        heads = try size("num_attention_heads", document.num_attention_heads, upTo: 256)
        hidden = try size("hidden_size", document.hidden_size, upTo: 16_384)
        intermediate = try size("intermediate_size", document.intermediate_size, upTo: 65_536)
        vocabulary = try size("vocab_size", document.vocab_size, upTo: 10_000_000)
        positions = try size("max_position_embeddings", document.max_position_embeddings, upTo: 1_000_000)
        tokenTypes = try size("type_vocab_size", document.type_vocab_size ?? 2, upTo: 1024)
        layerNormEpsilon = document.layer_norm_eps ?? 1e-12
        try require(positions >= 8, "max_position_embeddings is \(positions); it must be 8 or more")
        try require(hidden % heads == 0, "hidden_size \(hidden) is not a multiple of num_attention_heads \(heads)")
        try require((1e-15...1).contains(layerNormEpsilon), "layer_norm_eps is \(layerNormEpsilon)")
        labels = try Self.labels(document.id2label)
        name = document._name_or_path
    }

    private static func labels(_ names: [String: String]?) throws -> [SentimentLabel] {
        let names = names ?? [:]
        let labels = (0..<names.count).map { names["\($0)"].flatMap { SentimentLabel(rawValue: $0.lowercased()) } }
        guard Set(labels) == Set(SentimentLabel.allCases), labels.count == SentimentLabel.allCases.count else {
            let found = names.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
            throw ModelError(
                .unsupported,
                """
                config.json: id2label is {\(found)}; it must name the classes 0 to 2 positive, negative and neutral, \
                each once
                """)
        }
        return labels.compactMap(\.self)
    }
}
