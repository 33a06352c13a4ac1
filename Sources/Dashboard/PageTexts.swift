import Foundation

/// The words of the pages, by section and name: `Texts/en.json`. Templates read them as `{{t.section.name}}`; a translation is
/// another file with the same names.
struct PageTexts: Sendable {
    /// The only language so far.
    static let english = PageTexts(PackageResources.en_json)

    /// By section, then by name.
    let sections: [String: [String: String]]

    /// - Parameter json: an object of objects of strings. What is not one has no texts, which a test finds.
    init(_ json: [UInt8]) {
        sections = (try? JSONDecoder().decode([String: [String: String]].self, from: Data(json))) ?? [:]
    }

    /// A text; its name where it does not exist.
    ///
    /// - Parameter values: what its places are filled with: `{count}` by the value of `count`.
    func callAsFunction(_ section: String, _ name: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
        let text = sections[section]?[name] ?? "\(section).\(name)"
        return values.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}
