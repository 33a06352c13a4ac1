import Domain
public import FinBERT
import Foundation
import Logging
import QueryAPI
public import RiskEngine
import Synchronization

extension SentimentModel: SentimentClassifier {}

/// Says which classifier reads comments, and why: FinBERT where its files are, the built-in word list where they are
/// missing or cannot be used (P10).
final class ModelHost: Sendable {
    struct Options: Sendable {
        /// Off: the word list, whatever the folder holds.
        var isEnabled = true
        var folder: URL
        var precision: Precision = .auto
        /// 0 is one for each processor.
        var threads = 0
    }

    private struct State {
        var component: HealthReport.Component
        /// The model in use; nil where it is the word list.
        var model: SentimentModel?
    }

    let slot = ClassifierSlot(wordList)
    private static let wordList = WordListClassifier()
    private let options: Options
    private let onBatch: @Sendable () -> Void
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameter onBatch: called whenever the model has read a batch: the worker that waits for it is alive.
    init(_ options: Options, onBatch: @escaping @Sendable () -> Void, logger: Logger) {
        self.options = options
        self.onBatch = onBatch
        self.logger = logger
        let detail = options.isEnabled ? "no model is loaded yet" : "the model is disabled (model.enabled)"
        state = Mutex(
            State(
                component: .init(
                    status: .healthy, detail: Self.wordList(because: detail),
                    reason: options.isEnabled ? .modelMissing : .modelDisabled)))
    }

    /// Whether a model is wanted: then the word list is a fallback.
    var isEnabled: Bool { options.isEnabled }

    /// What the model has read since it was loaded; nil where the word list reads.
    var statistics: SentimentModel.Statistics? { state.withLock { $0.model }?.statistics }

    private static func wordList(because reason: String) -> String {
        "\(wordList.modelID), the built-in word list, reads comments: \(reason)"
    }

    /// What `/health` says of the model, with how many texts it has read since it was loaded.
    var component: HealthReport.Component {
        let (component, model) = state.withLock { ($0.component, $0.model) }
        guard let statistics = model?.statistics else { return component }
        let padding = String(format: "%.1f", statistics.paddingShare * 100)
        let read = "\(statistics.sequences) texts read in \(statistics.batches) batches, \(padding) % padding"
        return .init(
            status: component.status, detail: "\(component.detail); \(read)", reason: component.reason)
    }

    /// Loads the model in the folder if it has changed; true when another classifier is in use afterwards.
    ///
    /// A model that cannot be used changes nothing but `/health`, which says why: the classifier before stays in use, be it
    /// the word list or the model that was loaded.
    func refresh() async -> Bool {
        guard options.isEnabled else { return false }
        let before = slot.current.modelID
        guard ModelFolder.isPresent(at: options.folder) else {
            note(
                .healthy, .modelMissing,
                "FinBERT is not installed in \(options.folder.path); 'consilod model fetch' installs it there")
            return false
        }
        do {
            let folder = try ModelFolder(options.folder)
            guard state.withLock({ $0.model?.details.digest }) != folder.digest else { return false }
            let model = try await SentimentModel(
                folder, options: .init(precision: options.precision, threads: options.threads), onBatch: onBatch)
            let classifier = model.withWordList(Self.wordList)
            slot.replace(by: classifier)
            let details = model.details
            let detail =
                "\(classifier.modelID) reads comments: \(details.weights) of \(details.folder), "
                + "\(details.precision.rawValue), \(details.threads) threads, \(details.engine); \(Self.languages(of: model))"
            state.withLock { $0 = State(component: .init(status: .healthy, detail: detail), model: model) }
            logger.notice(
                "model loaded", metadata: ["model": "\(classifier.modelID)", "engine": "\(details.engine)"])
            return before != classifier.modelID
        } catch {
            note(.degraded, .modelUnusable, "the model cannot be used: \(error)")
            logger.error(
                "cannot load the model",
                metadata: ["error": "\(error)", "classifier": "\(slot.current.modelID)"])
            return false
        }
    }

    /// Who reads what, and that the rest is not judged.
    private static func languages(of model: SentimentModel) -> String {
        let all = TextLanguage.allCases
        func list(_ languages: [TextLanguage]) -> String { languages.map(\.rawValue).joined(separator: ", ") }
        if all.allSatisfy(model.reads) { return "it reads every language" }
        let own = "it reads \(list(all.filter(model.reads)))"
        let others = all.filter { !model.reads($0) && wordList.reads($0) }
        return others.isEmpty ? own : "\(own), the word list \(list(others))"
    }

    private func note(_ status: HealthReport.Status, _ reason: HealthReport.Reason, _ detail: String) {
        state.withLock { state in
            let current = slot.current.modelID
            state.component = .init(
                status: state.model == nil ? status : .degraded,
                detail: state.model == nil
                    ? Self.wordList(because: detail) : "\(current) still reads comments: \(detail)",
                reason: reason)
        }
    }
}

extension SentimentModel {
    /// The classifier that reads comments when this model is in use: the word list reads those in languages that it knows
    /// and the model does not.
    func withWordList(_ wordList: WordListClassifier = WordListClassifier()) -> any SentimentClassifier {
        let isNeeded = TextLanguage.allCases.contains { wordList.reads($0) && !reads($0) }
        return isNeeded ? LanguageRouter(self, fallback: wordList) : self
    }
}

extension ModelFolder {
    /// Where the model is looked for when nothing else is said: `finbert` in the state directory.
    static func `default`(environment: [String: String]) -> URL {
        URL(fileURLWithPath: StateDirectory.path(environment: environment)).appendingPathComponent("finbert")
    }
}
