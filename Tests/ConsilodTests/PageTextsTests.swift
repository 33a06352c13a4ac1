import Foundation
import TestSupport
import Testing

/// The words of the dashboard are in one file: every one that a page asks for is there, and no other.
@Suite struct PageTextsTests {
    private static let dashboard = Repository.folder.appendingPathComponent("Sources/Dashboard")

    private struct Name: Hashable, CustomStringConvertible {
        var section: String
        var name: String
        var description: String { "\(section).\(name)" }
    }

    private static func files(_ suffix: String) throws -> [(name: String, text: String)] {
        let found = try #require(FileManager.default.enumerator(at: dashboard, includingPropertiesForKeys: nil))
        return try found.compactMap { $0 as? URL }.filter { $0.pathExtension == suffix }
            .map { ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8)) }
    }

    private static func texts() throws -> [Name: String] {
        let data = try Data(contentsOf: dashboard.appendingPathComponent("Texts/en.json"))
        let sections = try JSONDecoder().decode([String: [String: String]].self, from: data)
        return Dictionary(
            uniqueKeysWithValues: sections.flatMap { section, texts in
                texts.map { (Name(section: section, name: $0.key), $0.value) }
            })
    }

    /// What templates ask for.
    private static func namesInTemplates() throws -> [(Name, String)] {
        try files("mustache").flatMap { file, text in
            text.matches(of: /\{\{[#^\/]?t\.([a-z0-9_]+)\.([a-z0-9_]+)\}\}/).map {
                (Name(section: String($0.output.1), name: String($0.output.2)), file)
            }
        }
    }

    /// What is asked for by literals, also through a function of a file that knows its section.
    private static func namesInSwift() throws -> [(Name, String)] {
        try files("swift").flatMap { file, text in
            let direct = text.matches(of: /english\(\s*"([a-z0-9_]+)",\s*"([a-z0-9_]+)"/).map {
                (Name(section: String($0.output.1), name: String($0.output.2)), file)
            }
            guard let section = text.firstMatch(of: /english\("([a-z0-9_]+)", name\b/)?.output.1 else { return direct }
            return direct
                + text.matches(of: /\btext\("([a-z0-9_]+)"/).map {
                    (Name(section: String(section), name: String($0.output.1)), file)
                }
        }
    }

    /// What names are composed with: `kind_` of `"kind_\(kind)"` and of `prefix: "kind_"`.
    private static func beginnings(in source: String) -> [String] {
        source.matches(of: /"([a-z0-9_]+_)(?:\\\(|")/).map { String($0.output.1) }
    }

    @Test func everyTextThatAPageAsksForExists() throws {
        let texts = try Self.texts()
        let asked = try Self.namesInTemplates() + Self.namesInSwift()
        #expect(asked.count > 100)
        for (name, file) in asked { #expect(texts[name] != nil, "\(file): \(name)") }
    }

    @Test func everyTextIsUsedByAPage() throws {
        let inTemplates = Set(try Self.namesInTemplates().map(\.0))
        let sources = try Self.files("swift").map { file in
            (file.text, Set(file.text.matches(of: /[A-Za-z0-9_]+/).map { String($0.output) }))
        }
        // Where a whole name is a value's, as of a state, what is used cannot be seen here.
        let composed = Set(
            sources.flatMap {
                $0.0.matches(of: /english(?:\(\s*|\.sections\[)"([a-z0-9_]+)"(?:,\s*(?!")|\])/).map {
                    String($0.output.1)
                }
            })
        for name in try Self.texts().keys where !inTemplates.contains(name) {
            let isUsed = sources.contains { text, words in
                text.contains("\"\(name.section)\"")
                    && (words.contains(name.name) || Self.beginnings(in: text).contains { name.name.hasPrefix($0) })
            }
            #expect(isUsed || composed.contains(name.section), "\(name)")
        }
    }

    @Test func noTextIsEmptyOrMarkup() throws {
        let texts = try Self.texts()
        #expect(texts.count > 50)
        for (name, text) in texts { #expect(!text.isEmpty && !text.contains("<") && !text.contains("{{"), "\(name)") }
    }
}
