public import Domain
import Foundation
#if HAS_OPENVINO
    import COpenVINO
#endif

/// A model in memory: tokens in, probabilities of the classes out. Belongs to one thread.
final class LoadedModel {
    private let network: OpenVINONetwork
    private let labels: [SentimentLabel]
    private let padding: Int32
    private let positions: Int
    /// The format of the weights, as `safetensors` or `ONNX`.
    let format: String
    /// Which sequences it reads together.
    let planner: BatchPlanner
    private var weights: WeightBlock?

    /// Compiles the model of a folder. Throws ``ModelError``.
    ///
    /// - Parameter readsTogether: whether sequences may share a batch; nil where their answers allow it.
    init(
        _ folder: ModelFolder, precision: Precision, threads: Int, tokenizer: BertTokenizer,
        readsTogether: Bool? = nil
    ) throws {
        labels = folder.config.labels
        padding = tokenizer.padding
        positions = folder.config.positions
        let group = GroupQuantisation.inputGroup(of: folder.config)
        let readsTogether =
            readsTogether
            ?? (ProcessorFeatures.current.answersAlikeTogether(in: precision) && (precision != .int8 || group != nil))
        let options = OpenVINONetwork.Options(
            precision: precision, threads: threads, quantisationGroup: precision == .int8 ? group ?? 0 : 0)
        guard case .checkpoint(let path) = folder.weights else {
            guard precision != .int8 else {
                throw ModelError(
                    .unsupported, "\(folder.weights.name) cannot be quantised: precision int8 needs a checkpoint")
            }
            format = folder.weights.name.hasSuffix(".onnx") ? "ONNX" : "OpenVINO IR"
            planner = BatchPlanner(form: .padded, readsTogether: readsTogether)
            network = try OpenVINONetwork(.file(folder.weights.path), options: options)
            try check(tokenizer)
            return
        }
        let block = WeightBlock(try MappedFile(path: path, hasRoom: true))
        let table = try TensorTable.read(block.file)
        format = table.format
        planner = BatchPlanner(form: .packed, readsTogether: readsTogether)
        var graph = try BertGraph(folder.config, table, in: block, matrices: Self.matrices(in: precision))
        weights = block
        network = try OpenVINONetwork(.graph(try graph.build(), weights: block), options: options)
        try check(tokenizer)
    }

    private static func matrices(in precision: Precision) -> BertGraph.Matrices {
        switch precision {
        case .int8: .quantised
        case .fp32 where ProcessorFeatures.current.hasAVX512: .inPlace
        case .fp32, .bf16, .auto: .packed
        }
    }

    /// Returns memory to the system that the next batch does not need: the engine holds packed copies of the matrices, and
    /// reads only the embeddings it needs from the file.
    func rest() {
        weights?.releasePages()
        #if HAS_OPENVINO
            malloc_trim(0)
        #endif
    }

    /// Reads one short text, so that an unusable model fails at start.
    private func check(_ tokenizer: BertTokenizer) throws {
        _ = try probabilities(of: [tokenizer.encode("ready")])
    }

    /// The probability of each class, per sequence. Throws ``ModelError`` if the output has the wrong size or is not finite.
    func probabilities(of sequences: [[Int32]]) throws -> [ClassProbabilities] {
        try logits(of: sequences).map { ClassProbabilities(logits: $0, labels: labels) }
    }

    /// The output of the classifier's last layer, per sequence.
    func logits(of sequences: [[Int32]]) throws -> [[Float]] {
        let batch = TokenBatch(sequences, padding: padding, form: planner.form, positions: positions)
        let values = try network.run(batch)
        guard values.count == batch.rows * labels.count else {
            throw ModelError(
                .unsupported,
                "the model gives \(values.count) numbers for \(batch.rows) texts and \(labels.count) classes")
        }
        let answers = values.prefix(sequences.count * labels.count)
        guard answers.allSatisfy(\.isFinite) else {
            throw ModelError(.malformed, "the model's output is not a number: its weights are damaged")
        }
        return stride(from: 0, to: answers.count, by: labels.count).map { Array(answers[$0..<$0 + labels.count]) }
    }
}

/// The probability of each class of one text; they sum to 1.
public struct ClassProbabilities: Sendable, Hashable {
    /// By class, each 0–1.
    public private(set) var values: [SentimentLabel: Double] = [:]

    init(logits: [Float], labels: [SentimentLabel]) {
        let largest = logits.max() ?? 0
        let weights = logits.map { exp(Double($0 - largest)) }
        let sum = weights.reduce(0, +)
        for (label, weight) in zip(labels, weights) { values[label] = weight / sum }
    }

    /// The mean of several windows of one text, weighted by their lengths.
    init(of windows: [(probabilities: ClassProbabilities, length: Int)]) {
        let length = Double(max(windows.reduce(0) { $0 + $1.length }, 1))
        for label in SentimentLabel.allCases {
            values[label] = windows.reduce(0) {
                $0 + ($1.probabilities.values[label] ?? 0) * Double($1.length) / length
            }
        }
    }

    /// The most probable class and its probability, rounded to ten-thousandths: finer digits depend on the processor.
    public var reading: SentimentReading {
        let best = SentimentLabel.allCases.max { (values[$0] ?? 0) < (values[$1] ?? 0) } ?? .neutral
        return SentimentReading(label: best, score: ((values[best] ?? 0) * 10_000).rounded() / 10_000)
    }
}
