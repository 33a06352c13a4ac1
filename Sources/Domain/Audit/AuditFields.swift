import Foundation

/// The fields of something before or after a change. Of a secret it holds what tells two apart, which is never shown.
public struct AuditFields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// What stands for a secret.
    private enum Mark {
        static let set: AuditValue = "set"
        static let changed: AuditValue = "changed"
    }

    private var values: [String: AuditValue]
    private var secrets: [String: String] = [:]

    public init(_ values: [String: AuditValue] = [:]) { self.values = values }
    public init(dictionaryLiteral elements: (String, AuditValue)...) {
        values = Dictionary(elements, uniquingKeysWith: { _, last in last })
    }

    /// The members of what `value` encodes to, an object, without those that are named; their names as in the API, in snake
    /// case.
    ///
    /// Throws what the encoding throws.
    public init(encoding value: some Encodable, without left: Set<String> = []) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        values = try JSONDecoder().decode([String: AuditValue].self, from: encoder.encode(value))
            .filter { !left.contains($0.key) }
    }

    /// The fields as one value; secrets are not part of it.
    public var value: AuditValue { .object(values) }

    /// A field that may be shown.
    public subscript(name: String) -> AuditValue? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// Adds a secret.
    ///
    /// - Parameter stored: its stored form, by which a change is noticed.
    public mutating func setSecret(_ name: String, _ stored: String) { secrets[name] = stored }

    /// What is kept of a change: all fields of what is new or gone, else those that differ. Nil where nothing differs.
    ///
    /// - Parameters:
    ///   - before: nil for what is new.
    ///   - after: nil for what is gone. Without either the act has no fields.
    public static func difference(
        from before: AuditFields?, to after: AuditFields?
    ) -> (before: [String: AuditValue]?, after: [String: AuditValue]?)? {
        guard let before else { return (nil, after?.shown) }
        guard let after else { return (before.shown, nil) }
        let names = Set(before.values.keys).union(after.values.keys).filter { before.values[$0] != after.values[$0] }
        let secrets = Set(before.secrets.keys).union(after.secrets.keys)
            .filter { before.secrets[$0] != after.secrets[$0] }
        guard !names.isEmpty || !secrets.isEmpty else { return nil }
        var old = before.values.filter { names.contains($0.key) }
        var new = after.values.filter { names.contains($0.key) }
        for name in secrets {
            if before.secrets[name] != nil { old[name] = Mark.set }
            if after.secrets[name] != nil { new[name] = before.secrets[name] == nil ? Mark.set : Mark.changed }
        }
        return (old, new)
    }

    /// All fields, with a mark for each secret.
    private var shown: [String: AuditValue] { secrets.reduce(into: values) { $0[$1.key] = Mark.set } }
}
