/// Faces in a text, typed or as emoji.
enum Emoticons {
    /// How much they please and displease; both 0 or more. A plain smile alone makes no text positive: people smile to
    /// be polite.
    struct Tone {
        var positive = 0.0
        var negative = 0.0

        mutating func add(_ weight: Double) {
            if weight > 0 { positive = max(positive, weight) } else { negative = max(negative, -weight) }
        }
    }

    private static let typed: [String: Double] = [
        ":)": 0.75, ":-)": 0.75, "=)": 0.75, ":))": 1, ";)": 0.5, ";-)": 0.5, ":D": 1.5, ":-D": 1.5, "=D": 1.5,
        "^^": 0.75, ":P": 0.5,
        ":-P": 0.5, ":p": 0.5, "<3": 2, "xD": 1, "\\o/": 2,
        ":(": -1.5, ":-(": -1.5, "=(": -1.5, ":((": -2, ";(": -1.5, ";-(": -1.5, ":'(": -2, ":/": -1, ":-/": -1,
        ":\\": -1, ":-\\": -1, ":|": -1, ":-|": -1, ">:(": -3, "</3": -2, "-_-": -1, "D:": -1,
    ]

    private static let emoji: [Unicode.Scalar: Double] = [
        "😀": 1, "😃": 1, "😄": 1, "😁": 1, "😊": 1, "🙂": 0.75, "😉": 0.5, "😍": 2, "🤩": 2, "😂": 1, "👍": 1, "👏": 2, "🎉": 2,
        "🙌": 2, "🥳": 2, "🙏": 1, "❤": 2, "💚": 1, "💪": 1, "🚀": 1,
        "🙁": -1.5, "☹": -1.5, "😞": -1.5, "😟": -1.5, "😢": -2, "😭": -2, "😠": -3, "😡": -3, "🤬": -3, "😤": -2, "😩": -2,
        "😫": -2, "😒": -1.5, "🙄": -1.5, "😱": -1.5, "🤦": -1.5, "👎": -2, "💩": -2, "😬": -1,
    ]

    /// The strongest of each side. A typed face must stand between white space, or at the end of a word's punctuation
    /// ("thanks :)", "done.:-)"), so that times, paths and code do not count.
    static func tone(of text: String) -> Tone {
        var tone = Tone()
        for part in text.split(whereSeparator: \.isWhitespace) where part.utf8.count <= 32 {
            let face = part.drop { $0 == "." || $0 == "," || $0 == "!" || $0 == "(" }
            let bare = face.hasSuffix(".") || face.hasSuffix(",") ? face.dropLast() : face
            if let weight = typed[String(bare)] ?? typed[String(part)] { tone.add(weight) }
        }
        for scalar in text.unicodeScalars where scalar.value >= 0x2600 {
            if let weight = emoji[scalar] { tone.add(weight) }
        }
        return tone
    }
}
