import Domain
import Foundation

/// Moves every instant of a webhook body by one constant, so that a recorded stream can end now.
///
/// Moved are epoch milliseconds under `timestamp`, texts that are a complete ISO 8601 instant, and dates
/// (`YYYY-MM-DD`) by whole days. Texts that merely mention a time stay as they are.
struct TimeShift: Sendable {
    var milliseconds: Int64

    /// The shift that moves `last` to `now`.
    init(moving last: Timestamp, to now: Timestamp) { milliseconds = now.milliseconds - last.milliseconds }

    /// The moved body. Throws when the body is not a JSON document.
    func apply(to body: [UInt8]) throws -> [UInt8] {
        let document = try JSONSerialization.jsonObject(with: Data(body))
        return [UInt8](try JSONSerialization.data(withJSONObject: moved(document), options: [.withoutEscapingSlashes]))
    }

    /// The body's own `timestamp`; nil where it has none.
    static func sentAt(_ body: [UInt8]) -> Timestamp? {
        struct Envelope: Decodable { var timestamp: Int64? }
        return (try? JSONDecoder().decode(Envelope.self, from: Data(body)))?.timestamp.map(
            Timestamp.init(milliseconds:))
    }

    private func moved(_ value: Any, key: String? = nil) -> Any {
        switch value {
        case let object as [String: Any]:
            return Dictionary(uniqueKeysWithValues: object.map { ($0.key, moved($0.value, key: $0.key)) })
        case let array as [Any]:
            return array.map { moved($0) }
        case let text as String:
            return moved(text: text)
        case let number as NSNumber where key == "timestamp":
            return NSNumber(value: number.int64Value + milliseconds)
        default:
            return value
        }
    }

    private func moved(text: String) -> String {
        // Anything else cannot be an instant or a date: keeps long texts out of the parser.
        guard (10...29).contains(text.utf8.count), text.utf8.first.map({ (0x30...0x39).contains($0) }) == true else {
            return text
        }
        if let day = CalendarDay(text) {
            let days = (Double(milliseconds) / 86_400_000).rounded()
            return CalendarDay(daysSinceEpoch: day.daysSinceEpoch + Int(days)).description
        }
        if let instant = Timestamp(text) {
            return instant.adding(milliseconds: milliseconds).description.replacing("Z", with: "+0000")
        }
        return text
    }
}
