import Domain
import Queries

/// What was left of a sprint over time, as SVG: steps, and a straight line from the start to the planned end. It is made of
/// numbers and dates alone.
struct BurnDownChart: Sendable {
    private static let (width, height, left, right, bottom) = (720.0, 200.0, 44.0, 8.0, 20.0)

    /// Nil for fewer than two points, or where nothing was ever left.
    let svg: String?

    /// - Parameters:
    ///   - points: oldest first.
    ///   - end: the planned end; nil for none.
    init(_ points: [SprintProgress.Point], end: Timestamp?) {
        let most = points.map(\.issues).max() ?? 0
        guard let first = points.first, let last = points.last, last.at > first.at, most > 0 else {
            svg = nil
            return
        }
        let right = max(last.at, end ?? last.at)
        let span = Double(right.milliseconds - first.at.milliseconds)
        func x(_ at: Timestamp) -> String {
            SVGNumber.text(
                Self.left + Double(at.milliseconds - first.at.milliseconds) / span
                    * (Self.width - Self.left - Self.right))
        }
        func y(_ count: Int) -> String {
            SVGNumber.text(8 + (1 - Double(count) / Double(most)) * (Self.height - Self.bottom - 8))
        }
        var path = "M\(x(first.at)) \(y(first.issues))"
        for point in points.dropFirst() { path += "H\(x(point.at))V\(y(point.issues))" }
        let ideal = end.map { end in
            end > first.at
                ? "<line class=\"ideal\" x1=\"\(x(first.at))\" y1=\"\(y(first.issues))\" x2=\"\(x(end))\" y2=\"\(y(0))\"/>"
                : ""
        }
        let lines = Set([0, most / 2, most]).sorted().map { count in
            "<line class=\"grid\" x1=\"\(SVGNumber.text(Self.left))\" x2=\"\(SVGNumber.text(Self.width - Self.right))\" "
                + "y1=\"\(y(count))\" y2=\"\(y(count))\"/><text x=\"38\" y=\"\(y(count))\" text-anchor=\"end\">\(count)</text>"
        }
        let label = PageTexts.english(
            "charts", "burn_down",
            [
                "from": "\(first.at.utcDay)", "to": "\(last.at.utcDay)", "first": "\(first.issues)",
                "last": "\(last.issues)",
            ])
        svg = """
            <svg class="chart" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="\(HTMLText.escaped(label))">\(lines.joined())\(ideal ?? "")<path d="\(path)"/>\
            <text x="\(SVGNumber.text(Self.left))" y="\(SVGNumber.text(Self.height - 4))">\(first.at.utcDay)</text>\
            <text x="\(SVGNumber.text(Self.width - Self.right))" y="\(SVGNumber.text(Self.height - 4))" \
            text-anchor="end">\(right.utcDay)</text></svg>
            """
    }
}
