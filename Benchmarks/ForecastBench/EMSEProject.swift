import Domain
import Forecast
import Foundation

/// One project of the delay data of Choetkiertikul, Dam, Tran, Ghose (EMSE 2017), with the features of the paper and five that
/// are derived from them.
struct EMSEProject {
    /// Rows in the order in which the issues were opened.
    let late: [Bool]
    /// The paper's numbers and the derived ones.
    private let numbers: [[Float]]
    private let types: [String]
    private let priorities: [String]

    private static let columns = [
        "discussion", "repetition", "perofdelay", "workload", "no_comment", "no_priority_change", "no_fixversion",
        "no_fixversion_change", "no_issuelink", "no_blocking", "no_blockedby", "no_affectversion", "reporterrep",
        "no_des_change", "ProgressTime", "RemainingDay",
    ]

    /// Reads a gzipped CSV file without quoted commas.
    init(_ path: String) throws {
        let lines = try Self.lines(path)
        let names = lines[0].split(separator: ",").map(String.init)
        let place = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        var rows = lines.dropFirst().map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
            }
        }
        func field(_ row: [String], _ name: String) -> String { place[name].map { row[$0] } ?? "" }
        func number(_ row: [String], _ name: String) -> Double { Double(field(row, name)) ?? 0 }
        // The date sorts as text.
        rows = rows.indices.sorted { (field(rows[$0], "openeddate"), $0) < (field(rows[$1], "openeddate"), $1) }
            .map { rows[$0] }
        late = rows.map { number($0, "delaydays") > 0 }
        types = rows.map { field($0, "type") }
        priorities = rows.map { field($0, "priority") }
        let opened = rows.map { row -> Int in
            let parts = field(row, "openeddate").prefix(10).split(separator: "-").compactMap { Int($0) }
            guard parts.count == 3 else { return 0 }
            return CalendarDay(year: parts[0], month: parts[1], day: parts[2])?.daysSinceEpoch ?? 0
        }
        let sorted = opened.sorted()
        func openedUpTo(_ day: Double) -> Int { sorted.partitioningIndex { Double($0) > day } }
        numbers = zip(rows, opened).map { row, opened in
            let (progress, remaining) = (number(row, "ProgressTime"), number(row, "RemainingDay"))
            let predicted = Double(opened) + progress
            let due = CalendarDay(daysSinceEpoch: Int(predicted + remaining)).components
            let derived = [
                progress + remaining > 0 ? progress / (progress + remaining) : -1, progress - number(row, "discussion"),
                Double(due.month), Double(due.day), Double(openedUpTo(predicted) - openedUpTo(predicted - 30)),
            ]
            return (Self.columns.map { number(row, $0) } + derived).map { Float($0) }
        }
    }

    private static func lines(_ path: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileReadNoSuchFile) }
        // Latin 1: every byte is a character.
        return data.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0.map { UInt16($0) }, as: UTF16.self) }
    }

    /// The paper's split: training up to where 80 % of the late ones lie.
    var split: Int {
        let places = late.indices.filter { late[$0] }
        return places[Int(Double(places.count) * 0.8)]
    }

    /// A column for each type and priority of this project.
    var ownFeatures: FeatureMatrix {
        let kinds = Set(types).sorted().filter { !$0.isEmpty && $0 != "NA" }
        let levels = Set(priorities).sorted().filter { !$0.isEmpty && $0 != "NA" && $0 != "None" }
        return matrix { row in
            kinds.map { types[row] == $0 ? 1 : 0 } + levels.map { priorities[row] == $0 ? 1 : 0 }
        }
    }

    /// Types and priorities in terms that all projects share.
    var sharedFeatures: FeatureMatrix {
        let levels: [String: Float] = ["Blocker": 5, "Critical": 4, "Major": 3, "Minor": 2, "Trivial": 1]
        let words = [["bug", "defect"], ["task"], ["improv"], ["feature", "suggest", "story"], ["sub"]]
        return matrix { row in
            let type = types[row].lowercased()
            return [levels[priorities[row]] ?? 0]
                + words.map { $0.contains { type.contains($0) } ? 1 : 0 }
        }
    }

    private func matrix(_ rest: (Int) -> [Float]) -> FeatureMatrix {
        let columns = numbers[0].count + rest(0).count
        var matrix = FeatureMatrix(columns: columns, capacity: late.count)
        for row in late.indices { matrix.append(numbers[row] + rest(row)) }
        return matrix
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first place of a sorted collection at which the condition holds.
    func partitioningIndex(_ holds: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension FeatureMatrix {
    /// Some of the rows.
    func rows(_ range: Range<Int>) -> FeatureMatrix {
        FeatureMatrix(columns: columns, values: Array(values[range.lowerBound * columns..<range.upperBound * columns]))
    }
}
