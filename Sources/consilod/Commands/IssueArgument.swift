import ArgumentParser
import Domain
import Foundation

/// What commands about one issue have in common.
enum IssueArgument {
    /// Throws `ValidationError` for what cannot be the key of an issue, before it becomes part of an address.
    static func check(_ key: String) throws {
        guard key.wholeMatch(of: /[A-Za-z][A-Za-z0-9_]*-[0-9]+/) != nil else {
            throw ValidationError("\(key) is not the key of an issue, as PAY-12")
        }
    }

    /// An instant as the API takes it: an instant with its offset, or how long ago as 7d or 24h. Nil for anything else.
    static func instant(_ text: String, now: Date = Date()) -> String? {
        if let seconds = Span.seconds(text) {
            let milliseconds = Int64(now.timeIntervalSince1970 * 1000) - Int64(seconds) * 1000
            return Timestamp(milliseconds: milliseconds).description
        }
        return Timestamp(text)?.description
    }
}

/// A factor as the daemon's API shows it.
struct ShownFactor: Decodable, Sendable {
    var name: String
    var points: Int
    var cap: Int
    var explanation: String
    var remedy: String?
}

/// A factor with other points after than before, as the daemon's API shows it.
struct ShownMove: Decodable, Sendable {
    var name: String
    var before: Int
    var after: Int

    /// `due date +10`.
    var text: String { "\(name.replacing("_", with: " ")) \(Column.signed(after - before))" }
}

/// Rules and model as the daemon's API shows them.
struct ShownEngine: Decodable, Sendable {
    var scorer: String
    var model: String

    var text: String { "\(scorer), \(model)" }
}

/// A whole analysis as the daemon's API shows it.
struct ShownAnalysis: Decodable, Sendable {
    struct Timeline: Decodable, Sendable {
        var currentStatus: String
    }

    struct Capacity: Decodable, Sendable {
        var assignee: String
    }

    struct Predictions: Decodable, Sendable {
        var recommendedAction: String
    }

    struct Forecast: Decodable, Sendable {
        struct Answer: Decodable, Sendable {
            var sentence: String
        }

        var state: String
        var ageSentence: String?
        var answers: [Answer]
    }

    struct Past: Decodable, Sendable {
        struct Stored: Decodable, Sendable {
            var asOf: String
            var riskScore: Int
            var engine: ShownEngine
            var isEqual: Bool
            var isOtherEngine: Bool
            var differs: [String]
            var factors: [ShownMove]
        }

        var knownFrom: String?
        var stored: Stored?
    }

    var issueKey: String
    var summary: String
    var asOf: String
    var riskScore: Int
    var band: String
    var factors: [ShownFactor]
    var timeline: Timeline
    var capacity: Capacity
    var predictions: Predictions
    var engine: ShownEngine
    var forecast: Forecast?
    var past: Past?

    /// A line for each factor that adds points, the largest first.
    func causes(_ ink: Ink) -> [String] {
        let counted = factors.filter { $0.points > 0 }.sorted { ($1.points, $0.name) < ($0.points, $1.name) }
        guard !counted.isEmpty else { return ["  no factor adds points"] }
        return counted.map { factor in
            let points = ink(Column.right(Column.signed(factor.points), 4), change: factor.points)
            let name = Column.left(factor.name.replacing("_", with: " "), 10)
            return "  \(points)  \(name)  \(LogText.safe(factor.explanation, limit: 500))"
        }
    }

    /// Issue, score and band.
    func head(_ ink: Ink) -> String {
        let title = "\(issueKey)  \(summary)"
        return ink(LogText.safe(title, limit: 400), .strong) + "\n" + ink("\(riskScore) \(band)", band: band)
    }
}
