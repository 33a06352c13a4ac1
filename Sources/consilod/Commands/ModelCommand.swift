public import ArgumentParser
import Domain
public import FinBERT
import Foundation
import RiskEngine

/// The sentiment model's own commands.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Fetch, check and try the sentiment model (FinBERT).",
        subcommands: [
            ModelFetchCommand.self, ModelVerifyCommand.self, ModelInfoCommand.self, ModelClassifyCommand.self,
        ])
}

/// Which model, and how it computes.
struct ModelArguments: ParsableArguments {
    @Option(help: "The model's folder. Default: finbert in the state directory.")
    var folder: String?

    @Option(help: "auto (bf16 if it is faster, else fp32), fp32, bf16 or int8.")
    var precision: Precision = .auto

    @Option(help: "Inference threads; 0 is one for each CPU.")
    var threads: Int = 0

    var url: URL {
        folder.map { URL(fileURLWithPath: $0) } ?? ModelFolder.default(environment: ProcessInfo.processInfo.environment)
    }

    func validate() throws {
        guard (0...256).contains(threads) else { throw ValidationError("--threads must be 0 to 256") }
    }

    func load() async throws -> SentimentModel {
        try await SentimentModel(folder: url, options: .init(precision: precision, threads: threads))
    }
}

extension Precision: ExpressibleByArgument {}

/// Checks the files against what was downloaded, loads the model and classifies a text.
struct ModelVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the model's files, load it and classify a text; exits with status 1 if it cannot be used."
    )

    @OptionGroup var arguments: ModelArguments

    func run() async throws {
        if let manifest = try ModelManifest.read(from: arguments.url) {
            let faults = try manifest.mismatches(in: arguments.url)
            guard faults.isEmpty else {
                throw ModelError(.malformed, "not as downloaded: \(faults.joined(separator: "; "))")
            }
            print("files      as downloaded (\(manifest.files.count) checksums)")
        } else {
            print("files      installed by hand: their checksums are not recorded")
        }
        let model = try await arguments.load()
        let reading = try await model.classify(["The release is late again and the customer is angry."])[0]
        print("model      \(model.modelID), \(model.details.engine)")
        print("answers    \(reading.label.rawValue) (\(reading.score)) to a complaint")
    }
}

/// Prints what the model is. It is loaded for that: only then is certain how it runs here.
struct ModelInfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Print the model, its origin, and how it would run on this host.")

    @OptionGroup var arguments: ModelArguments

    func run() async throws {
        let manifest = try ModelManifest.read(from: arguments.url)
        let model = try await arguments.load()
        let details = model.details
        print(
            """
            folder     \(details.folder)
            source     \(manifest.map { "\($0.repository) at \($0.commit)" } ?? "installed by hand")
            weights    \(details.weights), \(details.format), \(details.layers) layers of \(details.hidden)
            classes    \(details.labels.map(\.rawValue).joined(separator: ", "))
            reads      \(details.languages.map(\.rawValue).sorted().joined(separator: ", "))
            digest     \(details.digest)
            engine     \(details.engine), \(details.precision.rawValue), \(details.threads) threads
            window     \(details.window) tokens
            model id   \(model.modelID)
            """)
    }
}
