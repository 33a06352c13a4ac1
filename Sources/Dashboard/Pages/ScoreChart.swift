import Domain

/// Scores over time as SVG: steps, for a score holds until the next analysis. It is made of numbers and dates alone.
struct ScoreChart: Sendable {
    private static let (width, height, left, bottom) = (720.0, 180.0, 32.0, 20.0)

    /// Nil for fewer than two points.
    let svg: String?

    /// - Parameter points: oldest first.
    init(_ points: [ScorePoint]) {
        guard let first = points.first, let last = points.last, last.at > first.at else {
            svg = nil
            return
        }
        let span = Double(last.at.milliseconds - first.at.milliseconds)
        func x(_ at: Timestamp) -> Double {
            Self.left + Double(at.milliseconds - first.at.milliseconds) / span * (Self.width - Self.left - 8)
        }
        func y(_ score: Int) -> Double { 8 + (1 - Double(score) / 100) * (Self.height - Self.bottom - 8) }
        var path = "M\(Self.text(x(first.at))) \(Self.text(y(first.score)))"
        for point in points.dropFirst() { path += "H\(Self.text(x(point.at)))V\(Self.text(y(point.score)))" }
        let lines = [0, 40, 70, 100].map { score in
            "<line class=\"grid\" x1=\"\(Self.text(Self.left))\" x2=\"\(Self.text(Self.width - 8))\" "
                + "y1=\"\(Self.text(y(score)))\" y2=\"\(Self.text(y(score)))\"/>"
                + "<text x=\"26\" y=\"\(Self.text(y(score) + 4))\" text-anchor=\"end\">\(score)</text>"
        }
        svg = """
            <svg class="chart" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="Risk score from \(first.at.utcDay) to \(last.at.utcDay): from \(first.score) to \(last.score)">\
            \(lines.joined())<path d="\(path)"/>\
            <text x="\(Self.text(Self.left))" y="\(Self.text(Self.height - 4))">\(first.at.utcDay)</text>\
            <text x="\(Self.text(Self.width - 8))" y="\(Self.text(Self.height - 4))" text-anchor="end">\(last.at.utcDay)</text>\
            </svg>
            """
    }

    /// With one decimal.
    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }
}
