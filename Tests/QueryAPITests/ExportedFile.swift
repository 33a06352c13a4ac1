import Domain
import HTTPTypes
import TestSupport
import Testing

@testable import QueryAPI

/// A CSV file that was answered.
struct ExportedFile {
    var columns: [String]
    var rows: [[String: String]]

    init(_ answer: APIAnswer, name: String) throws {
        try #require(answer.status == .ok, "\(answer.text)")
        #expect(answer.headers[.contentType] == "text/csv; charset=utf-8")
        #expect(answer.headers[.contentDisposition] == "attachment; filename=\"\(name).csv\"")
        #expect(answer.headers[values: .vary].contains("Accept"))
        let read = try #require(CSVReader.rows(of: answer.text), "no CSV: \(answer.text)")
        let names = try #require(read.first)
        try #require(read.allSatisfy { $0.count == names.count } && Set(names).count == names.count)
        columns = names
        rows = read.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(names, $0)) }
    }

    /// The fields of an object by the names of columns: those of an object within it begin with its name.
    static func flat(_ value: JSONValue, _ prefix: String = "") -> [String: JSONValue] {
        guard case .object(let members) = value else { return [prefix: value] }
        return members.reduce(into: [:]) { found, member in
            let name = prefix.isEmpty ? member.key : "\(prefix)_\(member.key)"
            found.merge(flat(member.value, name)) { first, _ in first }
        }
    }

    /// Every cell is the field of its name, and every column a field of one of the rows at least, but for those of `without`.
    func expect(_ fields: [[String: JSONValue]], without: Set<String> = []) {
        #expect(rows.count == fields.count)
        var compared: Set<String> = []
        for (row, fields) in zip(rows, fields) {
            for (column, cell) in row {
                guard let value = fields[column], value.items.isEmpty, value != .array([]) else { continue }
                compared.insert(column)
                #expect(Self.isSame(cell, value), "\(column): \(cell) is not \(value)")
            }
        }
        #expect(Set(columns).subtracting(compared) == without)
    }

    private static func isSame(_ cell: String, _ value: JSONValue) -> Bool {
        switch value {
        case .null: cell.isEmpty
        case .bool(let flag): cell == "\(flag)"
        case .number(let number): Double(cell) == number
        case .string(let text): cell == text || cell == "'\(text)"
        case .array, .object: false
        }
    }
}

extension APIClient {
    /// The items of all pages of a list, two at a time.
    func items(of path: String, as token: String) async throws -> [JSONValue] {
        var (items, next): ([JSONValue], String?) = ([], "\(path)&limit=2")
        while let page = next {
            let answer = try await call(.get, page, as: token)
            try #require(answer.status == .ok, "\(answer.text)")
            #expect(answer.json.items.count <= 2 && answer.headers[values: .vary].contains("Accept"))
            items += answer.json.items
            next = answer.nextPage
        }
        return items
    }
}
