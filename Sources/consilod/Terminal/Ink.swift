import Foundation
import Glibc

/// Colours of text on a terminal; none elsewhere, nor where the reader wants none (`NO_COLOR`, <https://no-color.org>).
struct Ink: Sendable {
    /// What a text says, and so its colour.
    enum Tone: String, Sendable {
        /// Red.
        case high = "31"
        /// Yellow.
        case medium = "33"
        /// Green.
        case low = "32"
        /// Beside the matter.
        case faint = "2"
        case strong = "1"
    }

    let isColored: Bool

    /// For the standard output of this process.
    static var standardOutput: Ink {
        Ink(isTerminal: isTerminal, environment: ProcessInfo.processInfo.environment)
    }

    /// Whether somebody looks at the standard output.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    init(isTerminal: Bool, environment: [String: String]) {
        let wantsNone = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        isColored = isTerminal && !wantsNone
    }

    func callAsFunction(_ text: String, _ tone: Tone) -> String {
        isColored ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// In the colour of a band by its name.
    func callAsFunction(_ text: String, band: String) -> String { self(text, Tone(band: band)) }

    /// In the colour of more risk or of less.
    func callAsFunction(_ text: String, change: Int) -> String {
        change == 0 ? text : self(text, change > 0 ? .high : .low)
    }
}

extension Ink.Tone {
    /// Of a band as the API names it.
    init(band: String) {
        self =
            switch band {
            case "high": .high
            case "medium": .medium
            default: .low
            }
    }
}

/// Numbers and texts in columns.
enum Column {
    /// At the right of a column.
    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// At the left of a column.
    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// At most `width` characters; a cut ends in `…`.
    static func cut(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : "\(text.prefix(max(0, width - 1)))…"
    }

    /// `+15`, `-3`, `0`.
    static func signed(_ number: Int) -> String { number > 0 ? "+\(number)" : "\(number)" }

    /// Scores from 0 to 100 as a line of bars, one for each.
    static func bars(_ scores: [Int]) -> String {
        let levels = Array("▁▂▃▄▅▆▇█")
        return String(scores.map { levels[min(levels.count - 1, max(0, $0) * levels.count / 101)] })
    }

    /// `2026-11-24 13:00` of an instant as the API writes it.
    static func minute(_ instant: String) -> String { String(instant.prefix(16)).replacing("T", with: " ") }
}
