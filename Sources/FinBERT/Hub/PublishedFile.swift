/// The files that a model consists of. Nothing else that a repository holds is ever asked for or written.
enum PublishedFile: String, CaseIterable, Sendable {
    case configuration = "config.json"
    case vocabulary = "vocab.txt"
    case tokenizer = "tokenizer.json"
    case tokenizerConfiguration = "tokenizer_config.json"
    case specialTokens = "special_tokens_map.json"
    case safetensors = "model.safetensors"
    case torchWeights = "pytorch_model.bin"

    /// The files to fetch of those that a repository holds: the weights in one format, the rest where it is there.
    ///
    /// Throws ``ModelDownloadError(.unusable)`` when something is not there that no model can do without.
    static func needed(of held: Set<PublishedFile>, in repository: String) throws -> [PublishedFile] {
        func require(_ choice: [PublishedFile]) throws {
            guard held.isDisjoint(with: choice) else { return }
            let names = choice.map(\.rawValue).joined(separator: " nor ")
            throw ModelDownloadError(
                .unusable, "\(repository) has \(choice.count == 1 ? "no" : "neither") \(names): it is no BERT model")
        }
        try require([.configuration])
        try require([.vocabulary, .tokenizer])
        try require([.safetensors, .torchWeights])
        let surplus: Set<PublishedFile> = held.contains(.safetensors) ? [.torchWeights] : []
        return allCases.filter { held.subtracting(surplus).contains($0) }
    }

    /// Which files to place by hand, in words.
    static let byHand = """
        \(configuration.rawValue), \(vocabulary.rawValue) or \(tokenizer.rawValue), \
        \(tokenizerConfiguration.rawValue), and \(safetensors.rawValue) or \(torchWeights.rawValue)
        """
}
