import Domain
import Queries

/// The score of an issue over time as SVG: the points of its factors as areas one on the other, in steps, for a score holds until
/// the next analysis; numbered marks where it moved. It is made of numbers, dates and names of factors alone.
struct FactorsChart: Sendable {
    private static let (width, height, left, right, bottom, top) = (720.0, 220.0, 32.0, 8.0, 20.0, 20.0)

    /// Nil for fewer than two moments.
    let svg: String?
    /// The factors that have an area, the lowest first.
    let factors: [Factor.Name]

    /// - Parameters:
    ///   - moments: oldest first.
    ///   - marks: what is marked, with its number in the table.
    init(_ moments: [IssueStory.Moment], marks: [(at: Timestamp, number: Int)]) {
        let factors = Factor.Name.allCases.filter { name in moments.contains { $0.points[name] != nil } }
        self.factors = factors
        guard let first = moments.first, let last = moments.last, last.at > first.at else {
            svg = nil
            return
        }
        let span = Double(last.at.milliseconds - first.at.milliseconds)
        func x(_ at: Timestamp) -> String {
            SVGNumber.text(
                Self.left + Double(at.milliseconds - first.at.milliseconds) / span
                    * (Self.width - Self.left - Self.right))
        }
        func y(_ score: Int) -> String {
            SVGNumber.text(Self.top + (1 - Double(score) / 100) * (Self.height - Self.bottom - Self.top))
        }
        /// The upper edge of the first `count` factors, in steps from left to right.
        func edge(_ count: Int) -> [String] {
            var (points, before): ([String], Int?) = ([], nil)
            for moment in moments {
                let sum = factors.prefix(count).reduce(0) { $0 + (moment.points[$1] ?? 0) }
                if let before { points.append("\(x(moment.at)) \(y(before))") }
                points.append("\(x(moment.at)) \(y(sum))")
                before = sum
            }
            return points
        }
        let areas = factors.indices.map { index in
            "<path class=\"factor-\(factors[index].rawValue)\" "
                + "d=\"M\((edge(index + 1) + edge(index).reversed()).joined(separator: "L"))Z\"/>"
        }
        let lines = [0, 40, 70, 100].map { score in
            "<line class=\"grid\" x1=\"\(SVGNumber.text(Self.left))\" x2=\"\(SVGNumber.text(Self.width - Self.right))\" "
                + "y1=\"\(y(score))\" y2=\"\(y(score))\"/><text x=\"26\" y=\"\(y(score))\" text-anchor=\"end\">\(score)</text>"
        }
        let numbers = marks.filter { $0.at >= first.at }.map { mark in
            "<line class=\"mark\" x1=\"\(x(mark.at))\" x2=\"\(x(mark.at))\" y1=\"\(SVGNumber.text(Self.top))\" "
                + "y2=\"\(y(0))\"/><text x=\"\(x(mark.at))\" y=\"12\" text-anchor=\"middle\">\(mark.number)</text>"
        }
        let label = PageTexts.english(
            "issue", "chart",
            [
                "from": "\(first.at.utcDay)", "to": "\(last.at.utcDay)", "first": "\(first.score)",
                "last": "\(last.score)",
            ])
        svg = """
            <svg class="chart factors-chart" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="\(HTMLText.escaped(label))">\(areas.joined())\(lines.joined())\(numbers.joined())\
            <text x="\(SVGNumber.text(Self.left))" y="\(SVGNumber.text(Self.height - 4))">\(first.at.utcDay)</text>\
            <text x="\(SVGNumber.text(Self.width - Self.right))" y="\(SVGNumber.text(Self.height - 4))" \
            text-anchor="end">\(last.at.utcDay)</text></svg>
            """
    }
}
