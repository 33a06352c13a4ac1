import Crypto
import Domain
public import Foundation

/// A model as it was published: a folder with `config.json`, the tokenizer's files, and the weights.
public struct ModelFolder: Sendable {
    /// The file with the weights.
    enum Weights: Sendable, Hashable {
        /// `model.safetensors` or `pytorch_model.bin`.
        case checkpoint(String)
        /// `model.onnx`, or `model.xml` or `openvino_model.xml` with its `.bin`.
        case network(String)

        var path: String {
            switch self {
            case .checkpoint(let path), .network(let path): path
            }
        }
        var name: String { URL(fileURLWithPath: path).lastPathComponent }
    }

    /// The folder.
    public let url: URL
    let config: BertConfig
    let weights: Weights
    /// Lower-case hex SHA-256 over the files that determine the model's output.
    public let digest: String

    private static let checkpoints = ["model.safetensors", "pytorch_model.bin"]
    private static let networks = ["model.onnx", "openvino_model.xml", "model.xml"]

    /// Whether the folder holds a `config.json`, and so may hold a model.
    public static func isPresent(at url: URL) -> Bool {
        FileManager.default.fileExists(atPath: url.appendingPathComponent("config.json").path)
    }

    /// Reads the configuration and finds the weights. Throws ``ModelError``.
    public init(_ url: URL) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw ModelError(.missing, "there is no model folder \(url.path)")
        }
        self.url = url
        config = try BertConfig(folder: url)
        func path(_ names: [String]) -> String? {
            names.map { url.appendingPathComponent($0).path }.first(where: FileManager.default.fileExists)
        }
        if let path = path(Self.checkpoints) {
            weights = .checkpoint(path)
        } else if let path = path(Self.networks) {
            weights = .network(path)
        } else {
            let known = (Self.checkpoints + Self.networks).joined(separator: ", ")
            throw ModelError(.missing, "\(url.path) has no weights: none of \(known)")
        }
        digest = try Self.digest(of: url, weights: weights)
    }

    /// What the model is called: the last part of the configuration's `_name_or_path`, else of the folder's path, as
    /// lower-case letters and digits with hyphens between, at most 40; `bert` where neither has any.
    ///
    /// The configuration goes first because it is the same on every node, wherever the files lie.
    var name: String {
        func plain(_ path: String) -> String {
            let last = path.split(separator: "/").last ?? ""
            let words = last.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
            let name = words.joined(separator: "-").prefix(40)
            return String(name.hasSuffix("-") ? name.dropLast() : name)
        }
        return [config.name ?? "", url.standardizedFileURL.path].map(plain).first { !$0.isEmpty } ?? "bert"
    }

    private static func digest(of url: URL, weights: Weights) throws -> String {
        var names = ["config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", weights.name]
        if weights.name.hasSuffix(".xml") { names.append("\(weights.name.dropLast(4)).bin") }
        var hash = SHA256()
        for name in names {
            let path = url.appendingPathComponent(name).path
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let file = try MappedFile(path: path)
            hash.update(data: Data("\(name) \(file.size)\n".utf8))
            hash.update(bufferPointer: file.bytes)
        }
        return hash.finalize().hexadecimal
    }
}
