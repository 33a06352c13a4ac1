import Domain
import TestSupport
import Testing

@Suite struct CSVTextTests {
    private static let pieces = [
        "a", "é", "日", "👩‍👩‍👧", "\"", "\"\"", ",", ";", "\r", "\n", "\r\n", "\t", "=", "+", "-", "@", "'", " ", "1", ".",
        "e", "＝", "",
        "\u{301}", "\"\u{301}", "=\u{338}", "\u{200D}", "=cmd|' /C calc'!A0", "-2+3",
    ]

    private static func text(_ generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...5, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
            .joined()
    }

    @Test func aStrictReaderFindsTheCellsThatWereWritten() throws {
        var generator = SeededGenerator(seed: 4180)
        for _ in 0..<400 {
            let width = Int.random(in: 1...5, using: &generator)
            let rows = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                (0..<width).map { _ in Self.text(&generator) }
            }
            let found = try #require(CSVReader.rows(of: rows.map { CSVText.row($0) }.joined()), "\(rows)")
            #expect(found.map(\.count) == rows.map(\.count), "\(rows)")
            for (cells, read) in zip(rows, found) {
                for (cell, text) in zip(cells, read) {
                    // By their bytes: two texts that look the same are equal, and so is a line break of two scalars.
                    let isKept = Array(text.utf8) == Array(cell.utf8) || Array(text.utf8) == Array("'\(cell)".utf8)
                    #expect(isKept, "\(cell.debugDescription) was read as \(text.debugDescription)")
                }
            }
        }
    }

    @Test func noCellThatIsReadBeginsAFormula() throws {
        var generator = SeededGenerator(seed: 41)
        let starts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n"]
        for _ in 0..<2000 {
            let text = Self.text(&generator)
            let read = try #require(CSVReader.rows(of: CSVText.row([text, "x"]))?.first?.first)
            guard let first = read.unicodeScalars.first, starts.contains(first) else { continue }
            #expect(Double(read) != nil, "\(read.debugDescription) would be computed")
        }
    }

    @Test(arguments: [
        ("-12", "-12"), ("-0.5", "-0.5"), ("1e-05", "1e-05"), ("", ""), ("a b", "a b"), ("=1+1", "'=1+1"), ("-", "'-"),
        ("-1-1", "'-1-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "\"'\tx\""), ("\r\nx", "\"'\r\nx\""),
        ("a\"b", "\"a\"\"b\""),
        ("a=b", "a=b"), ("'x", "'x"), ("=\"a\",1", "\"'=\"\"a\"\",1\""),
    ])
    func onlyAFormulaGetsAnApostropheAndOnlyWhatMustBeIsQuoted(text: String, cell: String) {
        #expect(Array(CSVText.cell(text).utf8) == Array(cell.utf8))
    }

    @Test(arguments: [
        (2500.0, "2500"), (0.5, "0.5"), (-3.0, "-3"), (-0.25, "-0.25"), (0, "0"), (1e16, "1e+16"), (72.35, "72.35"),
    ])
    func aNumberHasNoMoreDigitsThanItNeeds(number: Double, cell: String) {
        #expect(CSVText.number(number) == cell)
        #expect(CSVText.cell(CSVText.number(number)) == cell)
    }

    @Test func aTableWritesTheRowsOfItsElementsBehindItsHead() {
        let table = CSVTable<Int>("numbers", columns: ["number", "word"], pageSize: 2) { number in
            (0..<number).map { _ in [String(number), nil] }
        }
        #expect(table.text(of: []) == "")
        #expect(table.text(of: [1, 0, 2], after: CSVText.row(table.columns)) == "number,word\r\n1,\r\n2,\r\n2,\r\n")
    }

    @Test func aMissingValueIsAnEmptyCellAndALoneOneNoEmptyLine() {
        #expect(CSVText.row(["a", nil, "b"]) == "a,,b\r\n")
        #expect(CSVText.row([nil]) == "\"\"\r\n")
        #expect(CSVText.row(["", ""]) == ",\r\n")
    }
}
