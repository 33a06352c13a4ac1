import ArgumentParser
import Domain
import FinBERT
import Foundation
import RiskEngine

/// Classifies texts as the daemon classifies comments.
struct ModelClassifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Classify a text as the daemon does; without a text, one per line from a file or standard input.",
        discussion: """
            If the model's files are not installed, the built-in word list is used, and standard error says so. Each \
            line of the output begins with positive, negative, neutral or "not judged", in the order of the texts.
            """)

    @OptionGroup var arguments: ModelArguments

    @Option(help: "Read the texts from this file, one per line.")
    var file: String?

    @Flag(help: "Read each line as a JSON string, so that a text may contain line breaks.")
    var json = false

    @Flag(help: "Use the built-in word list even if the model's files are installed.")
    var wordList = false

    @Argument(help: "The text; Jira markup is removed as in comments.")
    var text: String?

    func validate() throws {
        if file != nil, text != nil { throw ValidationError("give a text or --file, not both") }
    }

    func run() async throws {
        let reader = try await reader()
        if let text { return try await show([text], by: reader) }
        // Together: a model reads texts of a batch faster than one at a time.
        var texts: [String] = []
        for line in try lines() {
            texts.append(json ? try JSONDecoder().decode(String.self, from: Data(line.utf8)) : line)
            if texts.count == Self.portion {
                try await show(texts, by: reader)
                texts = []
            }
        }
        try await show(texts, by: reader)
    }

    private static let portion = 64

    /// What answers: the model of the folder, or the word list without one.
    private enum Reader {
        case model(SentimentModel)
        case wordList
    }

    private func reader() async throws -> Reader {
        if wordList { return .wordList }
        // A folder that was named must hold a model.
        if arguments.folder == nil, !ModelFolder.isPresent(at: arguments.url) {
            let note =
                "there is no model in \(arguments.url.path): \(WordListClassifier().modelID), the built-in word list, answers\n"
            FileHandle.standardError.write(Data(note.utf8))
            return .wordList
        }
        return .model(try await arguments.load())
    }

    /// The lines of the file; of standard input as they come.
    private func lines() throws -> AnySequence<String> {
        guard let file else { return AnySequence(AnyIterator { readLine() }) }
        let content = try String(contentsOfFile: file, encoding: .utf8)
        return AnySequence(content.split(whereSeparator: \.isNewline).map(String.init))
    }

    private func show(_ texts: [String], by reader: Reader) async throws {
        let readable = texts.map(ReadableText.of)
        let words = WordListClassifier()
        switch reader {
        case .wordList:
            for text in readable {
                print(notJudged(text, by: words) ?? answer(of: words, to: text))
            }
        case .model(let model):
            let routed = model.withWordList(words)
            for (text, probabilities) in zip(readable, try await model.probabilities(of: readable)) {
                let isOwn = model.reads(LanguageDetector.language(of: text))
                print(
                    notJudged(text, by: routed)
                        ?? (isOwn ? answer(probabilities) : "\(answer(of: words, to: text))  (\(words.modelID))"))
            }
        }
    }

    private func notJudged(_ text: String, by classifier: some SentimentClassifier) -> String? {
        let language = LanguageDetector.language(of: text)
        return classifier.reads(language)
            ? nil : "not judged  \(classifier.modelID) does not read \(language.rawValue)"
    }

    private func answer(of words: WordListClassifier, to text: String) -> String {
        guard !text.isEmpty, let reading = words.classify([text]).first else { return answer(nil) }
        return "\(column(reading.label))  score \(String(format: "%.4f", reading.score))"
    }

    private func answer(_ probabilities: ClassProbabilities?) -> String {
        guard let probabilities else {
            return "neutral   nothing to read: no prose is left without markup, code and quotes"
        }
        let all = SentimentLabel.allCases.map { label in
            "\(label.rawValue) \(String(format: "%.4f", probabilities.values[label] ?? 0))"
        }
        return "\(column(probabilities.reading.label))  \(all.joined(separator: "  "))"
    }

    private func column(_ label: SentimentLabel) -> String {
        label.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
    }
}
