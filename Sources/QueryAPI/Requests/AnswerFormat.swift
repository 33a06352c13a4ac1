import Foundation
import HTTPServer
import HTTPTypes
import Hummingbird
import Queries

/// The format of an answer that is available in more than one.
enum AnswerFormat: String, CaseIterable, Sendable {
    case json, csv

    /// What the query says (`format`), else what the header `Accept` prefers. An unknown `format` is noted in `query` as an
    /// error.
    static func asked(by request: Request, _ query: inout RequestFields) -> AnswerFormat {
        query.optional("format", .choice(allCases)) ?? preferred(by: request.headers[values: .accept])
    }

    /// Whether a request asks for a file, where there is one.
    static func isFile(_ request: Request) -> Bool {
        var query = RequestFields(queryOf: request)
        return asked(by: request, &query) == .csv
    }

    /// As ``asked(by:_:)``, where nothing else is read from the query. Throws ``RequestError/invalid(_:)`` for an unknown
    /// `format`.
    init(of request: Request) throws {
        var query = RequestFields(queryOf: request)
        self = Self.asked(by: request, &query)
        try query.check()
    }

    /// The answer in this form.
    ///
    /// - Parameter name: of the file, without an ending.
    func response<Body>(
        _ name: String, json: Answer<Body>, file: @autoclosure () -> CSVRecords
    ) throws -> Response {
        guard self == .csv else { return try json.response().varyingByAccept() }
        let records = file()
        return Response.csv(name, columns: records.columns, rows: records.rows).varyingByAccept()
    }

    /// What headers `Accept` prefer (RFC 9110, section 12.5.1): by weight, then by what they name more exactly, and JSON where
    /// neither is preferred or they take none of both.
    static func preferred(by headers: [String]) -> AnswerFormat {
        let ranges = headers.flatMap { $0.split(separator: ",") }.compactMap(MediaRange.init)
        func preference(_ type: String, _ subtype: String) -> (weight: Double, exactness: Int) {
            // The most exact range counts, whatever its weight.
            ranges.compactMap { range in range.exactness(for: type, subtype).map { (range.weight, $0) } }
                .max { $0.1 < $1.1 } ?? (0, 0)
        }
        let (csv, json) = (preference("text", "csv"), preference("application", "json"))
        return csv.weight > 0 && csv > json ? .csv : .json
    }
}

/// One media range of a header `Accept`: `text/csv;q=0.5`.
private struct MediaRange {
    var type: String
    var subtype: String
    /// 0 to 1.
    var weight = 1.0

    /// Nil for what is no media range. Parameters other than the weight narrow nothing.
    init?(_ text: Substring) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        let names = parts[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.count == 2, !names.contains(""), names[0] != "*" || names[1] == "*" else { return nil }
        (type, subtype) = (names[0], names[1])
        if let written = parts.dropFirst().first(where: { $0.hasPrefix("q=") }) {
            guard let weight = Double(written.dropFirst(2)), (0...1).contains(weight) else { return nil }
            self.weight = weight
        }
    }

    /// How exactly it names a media type, from 1; nil where it does not take it.
    func exactness(for type: String, _ subtype: String) -> Int? {
        switch (self.type, self.subtype) {
        case ("*", "*"): 1
        case (type, "*"): 2
        case (type, subtype): 3
        default: nil
        }
    }
}

extension Response {
    /// Says to caches that the form follows from the request.
    func varyingByAccept() -> Response {
        var response = self
        response.headers[values: .vary].append("Accept")
        return response
    }
}
