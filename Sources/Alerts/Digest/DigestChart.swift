import Domain

/// The open issues by band on the days of a digest, as stacked bars: a picture for the mail, and its words.
struct DigestChart: Sendable, Hashable {
    /// Pixels; shown at half the size, for displays of high resolution.
    static let (width, height) = (1120, 240)
    /// Of a bar in its column.
    private static let barShare = 0.6

    /// The bars from the left: the days, the last one as of now.
    let days: [DigestContent.Day]
    /// What the bars show, in one sentence, for those who do not see the picture.
    let alternative: String
    /// A PNG file.
    let picture: [UInt8]

    /// Nil where less than two days are known, or where there is no issue.
    init?(_ digest: DigestContent) {
        let clock = DigestClock(digest)
        let days = digest.days + [DigestContent.Day(at: digest.asOf, open: digest.open)]
        guard days.count > 1, let most = days.map(\.open.total).max(), most > 0,
            let picture = Self.draw(days, most: most)
        else { return nil }
        self.days = days
        self.picture = picture
        alternative =
            "The issues that are open now, by day: "
            + days.map { "\(clock.day($0.at)) \($0.open.high) high, \($0.open.medium) medium, \($0.open.low) low" }
            .joined(separator: "; ")
    }

    /// Each bar from the bottom: high, medium, low.
    private static func draw(_ days: [DigestContent.Day], most: Int) -> [UInt8]? {
        var picture = PalettePicture(
            width: width, height: height,
            palette: [
                .init(red: 0, green: 0, blue: 0, alpha: 0), .init(red: 0xD3, green: 0x2F, blue: 0x2F),
                .init(red: 0xE6, green: 0x9B, blue: 0x00), .init(red: 0x8A, green: 0x94, blue: 0xA0),
            ])
        let column = Double(width) / Double(days.count)
        for (index, day) in days.enumerated() {
            let left = Int(column * (Double(index) + (1 - barShare) / 2))
            var below = 0
            for (color, count) in [(1, day.open.high), (2, day.open.medium), (3, day.open.low)] {
                let bottom = height - below * height / most
                below += count
                picture.fill(
                    x: left..<left + Int(column * barShare), y: height - below * height / most..<bottom,
                    with: UInt8(color))
            }
        }
        return picture.png()
    }
}
