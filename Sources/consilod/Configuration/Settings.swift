import Configuration
import Domain
import Foundation
import SystemPackage
import Yams

/// A fault of the configuration, in words that name the key and what is expected. Never shows a value that may be a
/// secret.
struct ConfigurationError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// The merged configuration: environment over credentials over the YAML file. Missing keys take their default, a
/// value of the wrong kind is an error that names its key.
///
/// `http.port` is `http: {port: …}` in the file, and `CONSILOD_HTTP_PORT` or `PORT` (``CommonVariable``) in the environment. A
/// secret such as `encryption.key` is also the file `encryption-key` in `$CREDENTIALS_DIRECTORY` (systemd's
/// `LoadCredential=`).
final class Settings {
    private let reader: ConfigReader
    private let fileTree: Node?
    /// Keys that the file gives a value of the wrong kind, in the words of an error.
    private var wrongKinds: [String] = []
    /// Every key that was read: the keys that exist; a whole section as `key.*`.
    private(set) var knownKeys: Set<String> = []

    /// Reads all sources. Throws ``ConfigurationError`` for a file that is missing or malformed.
    init(file: String?, environment: [String: String]) async throws {
        // An empty variable sets nothing, and so hides nothing.
        let variables = environment.filter { !$0.value.isEmpty }
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: variables).prefixKeys(with: "consilod")
        ]
        if let directory = variables["CREDENTIALS_DIRECTORY"] {
            do {
                providers.append(try await DirectoryFilesProvider(directoryPath: FilePath(directory)))
            } catch {
                throw ConfigurationError("cannot read the credentials directory \(directory): \(error)")
            }
        }
        if let file {
            guard let text = FileManager.default.contents(atPath: file) else {
                throw ConfigurationError("cannot read the configuration file \(file)")
            }
            do {
                fileTree = try Yams.compose(yaml: String(decoding: text, as: UTF8.self))
            } catch {
                throw ConfigurationError("\(file): \(error)")
            }
            // Not the library's provider for YAML, which refuses a file with anything deeper than a list of scalars.
            if let fileTree {
                providers.append(InMemoryProvider(name: file, values: Self.values(of: fileTree, at: [])))
            }
        } else {
            fileTree = nil
        }
        let common = try CommonVariable.values(of: variables, beside: ConfigReader(providers: providers))
        if !common.isEmpty { providers.append(InMemoryProvider(name: "environment", values: common)) }
        reader = ConfigReader(providers: providers)
    }

    /// The scalars, and the lists of them, under a node; whatever else there is has a reader of its own, or none.
    private static func values(of node: Node, at path: [String]) -> [AbsoluteConfigKey: ConfigValue] {
        // Any of them may be a secret.
        func value(_ content: ConfigContent) -> [AbsoluteConfigKey: ConfigValue] {
            [AbsoluteConfigKey(path): ConfigValue(content, isSecret: true)]
        }
        switch node {
        case .scalar(let scalar): return node.null == nil ? value(.string(scalar.string)) : [:]
        case .sequence(let sequence):
            let texts = sequence.compactMap { $0.null == nil ? $0.scalar?.string : nil }
            return texts.count == sequence.count ? value(.stringArray(texts)) : [:]
        case .mapping(let mapping):
            return mapping.reduce(into: [:]) { values, pair in
                guard let name = pair.key.string else { return }
                values.merge(Self.values(of: pair.value, at: path + [name])) { first, _ in first }
            }
        case .alias: return [:]
        }
    }

    func string(_ key: String) -> String? {
        let value = reader.string(forKey: ConfigKey(key))
        checkKind(of: key, isRead: value != nil, expected: "must be a single value") { $0.scalar != nil }
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }

    func secret(_ key: String) -> Secret<String>? {
        let value = reader.string(forKey: ConfigKey(key), isSecret: true)
        checkKind(of: key, isRead: value != nil, expected: "must be a single value") { $0.scalar != nil }
        return value.flatMap { $0.isEmpty ? nil : Secret($0) }
    }

    /// A secret that belongs to an entry of a list in the file, and has no key of its own there: from a systemd credential or
    /// the environment.
    func credential(_ key: String) -> Secret<String>? {
        reader.string(forKey: ConfigKey(key), isSecret: true).flatMap { text in
            let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
            return text.isEmpty ? nil : Secret(text)
        }
    }

    func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = string(key) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw ConfigurationError("\(key) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func flag(_ key: String, default fallback: Bool) throws -> Bool {
        switch string(key)?.lowercased() {
        case nil: fallback
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: throw ConfigurationError("\(key) must be true or false")
        }
    }

    func choice<Value: RawRepresentable<String> & CaseIterable>(_ key: String, default fallback: Value) throws -> Value
    {
        guard let text = string(key) else { return fallback }
        guard let value = Value(rawValue: text) else {
            throw ConfigurationError("\(key) must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    func list(_ key: String, default fallback: [String]) -> [String] {
        let value = reader.stringArray(forKey: ConfigKey(key))
        let example = fallback.joined(separator: ", ")
        checkKind(of: key, isRead: value != nil, expected: "must be a list of text, as in [\(example)]") {
            $0.sequence != nil
        }
        return value ?? fallback
    }

    /// Marks a key as known, and notes when the file gives it a value of another kind: the reader takes that for no value
    /// at all.
    private func checkKind(of key: String, isRead: Bool, expected: String, _ fits: (Node) -> Bool) {
        knownKeys.insert(key)
        var node = fileTree
        for part in key.split(separator: ".") { node = node?.mapping?[Node(String(part))] }
        guard let node, node.null == nil, !(isRead && fits(node)) else { return }
        wrongKinds.append("\(key) \(expected)")
    }

    /// Throws for the first key asked for so far whose value in the file is of the wrong kind.
    func rejectWrongKinds() throws {
        if let fault = wrongKinds.first { throw ConfigurationError(fault) }
    }

    /// A whole section of the file, for a component with a schema of its own.
    func section(_ key: String) -> Node? {
        knownKeys.insert(key + ".*")
        return fileTree?.mapping?[Node(key)]
    }

    /// What the file has under a key, for a component that reads it by itself: a list, or a section.
    func node(_ key: String, isList: Bool) -> Node? {
        knownKeys.insert(isList ? key : key + ".*")
        var node = fileTree
        for part in key.split(separator: ".") { node = node?.mapping?[Node(String(part))] }
        return node
    }

    /// Every key that the file gives a value.
    var fileKeys: [String] { fileTree.map { Self.leaves(of: $0, prefix: "") } ?? [] }

    /// Throws when the file holds a value of the wrong kind, or a key that nothing asked for: a typing error would
    /// otherwise pass unnoticed.
    func rejectUnknownKeys() throws {
        try rejectWrongKinds()
        let known = knownKeys
        func isKnown(_ key: String) -> Bool {
            known.contains(key) || known.contains { $0.hasSuffix(".*") && key.hasPrefix($0.dropLast()) }
        }
        guard let tree = fileTree else { return }
        guard tree.mapping != nil else { throw ConfigurationError("the configuration file is not a mapping of keys") }
        if let unknown = fileKeys.filter({ !isKnown($0) }).min() {
            throw ConfigurationError("unknown key \(unknown) in the configuration file")
        }
    }

    private static func leaves(of node: Node, prefix: String) -> [String] {
        guard let mapping = node.mapping, !mapping.isEmpty else { return node.null != nil ? [] : [prefix] }
        return mapping.flatMap { key, value in
            leaves(of: value, prefix: prefix.isEmpty ? key.string ?? "?" : "\(prefix).\(key.string ?? "?")")
        }
    }
}
