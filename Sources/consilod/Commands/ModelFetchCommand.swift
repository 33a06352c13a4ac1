import ArgumentParser
import AsyncHTTPClient
import FinBERT
import Foundation
import Outbound

/// Downloads the sentiment model from the Hugging Face hub and places it where the daemon looks for it.
struct ModelFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Download the sentiment model from the Hugging Face hub.",
        discussion: """
            An interrupted download continues when the command is run again. A model that was fetched \
            earlier is replaced in one step once the new one is complete and checked.

            Environment: HF_TOKEN holds an access token, for repositories that are not public; HF_ENDPOINT names \
            another hub; HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are followed.
            """)

    @Option(help: "Folder to install the model in. (default: where the daemon looks for it)")
    var folder: String?

    @Option(help: "Repository on the hub.")
    var repository = ModelSource.defaultRepository

    @Option(help: "Branch, tag or commit.")
    var revision = ModelSource.defaultRevision

    @Option(help: "Address of the hub. (default: HF_ENDPOINT, else \(ModelSource.defaultEndpoint))")
    var endpoint: String?

    @Flag(help: "Replace the folder even if it was installed by hand.")
    var force = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let source = try ModelSource(
            endpoint: endpoint ?? variable("HF_ENDPOINT") ?? ModelSource.defaultEndpoint, repository: repository,
            revision: revision, accessToken: try variable("HF_TOKEN").map { try AccessToken($0) })
        let target = folder.map { URL(fileURLWithPath: $0) } ?? ModelFolder.default(environment: environment)
        let proxy = try ProxySettings(environment: environment).proxy(for: source.endpoint)

        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: ModelDownload.clientConfiguration(proxy: proxy))
        let meter = DownloadMeter()
        let manifest: ModelManifest
        do {
            manifest = try await ModelDownload(
                source: source, folder: target, replacesUnmanaged: force, client: client,
                progress: { meter.update($0) }
            ).run()
            meter.finish()
            try await client.shutdown()
        } catch {
            meter.finish()
            try await client.shutdown()
            throw error
        }
        print(
            """
            placed \(manifest.repository), revision \(manifest.revision), in \(target.path)
            commit  \(manifest.commit)
            """)
        if let weights = manifest.weights { print("weights \(weights.name), SHA-256 \(weights.sha256)") }
        print("systemctl reload consilod loads it")
    }
}
