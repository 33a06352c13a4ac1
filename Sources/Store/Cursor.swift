import Domain
import Foundation

/// The place where the next page of a list begins: the sort key of the last row shown, opaque to clients.
struct Cursor {
    let parts: [String]

    init(_ parts: [String]) { self.parts = parts }

    /// Reads a client's cursor; nil for the first page. Throws `StorageError(.malformed)` for anything not made here.
    init?(_ text: String?, parts count: Int) throws {
        guard let text else { return nil }
        guard let data = Base64URL.decode(text),
            let parts = try? JSONDecoder().decode([String].self, from: data), parts.count == count
        else { throw Self.malformed }
        self.parts = parts
    }

    func integer(_ index: Int) throws -> Int {
        guard let value = Int(parts[index]) else { throw Self.malformed }
        return value
    }

    func real(_ index: Int) throws -> Double {
        guard let value = Double(parts[index]), value.isFinite else { throw Self.malformed }
        return value
    }

    /// What a text of it stands for. Throws `StorageError(.malformed)` for one that stands for nothing.
    func parsed<Value>(_ index: Int, _ value: (String) -> Value?) throws -> Value {
        guard let value = value(parts[index]) else { throw Self.malformed }
        return value
    }

    func encoded() throws -> String { Base64URL.encode(try CanonicalJSON.encode(parts)) }

    static let malformed = StorageError(.malformed, "the cursor is not one of this list")
}

extension Page {
    /// A page from up to `limit + 1` rows: the extra row shows that there is a next page.
    init<Row>(
        _ rows: [Row], limit: Int, cursor: (Element) throws -> Cursor, element: (Row) throws -> Element
    ) throws {
        let items = try rows.prefix(limit).map(element)
        let hasMore = rows.count > limit
        self.init(items: items, nextCursor: hasMore ? try items.last.map { try cursor($0).encoded() } : nil)
    }
}
