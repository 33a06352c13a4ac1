public import Domain
public import Foundation

/// A BERT classifier of positive, negative and neutral (ProsusAI/finbert, or one of its kind) that reads texts on this
/// machine's CPU. A process needs one: texts of concurrent callers are read in shared batches.
public final class SentimentModel: Sendable {
    /// How a model is run.
    public struct Options: Sendable {
        /// What it computes in; `auto` chooses by the CPU.
        public var precision: Precision
        /// Threads of the engine; 0 is one for each CPU.
        public var threads: Int

        public init(precision: Precision = .auto, threads: Int = 0) {
            self.precision = precision
            self.threads = threads
        }
    }

    /// Facts about a loaded model.
    public struct Details: Sendable, Hashable {
        /// Path of the folder with the model's files.
        public var folder: String
        /// `model.safetensors`, …
        public var weights: String
        /// The format of the weights: `safetensors`, `PyTorch`, `ONNX`, …
        public var format: String
        /// The classes, in the order of the model's outputs.
        public var labels: [SentimentLabel]
        /// Its own name, from the configuration or the folder: lower-case letters and digits, with hyphens.
        public var name: String
        /// The languages it was made for, as far as its vocabulary tells.
        public var languages: Set<TextLanguage>
        /// Lower-case hex SHA-256 over the model's files.
        public var digest: String
        /// What it computes in; never `auto`.
        public var precision: Precision
        /// Threads of the engine, 1 or more.
        public var threads: Int
        /// Layers of the encoder.
        public var layers: Int
        /// Width of the encoder, in numbers per token.
        public var hidden: Int
        /// The longest window it reads at once, in tokens.
        public var window: Int
        /// The engine and its version.
        public var engine: String
    }

    /// Totals since the model was loaded.
    public struct Statistics: Sendable, Hashable {
        /// Texts, or windows of long ones.
        public var sequences: Int
        /// Batches of sequences.
        public var batches: Int
        /// The share of padding in all tokens that were computed, 0–1.
        public var paddingShare: Double
    }

    /// Whether the engine is built in. Without it no model can be loaded.
    public static var hasEngine: Bool { OpenVINONetwork.version != nil }

    /// Facts about the model, fixed when it was loaded.
    public let details: Details
    private let tokenizer: BertTokenizer
    private let thread: InferenceThread

    /// Raised when the same model gives another reading of the same text: windows, combination, arithmetic, rounding.
    private static let ruleRevision = 2

    /// `finberttrc2-3f2c91d04a7b-fp32-2`: the model's name, a checksum of its files, its precision, and the revision of
    /// the reading rule.
    public var modelID: String {
        "\(details.name)-\(details.digest.prefix(12))-\(details.precision.rawValue)-\(Self.ruleRevision)"
    }

    /// Loads the model of a folder. Throws ``ModelError``.
    public convenience init(folder: URL, options: Options = Options()) async throws {
        try await self.init(ModelFolder(folder), options: options)
    }

    /// Loads a model. Throws ``ModelError``.
    ///
    /// - Parameter onBatch: called on the model's own thread after each batch.
    public init(
        _ folder: ModelFolder, options: Options = Options(), onBatch: @escaping @Sendable () -> Void = {}
    ) async throws {
        let tokenizer = try BertTokenizer(folder: folder.url)
        guard tokenizer.vocabularySize <= folder.config.vocabulary else {
            throw ModelError(
                .malformed,
                """
                the tokenizer has ids up to \(tokenizer.vocabularySize - 1), config.json a vocab_size of \
                \(folder.config.vocabulary)
                """)
        }
        let threads = options.threads > 0 ? options.threads : ProcessInfo.processInfo.activeProcessorCount
        let precision = try Self.resolved(options.precision)
        thread = try await InferenceThread.start(onBatch: onBatch) {
            try LoadedModel(folder, precision: precision, threads: threads, tokenizer: tokenizer)
        }
        self.tokenizer = tokenizer
        details = Details(
            folder: folder.url.path, weights: folder.weights.name, format: thread.format,
            labels: folder.config.labels, name: folder.name,
            languages: VocabularyLanguages.languages { tokenizer.holds($0) }, digest: folder.digest,
            precision: precision, threads: threads,
            layers: folder.config.layers, hidden: folder.config.hidden,
            window: min(512, folder.config.positions), engine: "OpenVINO \(OpenVINONetwork.version ?? "")")
    }

    deinit { thread.close() }

    private static func resolved(_ precision: Precision) throws -> Precision {
        guard precision == .auto || precision == .bf16 else { return precision }
        let hasBF16 = try OpenVINONetwork.supportsBF16()
        guard precision == .auto || hasBF16 else {
            throw ModelError(.unsupported, "this CPU does not support bf16: set precision auto or fp32")
        }
        guard precision == .auto else { return .bf16 }
        return hasBF16 && ProcessorFeatures.current.isFasterInBF16 ? .bf16 : .fp32
    }

    /// Whether its vocabulary has the words of this language.
    public func reads(_ language: TextLanguage) -> Bool { details.languages.contains(language) }

    /// One reading per text, in the same order. A text without any token is neutral.
    ///
    /// Throws ``ModelError``, and `CancellationError` when the task is cancelled.
    public func classify(_ texts: [String]) async throws -> [SentimentReading] {
        try await probabilities(of: texts).map { $0?.reading ?? SentimentReading(label: .neutral, score: 1) }
    }

    /// The probabilities of the classes per text, in the same order; nil for a text without any token.
    public func probabilities(of texts: [String]) async throws -> [ClassProbabilities?] {
        var windows: [[Int32]] = []
        var windowsOfText: [Range<Int>] = []
        for text in texts {
            try Task.checkCancellation()
            let ids = tokenizer.ids(of: text)
            let start = windows.count
            if !ids.isEmpty {
                windows += TextWindows.cut(ids, limit: details.window - 2).map {
                    [tokenizer.start] + $0 + [tokenizer.end]
                }
            }
            windowsOfText.append(start..<windows.count)
        }
        let read = try await thread.read(windows)
        return windowsOfText.map { range in
            guard range.count != 1 else { return read[range.lowerBound] }
            return range.isEmpty
                ? nil : ClassProbabilities(of: range.map { (read[$0], windows[$0].count - 2) })
        }
    }

    /// Totals since the model was loaded.
    public var statistics: Statistics {
        let counted = thread.statistics
        let padding = counted.computedTokens - counted.tokens
        return Statistics(
            sequences: counted.sequences, batches: counted.batches,
            paddingShare: counted.computedTokens > 0 ? Double(padding) / Double(counted.computedTokens) : 0)
    }
}
