import Domain

/// Open issues by band over time, as SVG: areas one on the other, high risk at the bottom. It is made of numbers and dates alone.
struct BandChart: Sendable {
    private static let (width, height, left, right, bottom) = (720.0, 200.0, 44.0, 8.0, 20.0)

    /// Nil for fewer than two days, or where no issue was open.
    let svg: String?

    /// - Parameter days: oldest first.
    init(_ days: [DigestContent.Day]) {
        let most = days.map(\.open.total).max() ?? 0
        guard let first = days.first, let last = days.last, last.at > first.at, most > 0 else {
            svg = nil
            return
        }
        let span = Double(last.at.milliseconds - first.at.milliseconds)
        func x(_ at: Timestamp) -> String {
            SVGNumber.text(
                Self.left + Double(at.milliseconds - first.at.milliseconds) / span
                    * (Self.width - Self.left - Self.right))
        }
        func y(_ count: Int) -> String {
            SVGNumber.text(8 + (1 - Double(count) / Double(most)) * (Self.height - Self.bottom - 8))
        }
        func area(_ name: String, from lower: (RiskCounts) -> Int, to upper: (RiskCounts) -> Int)
            -> String
        {
            let above = days.map { "\(x($0.at)) \(y(upper($0.open)))" }
            let below = days.reversed().map { "\(x($0.at)) \(y(lower($0.open)))" }
            return "<path class=\"area-\(name)\" d=\"M\((above + below).joined(separator: "L"))Z\"/>"
        }
        let areas =
            area("high", from: { _ in 0 }, to: \.high) + area("medium", from: \.high, to: { $0.high + $0.medium })
            + area("low", from: { $0.high + $0.medium }, to: \.total)
        let lines = Set([0, most / 2, most]).sorted().map { count in
            "<line class=\"grid\" x1=\"\(SVGNumber.text(Self.left))\" x2=\"\(SVGNumber.text(Self.width - Self.right))\" "
                + "y1=\"\(y(count))\" y2=\"\(y(count))\"/><text x=\"38\" y=\"\(y(count))\" text-anchor=\"end\">\(count)</text>"
        }
        let label = PageTexts.english(
            "charts", "bands",
            [
                "from": "\(first.at.utcDay)", "to": "\(last.at.utcDay)", "high": "\(last.open.high)",
                "medium": "\(last.open.medium)", "low": "\(last.open.low)",
            ])
        svg = """
            <svg class="chart bands-chart" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="\(HTMLText.escaped(label))">\(areas)\(lines.joined())\
            <text x="\(SVGNumber.text(Self.left))" y="\(SVGNumber.text(Self.height - 4))">\(first.at.utcDay)</text>\
            <text x="\(SVGNumber.text(Self.width - Self.right))" y="\(SVGNumber.text(Self.height - 4))" \
            text-anchor="end">\(last.at.utcDay)</text></svg>
            """
    }
}

/// A coordinate.
enum SVGNumber {
    /// With one decimal.
    static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(sign)\(abs(tenths / 10)).\(abs(tenths % 10))"
    }
}
